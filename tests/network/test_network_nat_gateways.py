"""NAT gateways, public and private, each with its own subnet, routes and network ACL."""

from __future__ import annotations

import pytest
from network_changes import Change, drop, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
    interface_endpoint,
    nat_gateway,
)
from network_worlds import (
    ENI,
    IGW,
    PUBLIC,
    SUBNET,
    VPC,
    acl,
    no_route,
    route,
    route_table,
    security_group,
    subnet,
)

from pytest_vpcep.network import trace_to_address, trace_to_service

NAT = "NAT gateway basics (Amazon VPC User Guide)"
NAT_ACL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
NAT_ENDPOINT = (
    "Gateway endpoints (AWS PrivateLink Guide); NAT gateways (older Amazon VPC User Guide)"
)

ANYWHERE = "203.0.113.9"

TO_NAT = [
    no_route(PUBLIC, "0.0.0.0/0"),
    route(PUBLIC, "0.0.0.0/0", NatGatewayId="nat-1"),
]

NAT_SUBNET = [
    subnet("subnet-n", VPC, "10.0.9.0/24"),
    route_table("rtb-n", VPC, subnets=["subnet-n"]),
    route("rtb-n", "0.0.0.0/0", GatewayId=IGW),
]

BEHIND_NAT = [*TO_NAT, *NAT_SUBNET, nat_gateway("nat-1", "subnet-n", "10.0.9.9")]
OVER_NAT = Arrives("nat-1", source_ip="54.9.9.9")


CASES = [
    pytest.param(ANYWHERE, BEHIND_NAT, OVER_NAT, NAT, id="public-nat-gateway"),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put(ENI, PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.10"}])],
        OVER_NAT,
        NAT,
        id="behind-nat-no-public-address-is-needed",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put("nat-1", State="failed")],
        Stops("BAD_STATE", "nat-1"),
        NAT,
        id="nat-gateway-failed",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, put("nat-1", State="deleted")],
        Stops("BAD_STATE", "nat-1"),
        NAT,
        id="nat-gateway-deleted-but-listed",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, *NAT_SUBNET],
        Stops("BAD_STATE_ROUTE", "nat-1"),
        NAT,
        id="nat-gateway-that-is-gone",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, drop("DescribeNatGateways")],
        Open("DescribeNatGateways"),
        NAT,
        id="nat-gateways-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, no_route("rtb-n", "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-n"),
        "Troubleshoot NAT gateways (Amazon VPC User Guide)",
        id="nat-gateway-in-a-private-subnet",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, nat_gateway("nat-1", SUBNET, "10.0.0.9")],
        Stops("NO_POSSIBLE_DESTINATION", "nat-1"),
        "Troubleshoot NAT gateways (Amazon VPC User Guide)",
        id="nat-gateway-whose-subnet-routes-to-itself",
    ),
    pytest.param(
        ANYWHERE,
        [*TO_NAT, *NAT_SUBNET, nat_gateway("nat-1", "subnet-n", "10.0.9.9", public=None)],
        Stops("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "eni-nat-1"),
        NAT,
        id="private-nat-gateway-before-an-internet-gateway",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl("acl-n", VPC, subnets=["subnet-n"], entries=[rule(100, "allow", egress=True)]),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-n"),
        NAT_ACL,
        id="nat-subnet's-acl-lets-nothing-in",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow", "10.0.0.0/24", protocol="6", ports=(443, 443)),
                    rule(110, "allow", protocol="6", ports=(1024, 65535)),
                    rule(100, "allow", egress=True, protocol="6", ports=(443, 443)),
                    rule(
                        110, "allow", "10.0.0.0/24", egress=True, protocol="6", ports=(1024, 65535)
                    ),
                ],
            ),
        ],
        OVER_NAT,
        NAT_ACL,
        id="nat-subnet's-acl-with-just-enough",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow", "10.0.0.0/24", protocol="6", ports=(443, 443)),
                    rule(110, "allow", protocol="6", ports=(32768, 65535)),
                    rule(100, "allow", egress=True),
                ],
            ),
        ],
        Open("in part only"),
        NAT_ACL,
        id="nat-gateways-use-ports-from-1024",
    ),
    pytest.param(
        ANYWHERE,
        [
            *BEHIND_NAT,
            acl(
                "acl-n",
                VPC,
                subnets=["subnet-n"],
                entries=[
                    rule(100, "allow"),
                    rule(100, "deny", "203.0.113.0/24", egress=True),
                    rule(110, "allow", egress=True),
                ],
            ),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-n"),
        NAT_ACL,
        id="nat-subnet's-acl-denies-the-destination",
    ),
    pytest.param(
        ANYWHERE,
        [*BEHIND_NAT, drop("DescribeSubnets")],
        OVER_NAT,
        NAT,
        id="subnets-not-collected",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_ways_to_an_address(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=443), page)


SERVICES = [
    pytest.param("s3", None, BEHIND_NAT, OVER_NAT, NAT, id="s3-over-nat"),
    pytest.param("sts", None, BEHIND_NAT, OVER_NAT, NAT, id="sts-over-nat"),
    pytest.param(
        "s3",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=(PUBLIC,))],
        Arrives("vpce-s3", "vpce-s3", "10.0.0.10"),
        NAT_ENDPOINT,
        id="s3-past-the-nat-gateway-by-the-endpoint",
    ),
    pytest.param(
        "sts",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=(PUBLIC,))],
        OVER_NAT,
        NAT_ENDPOINT,
        id="sts-still-over-nat",
    ),
    pytest.param(
        "s3",
        None,
        [*BEHIND_NAT, gateway_endpoint(tables=("rtb-n",))],
        Open("may go on over gateway endpoint vpce-s3"),
        NAT_ENDPOINT,
        id="endpoint-in-the-nat-gateway's-table-only",
    ),
    pytest.param(
        "sts",
        None,
        [
            *BEHIND_NAT,
            security_group("sg-e", VPC, ingress=[permission("tcp", 443, cidr="10.0.0.0/16")]),
            interface_endpoint(
                "vpce-sts", "sts", ("eni-e", "subnet-n", "10.0.9.50"), groups=["sg-e"]
            ),
        ],
        Arrives("vpce-sts", "vpce-sts", "10.0.0.10"),
        "Access an AWS service using an interface VPC endpoint (AWS PrivateLink Guide)",
        id="interface-endpoint-before-nat",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), SERVICES)
def test_ways_to_a_service(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)
