"""S3 by interface endpoint: precedence over the gateway endpoint, names, peered VPCs."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, permission, put
from network_expectations import Arrives, Expectation, Stops, changed, over
from network_neighbours import gateway_endpoint, interface_endpoint, peering
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
    vpc,
)

from pytest_vpcep.network import Topology, trace_to_service

ACCESS = "Access an AWS service using an interface VPC endpoint (AWS PrivateLink Guide)"
S3 = "AWS PrivateLink for Amazon S3 (Amazon S3 User Guide)"
PEERING = "VPC peering limitations (VPC Peering Guide)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
ENDPOINT_GROUP = security_group(
    "sg-e", VPC, ingress=[permission("tcp", 443, cidr="10.0.0.0/16")], egress=[EVERYWHERE]
)

S3_ENDPOINT = interface_endpoint("vpce-i", "s3", ("eni-e", SUBNET, "10.0.0.50"), groups=["sg-e"])
GATEWAY = gateway_endpoint(tables=(PUBLIC,))
LISTED_NAMES = put(
    "vpce-i",
    DnsEntries=[
        {"DnsName": "*.vpce-i-abc.s3.us-east-1.vpce.amazonaws.com"},
        {"DnsName": "s3.us-east-1.amazonaws.com"},
        {"DnsName": "*.s3.us-east-1.amazonaws.com"},
    ],
)

NEIGHBOUR_GROUP = security_group(
    "sg-n", "vpc-2", ingress=[permission("tcp", 443, cidr="10.0.0.0/8")], egress=[EVERYWHERE]
)

NEIGHBOUR = [
    vpc("vpc-2", "10.2.0.0/16"),
    subnet("subnet-n", "vpc-2", "10.2.0.0/24"),
    route_table("rtb-n", "vpc-2", main=True),
    acl("acl-n", "vpc-2", default=True),
    NEIGHBOUR_GROUP,
    peering("pcx-1", (VPC, "10.0.0.0/16"), ("vpc-2", "10.2.0.0/16")),
    route(PUBLIC, "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
    route("rtb-n", "10.0.0.0/16", VpcPeeringConnectionId="pcx-1"),
    interface_endpoint(
        "vpce-n", "s3", ("eni-n", "subnet-n", "10.2.0.50"), vpc_id="vpc-2", groups=["sg-n"]
    ),
]

NAME = "bucket.vpce-n-abc.s3.us-east-1.vpce.amazonaws.com"


def _traced(topology: Topology) -> str | None:
    return trace_to_service(topology, ENI, "s3", "us-east-1", hostname=NAME).source_vpc


CASES = [
    pytest.param("s3", None, [ENDPOINT_GROUP, S3_ENDPOINT], over("vpce-i"), S3, id="s3-interface"),
    pytest.param(
        "s3",
        None,
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY],
        over("vpce-i"),
        S3,
        id="private-dns-before-the-gateway-endpoint",
    ),
    pytest.param(
        "s3",
        None,
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY, put("vpce-i", PrivateDnsEnabled=False)],
        over("vpce-s3"),
        S3,
        id="without-private-dns-the-gateway-endpoint",
    ),
    pytest.param(
        "s3",
        None,
        [
            ENDPOINT_GROUP,
            S3_ENDPOINT,
            GATEWAY,
            put("vpce-i", DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": True}),
        ],
        over("vpce-s3"),
        S3,
        id="private-dns-for-the-inbound-resolver-only",
    ),
    pytest.param(
        "s3",
        "b.s3.us-east-1.amazonaws.com",
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY, LISTED_NAMES],
        over("vpce-i"),
        S3,
        id="a-bucket's-regional-name-is-private",
    ),
    pytest.param(
        "s3",
        "b.s3.amazonaws.com",
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY, LISTED_NAMES],
        over("vpce-s3"),
        S3,
        id="a-bucket's-global-name-is-public",
    ),
    pytest.param(
        "s3",
        "S3.us-east-1.amazonaws.com.",
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY, LISTED_NAMES],
        over("vpce-i"),
        S3,
        id="names-match-without-regard-to-case",
    ),
    pytest.param(
        "s3",
        "b.bucket.vpce-i-abc.s3.us-east-1.vpce.amazonaws.com",
        [ENDPOINT_GROUP, S3_ENDPOINT, GATEWAY, put("vpce-i", PrivateDnsEnabled=False)],
        over("vpce-i"),
        S3,
        id="endpoint-specific-name-without-private-dns",
    ),
    pytest.param(
        "s3",
        "bucket.vpce-gone-abc.s3.us-east-1.vpce.amazonaws.com",
        [GATEWAY],
        Stops("UNKNOWN_DESTINATION", "bucket.vpce-gone-abc.s3.us-east-1.vpce.amazonaws.com"),
        S3,
        id="name-of-an-endpoint-that-is-not-there",
    ),
    pytest.param(
        "s3",
        "bucket.vpce-i-abc.s3.us-east-1.vpce.amazonaws.com",
        [ENDPOINT_GROUP, S3_ENDPOINT, put("vpce-i", State="pending")],
        Stops("BAD_STATE", "vpce-i"),
        S3,
        id="name-of-an-endpoint-not-yet-available",
    ),
    pytest.param(
        "s3",
        None,
        [
            ENDPOINT_GROUP,
            S3_ENDPOINT,
            put("vpce-i", ServiceName="com.amazonaws.eu-west-1.s3", ServiceRegion="eu-west-1"),
        ],
        INTERNET,
        S3,
        id="endpoint-for-the-service-in-another-region",
    ),
    pytest.param(
        "s3", NAME, NEIGHBOUR, over("vpce-n"), S3, id="endpoint-of-a-peered-vpc-by-its-name"
    ),
    pytest.param(
        "s3", None, NEIGHBOUR, INTERNET, ACCESS, id="private-dns-ends-at-the-endpoint's-vpc"
    ),
    pytest.param(
        "s3",
        NAME,
        [*NEIGHBOUR, no_route("rtb-n", "10.0.0.0/16")],
        Stops("NO_ROUTE_TO_DESTINATION", "rtb-n"),
        PEERING,
        id="endpoint-of-a-peered-vpc-without-the-way-back",
    ),
    pytest.param(
        "s3",
        None,
        [
            *NEIGHBOUR,
            gateway_endpoint("vpce-far", vpc_id="vpc-2", tables=("rtb-n",)),
            route(PUBLIC, "pl-s3", VpcPeeringConnectionId="pcx-1"),
        ],
        Stops("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "pcx-1"),
        PEERING,
        id="no-transit-to-a-peered-vpc's-gateway-endpoint",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), CASES)
def test_path_by_interface_endpoints(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)


def test_source_vpc_is_the_vpc_of_the_endpoint() -> None:
    assert _traced(changed(*NEIGHBOUR)) == "vpc-2"
