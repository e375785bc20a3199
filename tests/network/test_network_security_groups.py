"""Security groups: what one rule more or less lets out."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, drop, permission, put
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_worlds import ENI, GROUP, IGW, VPC, egress, ingress, prefix_list, security_group

from pytest_vpcep.network import trace_to_address

GROUPS = "Security group rules (Amazon VPC User Guide)"
DEFAULT = "Default security groups for your VPCs (Amazon VPC User Guide)"
LISTS = "Customer-managed prefix lists (Amazon VPC User Guide)"
TRACKING = "Security group connection tracking (Amazon EC2 User Guide)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
NO_RULE = Stops("ENI_SG_RULES_MISMATCH", GROUP)
SERVER = "203.0.113.9"


CASES = [
    pytest.param("tcp", 443, [], INTERNET, GROUPS, id="all-out"),
    pytest.param("tcp", 443, [ingress()], INTERNET, TRACKING, id="answers-need-no-inbound-rule"),
    pytest.param("tcp", 443, [egress()], Stops("SG_HAS_NO_RULES", GROUP), GROUPS, id="no-rules"),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", 443, cidr=f"{SERVER}/32"))],
        INTERNET,
        GROUPS,
        id="/32",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", 443, cidr="203.0.113.8/32"))],
        NO_RULE,
        GROUPS,
        id="neighbouring-address",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", (400, 443), cidr="0.0.0.0/0"))],
        INTERNET,
        GROUPS,
        id="last-port-of-a-range",
    ),
    pytest.param(
        "tcp",
        444,
        [egress(permission("tcp", (400, 443), cidr="0.0.0.0/0"))],
        NO_RULE,
        GROUPS,
        id="port-after-a-range",
    ),
    pytest.param(
        "tcp", 443, [egress(permission("udp", 443, cidr="0.0.0.0/0"))], NO_RULE, GROUPS, id="udp"
    ),
    pytest.param(
        "udp", 53, [egress(permission("udp", 53, cidr="0.0.0.0/0"))], INTERNET, GROUPS, id="dns-udp"
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("6", 443, cidr="0.0.0.0/0"))],
        INTERNET,
        GROUPS,
        id="number-6",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", cidr="0.0.0.0/0"))],
        INTERNET,
        GROUPS,
        id="tcp-without-ports",
    ),
    pytest.param(
        "icmp",
        0,
        [egress(permission("icmp", (-1, -1), cidr="0.0.0.0/0"))],
        INTERNET,
        GROUPS,
        id="all-icmp",
    ),
    pytest.param(
        "icmp",
        0,
        [egress(permission("icmp", (8, -1), cidr="0.0.0.0/0"))],
        INTERNET,
        GROUPS,
        id="icmp-echo-request",
    ),
    pytest.param(
        "icmp",
        0,
        [egress(permission("icmp", (0, -1), cidr="0.0.0.0/0"))],
        NO_RULE,
        GROUPS,
        id="icmp-echo-reply-only",
    ),
    pytest.param(
        "icmp",
        0,
        [egress(permission("icmp", (3, 4), cidr="0.0.0.0/0"))],
        NO_RULE,
        GROUPS,
        id="icmp-fragmentation-needed-only",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", 443, cidr6="::/0"))],
        NO_RULE,
        GROUPS,
        id="ipv6-rule-for-ipv4",
    ),
    pytest.param(
        "tcp",
        443,
        [
            egress(permission("tcp", 80, cidr="0.0.0.0/0")),
            security_group("sg-2", VPC, egress=[EVERYWHERE]),
            put(ENI, Groups=[{"GroupId": GROUP}, {"GroupId": "sg-2"}]),
        ],
        INTERNET,
        GROUPS,
        id="rules-of-two-groups-add-up",
    ),
    pytest.param(
        "tcp",
        443,
        [security_group("sg-d", VPC, egress=[EVERYWHERE], name="default"), put(ENI, Groups=[])],
        INTERNET,
        DEFAULT,
        id="no-group-means-the-default-group",
    ),
    pytest.param(
        "tcp",
        443,
        [security_group("sg-d", VPC, name="default"), put(ENI, Groups=[])],
        Stops("SG_HAS_NO_RULES", "sg-d"),
        DEFAULT,
        id="default-group-without-rules",
    ),
    pytest.param(
        "tcp", 443, [put(ENI, Groups=[])], Open("security groups"), DEFAULT, id="no-group-known"
    ),
    pytest.param(
        "tcp",
        443,
        [put(ENI, Groups=[{"GroupId": "sg-gone"}, {"GroupId": GROUP}])],
        INTERNET,
        GROUPS,
        id="group-not-in-the-snapshot-beside-one-that-lets-all-out",
    ),
    pytest.param(
        "tcp",
        443,
        [put(ENI, Groups=[{"GroupId": "sg-gone"}])],
        Open("sg-gone"),
        GROUPS,
        id="group-not-in-the-snapshot",
    ),
    pytest.param(
        "tcp",
        443,
        [
            prefix_list("pl-o", "office", ["203.0.113.0/24"], owner="1"),
            egress(permission("tcp", 443, prefix_list="pl-o")),
        ],
        INTERNET,
        LISTS,
        id="own-prefix-list",
    ),
    pytest.param(
        "tcp",
        443,
        [
            prefix_list("pl-o", "office", [], owner="1"),
            egress(permission("tcp", 443, prefix_list="pl-o")),
        ],
        NO_RULE,
        LISTS,
        id="own-prefix-list-that-is-empty",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", 443, prefix_list="pl-unknown"))],
        Open("pl-unknown"),
        LISTS,
        id="prefix-list-not-in-the-snapshot",
    ),
    pytest.param(
        "tcp",
        443,
        [egress(permission("tcp", 443, prefix_list="pl-unknown"), EVERYWHERE)],
        INTERNET,
        LISTS,
        id="unknown-list-does-not-matter-beside-a-rule-for-all",
    ),
    pytest.param(
        "tcp",
        443,
        [drop("DescribeSecurityGroups")],
        Open("security groups of eni-1"),
        GROUPS,
        id="groups-not-collected",
    ),
]


@pytest.mark.parametrize(("protocol", "port", "changes", "expected", "page"), CASES)
def test_filters_on_the_way_out(
    protocol: str, port: int, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_address(changed(*changes), ENI, SERVER, port=port, protocol=protocol)
    expected.check(path, page)
