"""Paths to S3 in its own Region: over a gateway endpoint, past it, or not at all."""

from __future__ import annotations

import pytest
from network_changes import Change, drop, put
from network_expectations import Arrives, Expectation, Open, Stops, changed, over
from network_neighbours import gateway_endpoint
from network_worlds import (
    ACL,
    ENI,
    GROUP,
    IGW,
    MAIN,
    PUBLIC,
    S3_LIST,
    SUBNET,
    VPC,
    associate,
    disassociate,
    no_route,
    prefix_list,
    route,
    route_table,
    subnet,
    vpc,
)

from pytest_vpcep.network import trace_to_service

GATEWAY = "Gateway endpoints (AWS PrivateLink Guide)"
ROUTES = "How route priority works (Amazon VPC User Guide)"
TABLES = "Subnet route tables (Amazon VPC User Guide)"
LISTS = "AWS-managed prefix lists (Amazon VPC User Guide)"
CODES = "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)"
DELETE = "DeleteVpcEndpoints (Amazon EC2 API Reference)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
ENDPOINT = gateway_endpoint(tables=(PUBLIC,))
NO_PUBLIC_ADDRESS = put(ENI, PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.10"}])
NO_LISTS = (drop("DescribeManagedPrefixLists"), drop("ManagedPrefixListEntries"))
NO_ENTRIES = (drop("ManagedPrefixListEntries"),)


def _default_route_in_main() -> Change:
    return route(MAIN, "0.0.0.0/0", GatewayId=IGW)


CASES = [
    pytest.param([], INTERNET, GATEWAY, id="lab-step-4-over-the-internet"),
    pytest.param([gateway_endpoint()], INTERNET, GATEWAY, id="lab-step-5-no-route-table-ticked"),
    pytest.param([ENDPOINT], over("vpce-s3"), GATEWAY, id="lab-step-7-associated"),
    pytest.param(
        [gateway_endpoint(tables=(MAIN,))], INTERNET, GATEWAY, id="associated-with-the-other-table"
    ),
    pytest.param(
        [gateway_endpoint(tables=(MAIN, PUBLIC))],
        over("vpce-s3"),
        GATEWAY,
        id="associated-with-both-tables",
    ),
    pytest.param(
        [gateway_endpoint(tables=(MAIN,)), disassociate(SUBNET)],
        over("vpce-s3"),
        TABLES,
        id="subnet-without-a-table-uses-the-main-one",
    ),
    pytest.param(
        [disassociate(SUBNET)],
        Stops("NO_ROUTE_TO_DESTINATION", MAIN),
        TABLES,
        id="main-table-has-no-way-out",
    ),
    pytest.param(
        [ENDPOINT, no_route(PUBLIC, "0.0.0.0/0")],
        over("vpce-s3"),
        GATEWAY,
        id="endpoint-needs-no-internet-gateway",
    ),
    pytest.param(
        [ENDPOINT, NO_PUBLIC_ADDRESS], over("vpce-s3"), GATEWAY, id="endpoint-needs-no-public-ip"
    ),
    pytest.param(
        [NO_PUBLIC_ADDRESS],
        Stops("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", ENI),
        CODES,
        id="internet-gateway-needs-a-public-ip",
    ),
    pytest.param(
        [gateway_endpoint(service="dynamodb", tables=(PUBLIC,))],
        INTERNET,
        GATEWAY,
        id="endpoint-of-another-service",
    ),
    pytest.param(
        [gateway_endpoint(service="s3express", tables=(PUBLIC,), destination="pl-express")],
        INTERNET,
        GATEWAY,
        id="endpoint-of-s3-express",
    ),
    pytest.param(
        [ENDPOINT, put("vpce-s3", State="deleted")],
        INTERNET,
        DELETE,
        id="deleted-endpoint-still-listed-with-its-route",
    ),
    pytest.param(
        [ENDPOINT, put("vpce-s3", State="deleting")], INTERNET, DELETE, id="endpoint-being-deleted"
    ),
    pytest.param(
        [gateway_endpoint(state="deleted")], INTERNET, DELETE, id="deleted-endpoint-without-route"
    ),
    pytest.param(
        [ENDPOINT, put("vpce-s3", State="pending")],
        Stops("BAD_STATE", "vpce-s3"),
        CODES,
        id="endpoint-not-yet-available",
    ),
    pytest.param(
        [ENDPOINT, put("vpce-s3", State="Available")],
        over("vpce-s3"),
        GATEWAY,
        id="state-in-the-api-reference's-capitals",
    ),
    pytest.param(
        [ENDPOINT, put("vpce-s3", VpcEndpointType=None)],
        over("vpce-s3"),
        "CreateVpcEndpoint (Amazon EC2 API Reference): the default type is Gateway",
        id="endpoint-without-a-type",
    ),
    pytest.param(
        [
            vpc("vpc-2", "10.9.0.0/16"),
            gateway_endpoint(vpc_id="vpc-2"),
        ],
        INTERNET,
        GATEWAY,
        id="endpoint-in-another-vpc",
    ),
    pytest.param(
        [
            vpc("vpc-2", "10.9.0.0/16"),
            route_table("rtb-2", "vpc-2", main=True),
            gateway_endpoint(vpc_id="vpc-2", tables=("rtb-2",)),
        ],
        INTERNET,
        GATEWAY,
        id="endpoint-associated-in-another-vpc",
    ),
    pytest.param(
        [
            vpc("vpc-2", "10.9.0.0/16"),
            gateway_endpoint(vpc_id="vpc-2", tables=(PUBLIC,)),
        ],
        Stops("BAD_STATE", "vpce-s3"),
        GATEWAY,
        id="route-to-another-vpc's-endpoint",
    ),
    pytest.param(
        [
            gateway_endpoint("vpce-a", tables=(PUBLIC,)),
            gateway_endpoint("vpce-b", tables=(MAIN,)),
        ],
        over("vpce-a"),
        GATEWAY,
        id="two-endpoints-each-with-its-table",
    ),
    pytest.param(
        [
            gateway_endpoint("vpce-a", tables=(PUBLIC,)),
            gateway_endpoint("vpce-d", service="dynamodb", tables=(PUBLIC,)),
        ],
        over("vpce-a"),
        GATEWAY,
        id="endpoints-of-both-services",
    ),
    pytest.param(
        [
            ENDPOINT,
            subnet("subnet-2", VPC, "10.0.1.0/24"),
            route_table("rtb-2", VPC, subnets=["subnet-2"]),
        ],
        over("vpce-s3"),
        TABLES,
        id="another-subnet-has-another-table",
    ),
    pytest.param(
        [gateway_endpoint(tables=(MAIN,)), associate(MAIN, SUBNET)],
        over("vpce-s3"),
        TABLES,
        id="main-table-associated-explicitly",
    ),
    pytest.param(
        [ENDPOINT, route(PUBLIC, "52.216.0.0/15", GatewayId=IGW)],
        Open("some leave over"),
        ROUTES,
        id="static-route-of-equal-length-before-the-prefix-list-for-some",
    ),
    pytest.param(
        [
            ENDPOINT,
            route(PUBLIC, "52.216.0.0/15", GatewayId=IGW),
            route(PUBLIC, "3.5.0.0/19", GatewayId=IGW),
        ],
        INTERNET,
        ROUTES,
        id="static-routes-of-equal-length-before-the-prefix-list-for-all",
    ),
    pytest.param(
        [ENDPOINT, route(PUBLIC, "52.216.0.0/16", GatewayId=IGW)],
        Open("some leave over"),
        ROUTES,
        id="more-specific-route-takes-some-of-s3",
    ),
    pytest.param(
        [ENDPOINT, route(PUBLIC, "52.0.0.0/8", GatewayId=IGW)],
        over("vpce-s3"),
        ROUTES,
        id="wider-route-does-not-win-against-the-prefix-list",
    ),
    pytest.param(
        [ENDPOINT, *NO_ENTRIES], over("vpce-s3"), LISTS, id="entries-of-the-list-not-collected"
    ),
    pytest.param([ENDPOINT, *NO_LISTS], over("vpce-s3"), LISTS, id="prefix-lists-not-collected"),
    pytest.param(
        [ENDPOINT, *NO_ENTRIES, no_route(PUBLIC, "0.0.0.0/0")],
        over("vpce-s3"),
        LISTS,
        id="no-entries-and-no-default-route",
    ),
    pytest.param(
        [ENDPOINT, *NO_ENTRIES, route(PUBLIC, "52.0.0.0/8", GatewayId=IGW)],
        Open("is the most specific route"),
        LISTS,
        id="no-entries-and-a-route-that-may-be-more-specific",
    ),
    pytest.param(
        [gateway_endpoint(service="dynamodb", tables=(PUBLIC,)), *NO_LISTS],
        INTERNET,
        LISTS,
        id="dynamodb's-list-known-by-its-endpoint-only",
    ),
    pytest.param(
        [
            prefix_list("pl-mine", "office", None, owner="111122223333"),
            route(PUBLIC, "pl-mine", GatewayId=IGW),
        ],
        Open("pl-mine"),
        LISTS,
        id="own-list-without-entries-may-hold-s3",
    ),
]


@pytest.mark.parametrize(("changes", "expected", "page"), CASES)
def test_path_to_s3(changes: list[Change], expected: Expectation, page: str) -> None:
    expected.check(trace_to_service(changed(*changes), ENI, "s3", "us-east-1"), page)


def test_hops_of_the_lab_over_the_gateway_endpoint() -> None:
    path = trace_to_service(changed(ENDPOINT), ENI, "s3", "us-east-1")
    assert [(hop.kind, hop.id) for hop in path.hops] == [
        ("interface", ENI),
        ("security-group", GROUP),
        ("network-acl", ACL),
        ("route-table", PUBLIC),
        ("vpc-endpoint", "vpce-s3"),
        ("service", "s3.us-east-1"),
    ]
    assert path.hops[3].detail == f"route table {PUBLIC}: {S3_LIST} -> vpce-s3"
    assert path.source_vpc == VPC


def test_hops_of_the_lab_over_the_internet_gateway() -> None:
    path = trace_to_service(
        changed(disassociate(SUBNET), _default_route_in_main()), ENI, "s3", "us-east-1"
    )
    assert [hop.kind for hop in path.hops][-3:] == ["route-table", "internet-gateway", "service"]
    assert path.hops[3].detail == f"route table {MAIN} (main): 0.0.0.0/0 -> {IGW}"
    assert path.source_vpc is None
