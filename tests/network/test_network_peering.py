"""Paths over VPC peering connections, which lead to the other VPC and no further."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, drop, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import nat_gateway, peering
from network_worlds import (
    ENI,
    GROUP,
    PUBLIC,
    VPC,
    acl,
    egress,
    ingress,
    instance,
    no_route,
    route,
    route_table,
    security_group,
    subnet,
    vpc,
)

from pytest_vpcep.network import trace_to_address

HOW = "How VPC peering connections work (VPC Peering Guide)"
LIMITS = "VPC peering limitations (VPC Peering Guide)"
GROUPS = "Update your security groups to reference peer security groups (VPC Peering Guide)"
CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"

NEIGHBOUR = [
    vpc("vpc-2", "10.2.0.0/16"),
    subnet("subnet-2", "vpc-2", "10.2.0.0/24"),
    route_table("rtb-2", "vpc-2", main=True),
    acl("acl-2", "vpc-2", default=True),
    security_group(
        "sg-2", "vpc-2", ingress=[permission("tcp", 80, cidr="10.0.0.0/16")], egress=[EVERYWHERE]
    ),
    instance("i-2", "eni-2", "subnet-2", "vpc-2", "10.2.0.20", groups=["sg-2"]),
]

SIDES = ((VPC, "10.0.0.0/16"), ("vpc-2", "10.2.0.0/16"))

PEERED = [
    *NEIGHBOUR,
    peering("pcx-1", *SIDES),
    route(PUBLIC, "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
    route("rtb-2", "10.0.0.0/16", VpcPeeringConnectionId="pcx-1"),
]

THERE = "10.2.0.20"
OVER = Arrives("pcx-1", source_ip="10.0.0.10")
BY_GROUP = ingress(permission("tcp", 80, group=GROUP), group="sg-2")


CASES = [
    pytest.param(THERE, PEERED, OVER, HOW, id="peered"),
    pytest.param(
        THERE,
        [*PEERED, put("pcx-1", Status={"Code": "pending-acceptance"})],
        Stops("BAD_STATE", "pcx-1"),
        HOW,
        id="not-accepted",
    ),
    pytest.param(
        THERE,
        [*PEERED, put("pcx-1", Status={"Code": "deleted"})],
        Stops("BAD_STATE", "pcx-1"),
        HOW,
        id="deleted",
    ),
    pytest.param(
        THERE,
        [
            *PEERED,
            no_route("rtb-2", "10.0.0.0/16"),
            route("rtb-2", "10.0.0.0/16", GatewayId="vgw-9"),
        ],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-2"),
        HOW,
        id="way-back-by-another-gateway",
    ),
    pytest.param(
        THERE,
        [*PEERED, no_route("rtb-2", "10.0.0.0/16")],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-2"),
        HOW,
        id="no-way-back",
    ),
    pytest.param(
        THERE,
        [
            *PEERED,
            no_route("rtb-2", "10.0.0.0/16"),
            route("rtb-2", "10.0.0.0/24", VpcPeeringConnectionId="pcx-1"),
        ],
        OVER,
        HOW,
        id="way-back-to-the-subnet-only",
    ),
    pytest.param(
        THERE,
        [*PEERED, no_route(PUBLIC, "10.2.0.0/16")],
        Stops("IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", "igw-1"),
        HOW,
        id="no-way-there",
    ),
    pytest.param(
        "10.2.0.99", PEERED, Stops("NO_POSSIBLE_DESTINATION", "vpc-2"), CODES, id="no-such-address"
    ),
    pytest.param(
        "203.0.113.9",
        [*PEERED, route(PUBLIC, "203.0.113.0/24", VpcPeeringConnectionId="pcx-1")],
        Stops("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx-1"),
        LIMITS,
        id="no-edge-to-edge-routing-to-the-internet",
    ),
    pytest.param(
        "10.3.0.5",
        [
            *PEERED,
            route(PUBLIC, "10.3.0.0/16", VpcPeeringConnectionId="pcx-1"),
            vpc("vpc-3", "10.3.0.0/16"),
            peering("pcx-2", ("vpc-2", "10.2.0.0/16"), ("vpc-3", "10.3.0.0/16")),
            route("rtb-2", "10.3.0.0/16", VpcPeeringConnectionId="pcx-2"),
        ],
        Stops("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx-1"),
        LIMITS,
        id="peering-is-not-transitive",
    ),
    pytest.param(
        THERE,
        [*PEERED, ingress(group="sg-2")],
        Stops("SG_HAS_NO_RULES", "sg-2"),
        HOW,
        id="group-there-lets-nothing-in",
    ),
    pytest.param(
        THERE,
        [*PEERED, acl("acl-3", "vpc-2", subnets=["subnet-2"], entries=[rule(100, "allow")])],
        Stops("SUBNET_ACL_RESTRICTION", "acl-3"),
        HOW,
        id="acl-there-keeps-answers-in",
    ),
    pytest.param(THERE, [*PEERED, BY_GROUP], OVER, GROUPS, id="group-referenced-across"),
    pytest.param(
        THERE,
        [*PEERED, egress(permission("tcp", 80, group="sg-2"))],
        OVER,
        GROUPS,
        id="group-referenced-across-outbound",
    ),
    pytest.param(
        THERE,
        [
            *NEIGHBOUR,
            peering("pcx-1", *SIDES, accepter_region="eu-west-1"),
            route(PUBLIC, "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
            route("rtb-2", "10.0.0.0/16", VpcPeeringConnectionId="pcx-1"),
            BY_GROUP,
        ],
        Stops("ENI_SG_RULES_MISMATCH", "sg-2"),
        GROUPS,
        id="no-group-references-between-regions",
    ),
    pytest.param(
        THERE,
        [
            peering("pcx-1", *SIDES),
            route(PUBLIC, "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
        ],
        Open("vpc-2"),
        HOW,
        id="other-vpc-not-in-the-snapshot",
    ),
    pytest.param(
        THERE,
        [*PEERED, drop("DescribeVpcPeeringConnections")],
        Open("DescribeVpcPeeringConnections"),
        HOW,
        id="peering-connections-not-collected",
    ),
    pytest.param(
        THERE,
        [
            *PEERED,
            no_route(PUBLIC, "10.2.0.0/16"),
            route(PUBLIC, "10.2.0.0/16", NatGatewayId="nat-1"),
            subnet("subnet-n", VPC, "10.0.9.0/24"),
            route_table("rtb-n", VPC, subnets=["subnet-n"]),
            route("rtb-n", "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
            nat_gateway("nat-1", "subnet-n", "10.0.9.9", public=None),
        ],
        Arrives("nat-1", source_ip="10.0.9.9"),
        "NAT gateway use cases (Amazon VPC User Guide)",
        id="private-nat-gateway-to-a-peered-vpc",
    ),
    pytest.param(
        "10.0.3.20",
        [
            subnet("subnet-n", VPC, "10.0.9.0/24"),
            route_table("rtb-n", VPC, subnets=["subnet-n"]),
            subnet("subnet-3", VPC, "10.0.3.0/24"),
            security_group("sg-d", VPC, name="default", egress=[EVERYWHERE]),
            security_group("sg-3", VPC, ingress=[permission("tcp", 80, group="sg-d")]),
            instance("i-3", "eni-3", "subnet-3", VPC, "10.0.3.20", groups=["sg-3"]),
            route(PUBLIC, "10.0.3.0/24", NatGatewayId="nat-1"),
            nat_gateway("nat-1", "subnet-n", "10.0.9.9", public=None),
        ],
        Stops("ENI_SG_RULES_MISMATCH", "sg-3"),
        "NAT gateway basics (Amazon VPC User Guide)",
        id="a-nat-gateway-has-no-security-group",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_path_to_another_vpc(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=80), page)
