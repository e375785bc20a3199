"""Paths over transit gateways, from VPC to VPC."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, drop, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_neighbours import transit_attachment, transit_route
from network_worlds import (
    ENI,
    GROUP,
    PUBLIC,
    SUBNET,
    VPC,
    acl,
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

TRANSIT = "How AWS Transit Gateway works (AWS Transit Gateway guide)"
ATTACH = "Amazon VPC attachments in AWS Transit Gateway (AWS Transit Gateway guide)"
TRANSIT_ACL = "Network ACLs for transit gateways (AWS Transit Gateway guide)"
TRANSIT_GROUPS = "Introducing security group referencing for AWS Transit Gateway (AWS blog)"
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

THERE = "10.2.0.20"
BY_GROUP = ingress(permission("tcp", 80, group=GROUP), group="sg-2")

ATTACHED = [
    *NEIGHBOUR,
    transit_attachment("tgw-attach-1", "tgw-1", VPC, subnets=[SUBNET]),
    transit_attachment("tgw-attach-2", "tgw-1", "vpc-2", subnets=["subnet-2"]),
    transit_route("tgw-rtb-1", "10.0.0.0/16", "tgw-attach-1"),
    transit_route("tgw-rtb-1", "10.2.0.0/16", "tgw-attach-2"),
    route(PUBLIC, "10.2.0.0/16", TransitGatewayId="tgw-1"),
    route("rtb-2", "10.0.0.0/16", TransitGatewayId="tgw-1"),
]

ACROSS = Arrives("tgw-1", source_ip="10.0.0.10")

OWN_SUBNET = [
    *NEIGHBOUR,
    subnet("subnet-t", VPC, "10.0.4.0/28"),
    transit_attachment("tgw-attach-1", "tgw-1", VPC, subnets=["subnet-t"]),
    transit_attachment("tgw-attach-2", "tgw-1", "vpc-2", subnets=["subnet-2"], references=True),
    transit_route("tgw-rtb-1", "10.0.0.0/16", "tgw-attach-1"),
    transit_route("tgw-rtb-1", "10.2.0.0/16", "tgw-attach-2"),
    route(PUBLIC, "10.2.0.0/16", TransitGatewayId="tgw-1"),
    route("rtb-2", "10.0.0.0/16", TransitGatewayId="tgw-1"),
]


CASES = [
    pytest.param(THERE, ATTACHED, ACROSS, TRANSIT, id="transit"),
    pytest.param(
        THERE,
        [*ATTACHED, put("tgw-attach-1", State="pendingAcceptance")],
        Stops("BAD_STATE_ATTACHMENT", "tgw-attach-1"),
        CODES,
        id="transit-attachment-not-accepted",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, put("tgw-attach-1", TransitGatewayId="tgw-9")],
        Stops("BAD_STATE_ATTACHMENT", "tgw-1"),
        CODES,
        id="transit-vpc-attached-to-another-gateway",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, put("tgw-attach-1", Association={})],
        Stops("TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", "tgw-attach-1"),
        CODES,
        id="transit-attachment-without-a-route-table",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, no_route("rtb-2", "10.0.0.0/16")],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-2"),
        TRANSIT,
        id="transit-no-way-back-in-the-vpc",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, put(SUBNET, AvailabilityZone="us-east-1b")],
        ACROSS,
        ATTACH,
        id="transit-attachment-moves-with-its-subnet",
    ),
    pytest.param(
        THERE,
        [
            *ATTACHED,
            transit_route("tgw-rtb-1", "10.2.0.0/24", None, kind="static", state="blackhole"),
        ],
        Stops("TGW_RTB_BAD_STATE_ROUTE", "tgw-rtb-1"),
        TRANSIT,
        id="transit-more-specific-blackhole",
    ),
    pytest.param(
        THERE,
        [
            *ATTACHED,
            transit_attachment("tgw-attach-v", "tgw-1", "vpn-1", subnets=[], kind="vpn"),
            transit_route("tgw-rtb-1", "10.2.0.0/16", "tgw-attach-v", kind="static"),
        ],
        Open("beyond tgw-attach-v"),
        TRANSIT,
        id="transit-static-before-propagated",
    ),
    pytest.param(
        "10.7.0.1",
        [*ATTACHED, route(PUBLIC, "10.7.0.0/16", TransitGatewayId="tgw-1")],
        Stops("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "tgw-rtb-1"),
        CODES,
        id="transit-no-route",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, BY_GROUP],
        Stops("ENI_SG_RULES_MISMATCH", "sg-2"),
        TRANSIT_GROUPS,
        id="transit-group-reference-off",
    ),
    pytest.param(
        "203.0.113.9",
        [
            *ATTACHED,
            no_route(PUBLIC, "0.0.0.0/0"),
            route(PUBLIC, "0.0.0.0/0", TransitGatewayId="tgw-1"),
            transit_route("tgw-rtb-1", "0.0.0.0/0", "tgw-attach-2", kind="static"),
        ],
        Open("not traced"),
        TRANSIT,
        id="transit-to-an-egress-vpc",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, drop("DescribeTransitGatewayAttachments")],
        Open("DescribeTransitGatewayAttachments"),
        TRANSIT,
        id="transit-attachments-not-collected",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, drop("TransitGatewayRoutes")],
        Open("tgw-rtb-1"),
        CODES,
        id="transit-routes-not-collected",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, drop("DescribeTransitGatewayVpcAttachments")],
        Open("Availability Zones"),
        ATTACH,
        id="transit-zones-not-collected",
    ),
    pytest.param(
        THERE,
        [*ATTACHED, acl("acl-3", "vpc-2", subnets=["subnet-2"], entries=[])],
        Open("network ACL a transit gateway's traffic meets"),
        TRANSIT_ACL,
        id="transit-attachment-and-target-in-one-closed-subnet",
    ),
    pytest.param(THERE, OWN_SUBNET, ACROSS, ATTACH, id="transit-attachment-in-its-own-subnet"),
    pytest.param(
        THERE,
        [*OWN_SUBNET, put(SUBNET, AvailabilityZone="us-east-1b")],
        Stops("TGW_ROUTE_AZ_RESTRICTION", "tgw-attach-1"),
        ATTACH,
        id="transit-attachment-in-another-zone",
    ),
    pytest.param(
        THERE,
        [*OWN_SUBNET, acl("acl-t", VPC, subnets=["subnet-t"], entries=[])],
        Stops("SUBNET_ACL_RESTRICTION", "acl-t"),
        TRANSIT_ACL,
        id="transit-subnet's-acl-lets-nothing-in",
    ),
    pytest.param(
        THERE,
        [
            *OWN_SUBNET,
            acl(
                "acl-t",
                VPC,
                subnets=["subnet-t"],
                entries=[
                    rule(100, "allow", "10.0.0.0/16"),
                    rule(100, "allow", "10.0.0.0/16", egress=True),
                ],
            ),
        ],
        ACROSS,
        TRANSIT_ACL,
        id="transit-subnet's-acl-judges-the-instance's-address",
    ),
]


@pytest.mark.parametrize(("address", "changes", "expected", "page"), CASES)
def test_path_to_another_vpc(
    address: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=80), page)
