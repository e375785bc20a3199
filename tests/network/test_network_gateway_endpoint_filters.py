"""Security groups, network ACLs and DNS on the way to a gateway endpoint."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, drop, permission, rule
from network_expectations import Expectation, Open, Stops, changed, over
from network_neighbours import gateway_endpoint
from network_worlds import (
    ACL,
    DYNAMODB_LIST,
    ENI,
    GROUP,
    IGW,
    PUBLIC,
    S3_LIST,
    VPC,
    dns,
    egress,
    entries,
    route,
)

from pytest_vpcep.network import trace_to_service

S3 = "Gateway endpoints for Amazon S3 (AWS PrivateLink Guide)"
DNS = "DNS attributes for your VPC (Amazon VPC User Guide)"
ROUTES = "How route priority works (Amazon VPC User Guide)"
ENDPOINT = gateway_endpoint(tables=(PUBLIC,))
NO_ENTRIES = (drop("ManagedPrefixListEntries"),)


CASES = [
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
