"""Out over internet gateways, to addresses and services; virtual private gateways; states."""

from __future__ import annotations

import pytest
from network_changes import Change, drop, permission, put
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
    vpn_gateway,
)
from network_worlds import (
    ENI,
    GROUP,
    IGW,
    INSTANCE,
    PUBLIC,
    SUBNET,
    VPC,
    instance,
    internet_gateway,
    no_route,
    route,
    security_group,
)

from pytest_vpcep.network import trace_to_address, trace_to_service

INTERNET = "Enable internet access for a VPC using an internet gateway (Amazon VPC User Guide)"
CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"
STATE = "Instance lifecycle (Amazon EC2 User Guide)"
OUT = Arrives(IGW, source_ip="54.1.1.1")
ANYWHERE = "203.0.113.9"


CASES = [
    pytest.param(ANYWHERE, [], OUT, INTERNET, id="internet-gateway"),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="internet-gateway-detached",
    ),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[{"VpcId": "vpc-2", "State": "available"}])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="internet-gateway-of-another-vpc",
    ),
    pytest.param(
        ANYWHERE,
        [put(IGW, Attachments=[{"VpcId": VPC, "State": "detaching"}])],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        CODES,
        id="internet-gateway-being-detached",
    ),
    pytest.param(
        ANYWHERE,
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "0.0.0.0/0", GatewayId="igw-gone")],
        Stops("BAD_STATE_ROUTE", "igw-gone"),
        CODES,
        id="internet-gateway-that-is-gone",
    ),
    pytest.param(
        ANYWHERE,
        [drop("DescribeInternetGateways")],
        Open("DescribeInternetGateways"),
        INTERNET,
        id="internet-gateways-not-collected",
    ),
    pytest.param(
        "10.200.0.1",
        [],
        Stops("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", IGW),
        CODES,
        id="private-destination-over-an-internet-gateway",
    ),
    pytest.param(
        "100.64.0.1",
        [],
        Stops("IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", IGW),
        CODES,
        id="shared-destination-over-an-internet-gateway",
    ),
    pytest.param(
        ANYWHERE,
        [drop("DescribeInstances")],
        Open("whether i-1 runs"),
        STATE,
        id="instances-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [put(INSTANCE, State={"Name": "stopped"})],
        Stops("BAD_STATE", INSTANCE),
        STATE,
        id="instance-stopped",
    ),
    pytest.param(
        ANYWHERE,
        [put(INSTANCE, State={"Name": "shutting-down"})],
        Stops("BAD_STATE", INSTANCE),
        STATE,
        id="instance-shutting-down",
    ),
    pytest.param(
        ANYWHERE,
        [put(ENI, Status="available", Attachment=None)],
        Stops("BAD_STATE_ATTACHMENT", ENI),
        CODES,
        id="interface-attached-to-nothing",
    ),
    pytest.param(
        ANYWHERE,
        [put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None)],
        Stops("ENI_ADDRESS_RESTRICTION", ENI),
        CODES,
        id="interface-without-an-address",
    ),
    pytest.param(
        ANYWHERE,
        [no_route(PUBLIC, "0.0.0.0/0"), route(PUBLIC, "0.0.0.0/0", LocalGatewayId="lgw-1")],
        Open("lgw-1"),
        "Local gateway route tables (AWS Outposts User Guide)",
        id="local-gateway-not-traced",
    ),
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1"), vpn_gateway("vgw-1", None)],
        Stops("BAD_STATE_ATTACHMENT", "vgw-1"),
        CODES,
        id="virtual-private-gateway-detached",
    ),
    pytest.param(
        "54.7.7.7",
        [
            security_group("sg-7", VPC, ingress=[permission("tcp", 443, cidr="54.1.1.1/32")]),
            instance("i-7", "eni-7", SUBNET, VPC, "10.0.0.77", public="54.7.7.7", groups=["sg-7"]),
        ],
        OUT,
        INTERNET,
        id="another-instance-by-its-public-address",
    ),
    pytest.param(
        "54.7.7.7",
        [
            security_group("sg-7", VPC, ingress=[permission("tcp", 443, group=GROUP)]),
            instance("i-7", "eni-7", SUBNET, VPC, "10.0.0.77", public="54.7.7.7", groups=["sg-7"]),
        ],
        Stops("ENI_SG_RULES_MISMATCH", "sg-7"),
        "Security group rules (Amazon VPC User Guide)",
        id="group-references-match-private-addresses-only",
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
        [put("igw-1", Attachments=[]), internet_gateway("igw-2", VPC)],
        Stops("BAD_STATE_ATTACHMENT", IGW),
        INTERNET,
        id="route-to-the-gateway-that-was-replaced",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), SERVICES)
def test_ways_to_a_service(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)


def test_udp_is_not_for_a_gateway_endpoint() -> None:
    path = trace_to_address(
        changed(gateway_endpoint(tables=(PUBLIC,))), ENI, "52.216.0.1", port=443, protocol="udp"
    )
    Stops("VPCE_GATEWAY_PROTOCOL_RESTRICTION", "vpce-s3").check(path, CODES)
