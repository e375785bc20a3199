"""Which route takes a packet: longest prefix, static, prefix list, propagated, blackhole."""

from __future__ import annotations

import pytest
from network_changes import Change, drop
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import (
    gateway_endpoint,
    nat_gateway,
    vpn_gateway,
)
from network_worlds import (
    ENI,
    IGW,
    MAIN,
    PUBLIC,
    SUBNET,
    VPC,
    associate,
    egress_only_gateway,
    no_route,
    prefix_list,
    route,
)

from pytest_vpcep.network import trace_to_address

ROUTES = "How route priority works (Amazon VPC User Guide)"
VPN_ROUTES = "Route tables and AWS Site-to-Site VPN route priority (Site-to-Site VPN User Guide)"
TABLES = "Subnet route tables (Amazon VPC User Guide)"
OUT = Arrives(IGW, source_ip="54.1.1.1")
ANYWHERE = "203.0.113.9"

TO_NAT = [
    no_route(PUBLIC, "0.0.0.0/0"),
    route(PUBLIC, "0.0.0.0/0", NatGatewayId="nat-1"),
]


CASES = [
    pytest.param(
        ANYWHERE,
        [drop("DescribeRouteTables")],
        Open("no route table of subnet-1"),
        TABLES,
        id="route-tables-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [route(PUBLIC, "203.0.113.0/24", NatGatewayId="nat-x", State="blackhole")],
        Stops("BAD_STATE_ROUTE", PUBLIC),
        ROUTES,
        id="more-specific-blackhole-wins",
    ),
    pytest.param(
        "198.51.100.1",
        [route(PUBLIC, "203.0.113.0/24", NatGatewayId="nat-x", State="blackhole")],
        OUT,
        ROUTES,
        id="blackhole-for-others",
    ),
    pytest.param(
        ANYWHERE,
        [
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            route(PUBLIC, "203.0.113.0/24", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="static-before-propagated",
    ),
    pytest.param(
        ANYWHERE,
        [
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            vpn_gateway("vgw-1", VPC),
        ],
        Open("vgw-1"),
        ROUTES,
        id="more-specific-propagated-before-static",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-o", "office", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "203.0.113.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation"),
            route(PUBLIC, "pl-o", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="prefix-list-before-propagated",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-o", "office", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "203.0.113.0/24", GatewayId=IGW),
            route(PUBLIC, "pl-o", NatGatewayId="nat-1"),
            nat_gateway("nat-1", SUBNET, "10.0.0.9"),
        ],
        OUT,
        ROUTES,
        id="static-before-prefix-list",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/24"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", EgressOnlyInternetGatewayId="eigw-1"),
            egress_only_gateway("eigw-1", VPC),
        ],
        Open("several ways"),
        ROUTES,
        id="two-prefix-lists-to-two-targets",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/24"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="two-prefix-lists-to-one-target",
    ),
    pytest.param(
        ANYWHERE,
        [
            prefix_list("pl-a", "a", ["203.0.113.0/25"], owner="1"),
            prefix_list("pl-b", "b", ["203.0.113.0/24"], owner="1"),
            route(PUBLIC, "pl-a", GatewayId=IGW),
            route(PUBLIC, "pl-b", NatGatewayId="nat-gone", State="blackhole"),
        ],
        OUT,
        ROUTES,
        id="more-specific-prefix-list",
    ),
    pytest.param(
        "10.0.5.5",
        [route(PUBLIC, "10.0.5.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation")],
        Stops("NO_POSSIBLE_DESTINATION", VPC),
        VPN_ROUTES,
        id="local-before-a-more-specific-propagated-route",
    ),
    pytest.param(
        ANYWHERE,
        [associate(MAIN, SUBNET), route(MAIN, "0.0.0.0/0", GatewayId=IGW)],
        OUT,
        TABLES,
        id="main-table",
    ),
    pytest.param(
        ANYWHERE,
        [route(PUBLIC, "::/0", GatewayId=IGW), no_route(PUBLIC, "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        TABLES,
        id="ipv6-route-for-ipv4",
    ),
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1"), vpn_gateway("vgw-1", VPC)],
        Open("outside AWS"),
        VPN_ROUTES,
        id="leaves-aws",
    ),
    pytest.param(
        "10.99.0.1",
        [route(PUBLIC, "10.99.0.0/16", GatewayId="vgw-1")],
        Open("DescribeVpnGateways"),
        VPN_ROUTES,
        id="virtual-private-gateways-not-collected",
    ),
    pytest.param(
        ANYWHERE,
        [
            *TO_NAT,
            nat_gateway("nat-1", SUBNET, "10.0.0.9"),
            route(PUBLIC, f"{ANYWHERE}/32", GatewayId=IGW),
        ],
        OUT,
        ROUTES,
        id="more-specific-than-the-nat-gateway",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_ways_to_an_address(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=443), page)


def test_an_address_of_s3_goes_over_the_gateway_endpoint() -> None:
    path = trace_to_address(
        changed(gateway_endpoint(tables=(PUBLIC,))), ENI, "52.216.0.1", port=443
    )
    Arrives("vpce-s3", "vpce-s3", "10.0.0.10").check(path, ROUTES)
