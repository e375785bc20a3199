"""Paths to other services and Regions than a gateway endpoint is for."""

from __future__ import annotations

import pytest
from network_changes import Change, drop, permission
from network_expectations import Arrives, Expectation, Open, Stops, changed, over
from network_neighbours import gateway_endpoint
from network_worlds import ENI, GROUP, IGW, PUBLIC, S3_LIST, egress, no_route

from pytest_vpcep.network import trace_to_service

GATEWAY = "Gateway endpoints (AWS PrivateLink Guide)"
S3 = "Gateway endpoints for Amazon S3 (AWS PrivateLink Guide)"
DYNAMODB = "Gateway endpoints for Amazon DynamoDB (AWS PrivateLink Guide)"
LISTS = "AWS-managed prefix lists (Amazon VPC User Guide)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
ENDPOINT = gateway_endpoint(tables=(PUBLIC,))
NO_ENTRIES = (drop("ManagedPrefixListEntries"),)


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
