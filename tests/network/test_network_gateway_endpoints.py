"""Paths to S3 and DynamoDB: over a gateway endpoint, past it, or not at all."""

from __future__ import annotations

import pytest
from network_expectations import Arrives, Expectation, Open, Stops, changed, over
from network_neighbours import gateway_endpoint
from network_worlds import (
    ACL,
    DYNAMODB_LIST,
    ENI,
    EVERYWHERE,
    GROUP,
    IGW,
    MAIN,
    PUBLIC,
    S3_LIST,
    SUBNET,
    VPC,
    Change,
    associate,
    disassociate,
    dns,
    drop,
    egress,
    entries,
    no_route,
    permission,
    prefix_list,
    put,
    route,
    route_table,
    rule,
    subnet,
    vpc,
)

from pytest_vpcep.network import trace_to_service

GATEWAY = "Gateway endpoints (AWS PrivateLink Guide)"
S3 = "Gateway endpoints for Amazon S3 (AWS PrivateLink Guide)"
DYNAMODB = "Gateway endpoints for Amazon DynamoDB (AWS PrivateLink Guide)"
DNS = "DNS attributes for your VPC (Amazon VPC User Guide)"
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
    pytest.param(
        [ENDPOINT, dns(VPC, support=False, hostnames=False)],
        Stops("VPC_DNS_SUPPORT_DISABLED", VPC),
        S3,
        id="dns-support-off",
    ),
    pytest.param(
        [ENDPOINT, dns(VPC, support=True, hostnames=False)],
        over("vpce-s3"),
        DNS,
        id="dns-hostnames-off",
    ),
    pytest.param(
        [ENDPOINT, drop("VpcAttributes")], over("vpce-s3"), DNS, id="dns-attributes-not-collected"
    ),
    pytest.param(
        [ENDPOINT, egress(permission("tcp", 443, prefix_list=S3_LIST))],
        over("vpce-s3"),
        S3,
        id="security-group-by-s3's-prefix-list",
    ),
    pytest.param(
        [ENDPOINT, egress(permission("tcp", 443, prefix_list=DYNAMODB_LIST))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        S3,
        id="security-group-by-dynamodb's-prefix-list",
    ),
    pytest.param(
        [ENDPOINT, *NO_ENTRIES, egress(permission("tcp", 443, prefix_list=S3_LIST))],
        over("vpce-s3"),
        S3,
        id="security-group-by-prefix-list-without-entries",
    ),
    pytest.param(
        [ENDPOINT, egress(permission("tcp", 443, cidr="10.0.0.0/16"))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        S3,
        id="security-group-lets-out-to-the-vpc-only",
    ),
    pytest.param(
        [ENDPOINT, egress()], Stops("SG_HAS_NO_RULES", GROUP), S3, id="security-group-without-rules"
    ),
    pytest.param(
        [ENDPOINT, egress(permission("tcp", 80, cidr="0.0.0.0/0"))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        S3,
        id="security-group-lets-http-out-only",
    ),
    pytest.param(
        [
            ENDPOINT,
            entries(
                ACL,
                rule(100, "allow", "52.216.0.0/15", egress=True),
                rule(110, "allow", "3.5.0.0/19", egress=True),
                rule(100, "allow"),
            ),
        ],
        over("vpce-s3"),
        S3,
        id="network-acl-by-s3's-addresses",
    ),
    pytest.param(
        [
            ENDPOINT,
            entries(ACL, rule(100, "allow", "52.216.0.0/15", egress=True), rule(100, "allow")),
        ],
        Open("in part only"),
        S3,
        id="network-acl-by-some-of-s3's-addresses",
    ),
    pytest.param(
        [ENDPOINT, entries(ACL, rule(100, "allow", "10.0.0.0/8", egress=True), rule(100, "allow"))],
        Stops("SUBNET_ACL_RESTRICTION", ACL),
        S3,
        id="network-acl-lets-out-to-the-vpc-only",
    ),
    pytest.param(
        [
            gateway_endpoint(tables=(PUBLIC,)),
            egress(EVERYWHERE),
            route(PUBLIC, "0.0.0.0/1", GatewayId=IGW),
            route(PUBLIC, "128.0.0.0/1", GatewayId=IGW),
        ],
        over("vpce-s3"),
        ROUTES,
        id="two-half-default-routes",
    ),
]


@pytest.mark.parametrize(("changes", "expected", "page"), CASES)
def test_path_to_s3(changes: list[Change], expected: Expectation, page: str) -> None:
    expected.check(trace_to_service(changed(*changes), ENI, "s3", "us-east-1"), page)


OTHERS = [
    pytest.param("s3", "eu-west-1", [ENDPOINT], INTERNET, S3, id="bucket-in-another-region"),
    pytest.param(
        "s3",
        "eu-west-1",
        [ENDPOINT, no_route(PUBLIC, "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        S3,
        id="bucket-in-another-region-from-a-private-subnet",
    ),
    pytest.param(
        "s3",
        "eu-west-1",
        [ENDPOINT, egress(permission("tcp", 443, prefix_list=S3_LIST))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        LISTS,
        id="bucket-in-another-region-is-not-in-the-prefix-list",
    ),
    pytest.param(
        "s3",
        "eu-west-1",
        [ENDPOINT, *NO_ENTRIES],
        INTERNET,
        S3,
        id="another-region-without-entries-of-the-list",
    ),
    pytest.param("sts", "us-east-1", [ENDPOINT], INTERNET, GATEWAY, id="sts-never-goes-that-way"),
    pytest.param("ec2", "us-east-1", [ENDPOINT], INTERNET, GATEWAY, id="ec2-never-goes-that-way"),
    pytest.param(
        "sts",
        "us-east-1",
        [ENDPOINT, no_route(PUBLIC, "0.0.0.0/0")],
        Stops("NO_ROUTE_TO_DESTINATION", PUBLIC),
        GATEWAY,
        id="sts-from-a-private-subnet-with-an-s3-endpoint",
    ),
    pytest.param("dynamodb", "us-east-1", [ENDPOINT], INTERNET, GATEWAY, id="dynamodb-past-s3's"),
    pytest.param(
        "dynamodb",
        "us-east-1",
        [gateway_endpoint("vpce-d", service="dynamodb", tables=(PUBLIC,))],
        over("vpce-d"),
        DYNAMODB,
        id="dynamodb-over-its-own",
    ),
    pytest.param(
        "dynamodb",
        "eu-west-1",
        [gateway_endpoint("vpce-d", service="dynamodb", tables=(PUBLIC,))],
        INTERNET,
        DYNAMODB,
        id="dynamodb-in-another-region",
    ),
    pytest.param(
        "sts",
        "us-east-1",
        [egress(permission("tcp", 443, cidr="54.0.0.0/8"))],
        Open("in part only"),
        "Security group rules (Amazon VPC User Guide)",
        id="rule-for-some-public-addresses",
    ),
    pytest.param(
        "sts",
        "us-east-1",
        [
            egress(
                permission("tcp", 443, cidr="0.0.0.0/1"), permission("tcp", 443, cidr="128.0.0.0/1")
            )
        ],
        INTERNET,
        "Security group rules (Amazon VPC User Guide)",
        id="rules-that-cover-all-addresses-together",
    ),
    pytest.param(
        "sts",
        "us-east-1",
        [egress(permission("tcp", 443, cidr="172.16.0.0/12"))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        "Security group rules (Amazon VPC User Guide)",
        id="rule-for-private-addresses",
    ),
]


@pytest.mark.parametrize(("service", "region", "changes", "expected", "page"), OTHERS)
def test_path_to_other_services_and_regions(
    service: str, region: str, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_service(changed(*changes), ENI, service, region), page)


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


def _default_route_in_main() -> Change:
    return route(MAIN, "0.0.0.0/0", GatewayId=IGW)
