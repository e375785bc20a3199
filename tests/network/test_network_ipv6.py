"""IPv6: internet and egress-only gateways, dual-stack names, IPv6 over a gateway endpoint."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, EVERYWHERE_IPV6, Change, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
    nat_gateway,
)
from network_worlds import (
    ACL,
    ENI,
    GROUP,
    IGW,
    PUBLIC,
    VPC,
    egress,
    egress_only_gateway,
    entries,
    prefix_list,
    route,
    route_table,
    subnet,
)

from pytest_vpcep.network import trace_to_address, trace_to_service

INTERNET = "Enable internet access for a VPC using an internet gateway (Amazon VPC User Guide)"
NAT = "NAT gateway basics (Amazon VPC User Guide)"
TABLES = "Subnet route tables (Amazon VPC User Guide)"
EGRESS_ONLY = (
    "Enable outbound IPv6 traffic using an egress-only internet gateway (Amazon VPC User Guide)"
)

CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"
DUAL = "Gateway endpoints: DNS record IP type (AWS PrivateLink Guide)"
OUT = Arrives(IGW, source_ip="54.1.1.1")

NAT_SUBNET = [
    subnet("subnet-n", VPC, "10.0.9.0/24"),
    route_table("rtb-n", VPC, subnets=["subnet-n"]),
    route("rtb-n", "0.0.0.0/0", GatewayId=IGW),
]

IPV6 = [
    put(
        VPC,
        Ipv6CidrBlockAssociationSet=[{"Ipv6CidrBlock": "2600:1f18::/56"}],
    ),
    put(ENI, Ipv6Addresses=[{"Ipv6Address": "2600:1f18::10"}]),
    egress(EVERYWHERE, EVERYWHERE_IPV6),
    entries(
        ACL,
        rule(100, "allow"),
        rule(101, "allow", "::/0"),
        rule(100, "allow", egress=True),
        rule(101, "allow", "::/0", egress=True),
    ),
    route(PUBLIC, "2600:1f18::/56", GatewayId="local"),
]

SIX = "2001:db8::9"
OUT_SIX = Arrives(IGW, source_ip="2600:1f18::10")


CASES = [
    pytest.param(
        SIX, [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW)], OUT_SIX, INTERNET, id="ipv6-internet"
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            egress_only_gateway("eigw-1", VPC),
            route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1"),
        ],
        Arrives("eigw-1", source_ip="2600:1f18::10"),
        EGRESS_ONLY,
        id="ipv6-egress-only",
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            egress_only_gateway("eigw-1", "vpc-2"),
            route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1"),
        ],
        Stops("BAD_STATE_ATTACHMENT", "eigw-1"),
        EGRESS_ONLY,
        id="egress-only-of-another-vpc",
    ),
    pytest.param(
        SIX,
        [*IPV6, route(PUBLIC, "::/0", EgressOnlyInternetGatewayId="eigw-1")],
        Open("DescribeEgressOnlyInternetGateways"),
        EGRESS_ONLY,
        id="egress-only-gateways-not-collected",
    ),
    pytest.param(
        SIX, IPV6, Stops("NO_ROUTE_TO_DESTINATION", PUBLIC), TABLES, id="ipv4-route-for-ipv6"
    ),
    pytest.param(
        SIX,
        [route(PUBLIC, "::/0", GatewayId=IGW)],
        Stops("ENI_ADDRESS_RESTRICTION", ENI),
        CODES,
        id="no-ipv6-address",
    ),
    pytest.param(
        SIX,
        [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW), egress(EVERYWHERE)],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        "Security group rules (Amazon VPC User Guide)",
        id="ipv4-rule-for-ipv6",
    ),
    pytest.param(
        SIX,
        [
            *IPV6,
            *NAT_SUBNET,
            nat_gateway("nat-1", "subnet-n", "10.0.9.9"),
            route(PUBLIC, "::/0", NatGatewayId="nat-1"),
        ],
        Stops("PROTOCOL_RESTRICTION", "eni-nat-1"),
        NAT,
        id="ipv6-over-a-nat-gateway",
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
        "s3.dualstack.us-east-1.amazonaws.com",
        [*IPV6, route(PUBLIC, "::/0", GatewayId=IGW)],
        Open("dual-stack"),
        DUAL,
        id="dual-stack-name-with-two-ways-out",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [],
        OUT,
        DUAL,
        id="dual-stack-name-from-ipv4-only",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            route(PUBLIC, "::/0", GatewayId=IGW),
        ],
        OUT_SIX,
        DUAL,
        id="dual-stack-name-from-ipv6-only",
    ),
    pytest.param(
        "s3",
        None,
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            route(PUBLIC, "::/0", GatewayId=IGW),
        ],
        Open("no IPv4 address"),
        DUAL,
        id="ipv4-name-from-ipv6-only",
    ),
    pytest.param(
        "s3",
        "s3.dualstack.us-east-1.amazonaws.com",
        [
            *IPV6,
            put(ENI, PrivateIpAddresses=[], PrivateIpAddress=None),
            prefix_list("pl-six", "com.amazonaws.us-east-1.ipv6.s3", ["2600:1fa0::/32"]),
            gateway_endpoint(),
            route(PUBLIC, "pl-six", GatewayId="vpce-s3"),
        ],
        Arrives("vpce-s3", "vpce-s3", "2600:1f18::10"),
        DUAL,
        id="ipv6-over-the-gateway-endpoint",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), SERVICES)
def test_ways_to_a_service(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)
