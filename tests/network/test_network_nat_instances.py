"""NAT instances and other appliances that routes lead to."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, all_of, permission, put
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
)
from network_worlds import (
    ENI,
    IGW,
    PUBLIC,
    VPC,
    egress,
    ingress,
    instance,
    no_route,
    route,
    route_table,
    security_group,
    subnet,
)

from pytest_vpcep.network import trace_to_address, trace_to_service

NAT_INSTANCE = "NAT instances (Amazon VPC User Guide)"
MIDDLEBOX = "Middlebox routing scenarios (Amazon VPC User Guide)"
ANYWHERE = "203.0.113.9"

NAT_SUBNET = [
    subnet("subnet-n", VPC, "10.0.9.0/24"),
    route_table("rtb-n", VPC, subnets=["subnet-n"]),
    route("rtb-n", "0.0.0.0/0", GatewayId=IGW),
]


def nat_instance(*, check: bool = False, state: str = "running", ingress_port: int = 443) -> Change:
    """A NAT instance in its own public subnet, and the route to it."""
    return all_of(
        no_route(PUBLIC, "0.0.0.0/0"),
        route(PUBLIC, "0.0.0.0/0", InstanceId="i-nat"),
        *NAT_SUBNET,
        security_group(
            "sg-n",
            VPC,
            ingress=[permission("tcp", ingress_port, cidr="10.0.0.0/16")],
            egress=[permission("tcp", 443, cidr="0.0.0.0/0")],
        ),
        instance(
            "i-nat",
            "eni-nat",
            "subnet-n",
            VPC,
            "10.0.9.8",
            public="54.8.8.8",
            groups=["sg-n"],
            check=check,
            state=state,
        ),
    )


CASES = [
    pytest.param(
        ANYWHERE,
        [
            no_route(PUBLIC, "0.0.0.0/0"),
            route(PUBLIC, "0.0.0.0/0", InstanceId="i-nat", NetworkInterfaceId="eni-nat"),
            *NAT_SUBNET,
            security_group(
                "sg-n", VPC, ingress=[permission("-1", cidr="10.0.0.0/16")], egress=[EVERYWHERE]
            ),
            instance(
                "i-nat",
                "eni-nat",
                "subnet-n",
                VPC,
                "10.0.9.8",
                public="54.8.8.8",
                groups=["sg-n"],
                check=False,
            ),
        ],
        Arrives("i-nat", source_ip="54.8.8.8"),
        NAT_INSTANCE,
        id="nat-instance",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance()],
        Arrives("i-nat", source_ip="54.8.8.8"),
        NAT_INSTANCE,
        id="nat-instance-named-by-instance-only",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(check=True)],
        Stops("ENI_SOURCE_DEST_CHECK_RESTRICTION", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-with-source-destination-check",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(state="stopped")],
        Stops("BAD_STATE", "i-nat"),
        NAT_INSTANCE,
        id="nat-instance-stopped",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(ingress_port=80)],
        Stops("ENI_SG_RULES_MISMATCH", "sg-n"),
        NAT_INSTANCE,
        id="nat-instance's-group-lets-nothing-in",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(), egress(permission("tcp", 80, cidr="0.0.0.0/0"), group="sg-n")],
        Stops("ENI_SG_RULES_MISMATCH", "sg-n"),
        NAT_INSTANCE,
        id="nat-instance's-group-lets-nothing-out",
    ),
    pytest.param(
        ANYWHERE,
        [nat_instance(), put("eni-nat", PrivateIpAddresses=[{"PrivateIpAddress": "10.0.9.8"}])],
        Stops("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-without-a-public-address",
    ),
    pytest.param(
        ANYWHERE,
        [
            nat_instance(),
            no_route("rtb-n", "0.0.0.0/0"),
            route("rtb-n", "0.0.0.0/0", NetworkInterfaceId="eni-nat"),
        ],
        Stops("NO_POSSIBLE_DESTINATION", "eni-nat"),
        NAT_INSTANCE,
        id="nat-instance-whose-subnet-routes-to-itself",
    ),
    pytest.param(
        "10.0.5.5",
        [
            nat_instance(),
            ingress(EVERYWHERE, group="sg-n"),
            subnet("subnet-5", VPC, "10.0.5.0/24"),
            instance("i-5", "eni-5", "subnet-5", VPC, "10.0.5.5", groups=["sg-n"]),
            route(PUBLIC, "10.0.5.0/24", NetworkInterfaceId="eni-nat"),
        ],
        Open("up to its software"),
        MIDDLEBOX,
        id="more-specific-subnet-route-to-a-middlebox",
    ),
    pytest.param(
        "10.0.5.5",
        [
            subnet("subnet-5", VPC, "10.0.5.0/24"),
            security_group("sg-5", VPC, ingress=[EVERYWHERE], egress=[EVERYWHERE]),
            instance("i-5", "eni-5", "subnet-5", VPC, "10.0.5.5", groups=["sg-5"]),
            route_table("rtb-5", VPC, subnets=["subnet-5"]),
            route("rtb-5", "10.0.0.0/24", NetworkInterfaceId="eni-fw"),
        ],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-5"),
        MIDDLEBOX,
        id="answers-would-go-to-a-middlebox",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_ways_to_an_address(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=443), page)


SERVICES = [
    pytest.param(
        "s3",
        None,
        [nat_instance(), gateway_endpoint(tables=("rtb-n",))],
        Arrives("vpce-s3", "vpce-s3", "10.0.9.8"),
        NAT_INSTANCE,
        id="endpoint-in-the-nat-instance's-table",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), SERVICES)
def test_ways_to_a_service(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)
