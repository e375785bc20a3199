"""Paths to interface endpoints: private DNS, security groups, network ACLs, zones."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, drop, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed, over
from network_neighbours import interface_endpoint
from network_worlds import (
    ACL,
    ENI,
    GROUP,
    IGW,
    PUBLIC,
    SUBNET,
    VPC,
    acl,
    dns,
    egress,
    ingress,
    no_route,
    security_group,
    subnet,
)

from pytest_vpcep.network import trace_to_service

ACCESS = "Access an AWS service using an interface VPC endpoint (AWS PrivateLink Guide)"
DNS = "DNS attributes for your VPC (Amazon VPC User Guide)"
GROUPS = "Security group rules (Amazon VPC User Guide)"
ACLS = "Network ACL basics (Amazon VPC User Guide)"
ZONES = "Interface endpoint DNS hostnames (AWS PrivateLink Guide)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
ENDPOINT_GROUP = security_group(
    "sg-e", VPC, ingress=[permission("tcp", 443, cidr="10.0.0.0/16")], egress=[EVERYWHERE]
)

OTHER_SUBNET = subnet("subnet-2", VPC, "10.0.2.0/24", zone="us-east-1b")
STS = interface_endpoint("vpce-sts", "sts", ("eni-e", SUBNET, "10.0.0.50"), groups=["sg-e"])
STS_BESIDE = interface_endpoint(
    "vpce-sts", "sts", ("eni-e", "subnet-2", "10.0.2.50"), groups=["sg-e"]
)


CASES = [
    pytest.param("sts", None, [ENDPOINT_GROUP, STS], over("vpce-sts"), ACCESS, id="private-dns-on"),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, put("vpce-sts", PrivateDnsEnabled=False)],
        INTERNET,
        ACCESS,
        id="private-dns-off",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, dns(VPC, support=True, hostnames=False)],
        INTERNET,
        DNS,
        id="private-dns-needs-dns-hostnames",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, dns(VPC, support=False, hostnames=True)],
        Stops("VPC_DNS_SUPPORT_DISABLED", VPC),
        DNS,
        id="private-dns-needs-dns-support",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, dns(VPC, support=True, hostnames=None)],
        Open("DNS hostnames"),
        DNS,
        id="dns-hostnames-not-collected",
    ),
    pytest.param(
        "sts",
        None,
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            interface_endpoint(
                "vpce-sts",
                "sts",
                ("eni-e", SUBNET, "10.0.0.50"),
                ("eni-f", "subnet-2", "10.0.2.50"),
                groups=["sg-e"],
            ),
            acl(
                "acl-2",
                VPC,
                subnets=["subnet-2"],
                entries=[
                    rule(100, "allow"),
                    rule(100, "allow", egress=True, protocol="6", ports=(49152, 65535)),
                ],
            ),
        ],
        Open("in part only"),
        ZONES,
        id="one-of-two-zones-in-doubt",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, drop("DescribeVpcEndpoints")],
        Open("DescribeVpcEndpoints"),
        ACCESS,
        id="endpoints-not-collected",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, drop("DescribeVpcs")],
        Open("DNS hostnames"),
        DNS,
        id="vpcs-not-collected",
    ),
    pytest.param(
        "ec2", None, [ENDPOINT_GROUP, STS], INTERNET, ACCESS, id="private-dns-of-another-service"
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, no_route(PUBLIC, "0.0.0.0/0")],
        over("vpce-sts"),
        ACCESS,
        id="no-way-to-the-internet-needed",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, put("vpce-sts", State="pending")],
        INTERNET,
        ACCESS,
        id="endpoint-pending",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, put("vpce-sts", State="deleted")],
        INTERNET,
        ACCESS,
        id="endpoint-deleted",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, ingress(group="sg-e")],
        Stops("SG_HAS_NO_RULES", "sg-e"),
        ACCESS,
        id="endpoint's-group-lets-nothing-in",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, ingress(permission("tcp", 443, group=GROUP), group="sg-e")],
        over("vpce-sts"),
        GROUPS,
        id="endpoint's-group-by-the-instance's-group",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, ingress(permission("tcp", 443, group="sg-x"), group="sg-e")],
        Stops("ENI_SG_RULES_MISMATCH", "sg-e"),
        GROUPS,
        id="endpoint's-group-by-another-group",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, ingress(permission("tcp", 80, cidr="10.0.0.0/16"), group="sg-e")],
        Stops("ENI_SG_RULES_MISMATCH", "sg-e"),
        ACCESS,
        id="endpoint's-group-lets-http-in-only",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, egress(permission("tcp", 443, group="sg-e"))],
        over("vpce-sts"),
        GROUPS,
        id="instance's-group-by-the-endpoint's-group",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, egress(permission("tcp", 443, prefix_list="pl-s3"))],
        Stops("ENI_SG_RULES_MISMATCH", GROUP),
        GROUPS,
        id="instance's-group-by-s3's-prefix-list",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, put(ACL, Entries=[])],
        over("vpce-sts"),
        ACLS,
        id="network-acl-not-asked-inside-the-subnet",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, OTHER_SUBNET, STS_BESIDE],
        over("vpce-sts"),
        ACCESS,
        id="endpoint-in-another-subnet",
    ),
    pytest.param(
        "sts",
        None,
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            STS_BESIDE,
            acl("acl-2", VPC, subnets=["subnet-2"], entries=[rule(100, "allow")]),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-2"),
        ACLS,
        id="network-acl-of-the-endpoint's-subnet-keeps-answers-in",
    ),
    pytest.param(
        "sts",
        None,
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            STS_BESIDE,
            acl("acl-2", VPC, subnets=["subnet-2"], entries=[rule(100, "allow", egress=True)]),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-2"),
        ACLS,
        id="network-acl-of-the-endpoint's-subnet-keeps-requests-out",
    ),
    pytest.param(
        "sts",
        None,
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            interface_endpoint(
                "vpce-sts",
                "sts",
                ("eni-e", SUBNET, "10.0.0.50"),
                ("eni-f", "subnet-2", "10.0.2.50"),
                groups=["sg-e"],
            ),
            acl("acl-2", VPC, subnets=["subnet-2"], entries=[]),
        ],
        Open("any of the endpoint's interfaces"),
        ZONES,
        id="one-of-two-zones-closed-off",
    ),
    pytest.param(
        "sts",
        "vpce-sts-abc-us-east-1a.sts.us-east-1.vpce.amazonaws.com",
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            interface_endpoint(
                "vpce-sts",
                "sts",
                ("eni-e", SUBNET, "10.0.0.50"),
                ("eni-f", "subnet-2", "10.0.2.50"),
                groups=["sg-e"],
            ),
            acl("acl-2", VPC, subnets=["subnet-2"], entries=[]),
        ],
        over("vpce-sts"),
        ZONES,
        id="zonal-name-of-the-open-zone",
    ),
    pytest.param(
        "sts",
        "vpce-sts-abc-us-east-1b.sts.us-east-1.vpce.amazonaws.com",
        [
            ENDPOINT_GROUP,
            OTHER_SUBNET,
            interface_endpoint(
                "vpce-sts",
                "sts",
                ("eni-e", SUBNET, "10.0.0.50"),
                ("eni-f", "subnet-2", "10.0.2.50"),
                groups=["sg-e"],
            ),
            acl("acl-2", VPC, subnets=["subnet-2"], entries=[]),
        ],
        Stops("SUBNET_ACL_RESTRICTION", "acl-2"),
        ZONES,
        id="zonal-name-of-the-closed-zone",
    ),
    pytest.param(
        "sts",
        None,
        [ENDPOINT_GROUP, STS, drop("DescribeNetworkInterfaces")],
        Open("no network interface of vpce-sts"),
        ACCESS,
        id="interfaces-not-collected",
    ),
    pytest.param(
        "sts",
        None,
        [
            ENDPOINT_GROUP,
            interface_endpoint("vpce-sts", "sts", ("eni-e", SUBNET, "10.98.1.1"), groups=["sg-e"]),
        ],
        over("vpce-sts"),
        "moto 5.2.5: an endpoint's interface has an address outside its subnet",
        id="moto's-address-outside-the-vpc",
    ),
]


@pytest.mark.parametrize(("service", "hostname", "changes", "expected", "page"), CASES)
def test_path_by_interface_endpoints(
    service: str, hostname: str | None, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_service(changed(*changes), ENI, service, "us-east-1", hostname=hostname)
    expected.check(path, page)
