"""Security groups and network ACLs: what one rule more or less lets through."""

from __future__ import annotations

import pytest
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_worlds import (
    ACL,
    ENI,
    EVERYWHERE,
    GROUP,
    IGW,
    INSTANCE,
    SUBNET,
    VPC,
    Change,
    World,
    acl,
    drop,
    egress,
    entries,
    find,
    ingress,
    instance,
    permission,
    prefix_list,
    put,
    rule,
    security_group,
    subnet,
    world_of,
)

from pytest_vpcep.network import trace_to_address

GROUPS = "Security group rules (Amazon VPC User Guide)"
DEFAULT = "Default security groups for your VPCs (Amazon VPC User Guide)"
BASICS = "Network ACL basics (Amazon VPC User Guide)"
RULES = "Network ACL rules (Amazon VPC User Guide)"
EPHEMERAL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
LISTS = "Customer-managed prefix lists (Amazon VPC User Guide)"
TRACKING = "Security group connection tracking (Amazon EC2 User Guide)"

INTERNET = Arrives(IGW, source_ip="54.1.1.1")
NO_RULE = Stops("ENI_SG_RULES_MISMATCH", GROUP)
ACL_DENIES = Stops("SUBNET_ACL_RESTRICTION", ACL)
OUT = rule(100, "allow", egress=True)
IN = rule(100, "allow")
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
    pytest.param("tcp", 443, [entries(ACL, OUT, IN)], INTERNET, BASICS, id="acl-all-both-ways"),
    pytest.param("tcp", 443, [entries(ACL, IN)], ACL_DENIES, BASICS, id="acl-nothing-out"),
    pytest.param("tcp", 443, [entries(ACL, OUT)], ACL_DENIES, BASICS, id="acl-is-stateless"),
    pytest.param("tcp", 443, [entries(ACL)], ACL_DENIES, BASICS, id="acl-without-rules"),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(90, "deny", f"{SERVER}/32", egress=True), OUT, IN)],
        ACL_DENIES,
        RULES,
        id="lower-number-first",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(110, "deny", f"{SERVER}/32", egress=True), OUT, IN)],
        INTERNET,
        RULES,
        id="higher-number-not-reached",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(110, "allow", egress=True), rule(90, "deny", egress=True), IN)],
        ACL_DENIES,
        RULES,
        id="number-decides-not-the-order-listed",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(90, "deny", "203.0.113.0/29", egress=True), OUT, IN)],
        INTERNET,
        RULES,
        id="deny-for-other-addresses",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(90, "deny", egress=True, protocol="17"), OUT, IN)],
        INTERNET,
        RULES,
        id="deny-for-another-protocol",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, rule(90, "deny", egress=True, protocol="6", ports=(443, 443)), OUT, IN)],
        ACL_DENIES,
        RULES,
        id="deny-for-the-port",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, OUT, rule(100, "allow", protocol="6", ports=(1024, 65535)))],
        INTERNET,
        EPHEMERAL,
        id="answers-on-1024-to-65535",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, OUT, rule(100, "allow", protocol="6", ports=(32768, 61000)))],
        INTERNET,
        EPHEMERAL,
        id="answers-on-linux's-ports",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, OUT, rule(100, "allow", protocol="6", ports=(49152, 65535)))],
        Open("in part only"),
        EPHEMERAL,
        id="answers-on-windows'-ports-for-linux",
    ),
    pytest.param(
        "tcp",
        443,
        [
            entries(ACL, OUT, rule(100, "allow", protocol="6", ports=(49152, 65535))),
            put(INSTANCE, Platform="windows"),
        ],
        INTERNET,
        EPHEMERAL,
        id="answers-on-windows'-ports-for-windows",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, OUT, rule(100, "allow", protocol="6", ports=(443, 443)))],
        ACL_DENIES,
        EPHEMERAL,
        id="answers-do-not-come-to-the-server's-port",
    ),
    pytest.param(
        "tcp",
        443,
        [entries(ACL, OUT, rule(100, "allow", protocol="17"))],
        ACL_DENIES,
        EPHEMERAL,
        id="answers-of-another-protocol",
    ),
    pytest.param(
        "tcp",
        443,
        [
            entries(
                ACL,
                OUT,
                rule(100, "allow", protocol="6", ports=(32768, 49151)),
                rule(110, "allow", protocol="6", ports=(49152, 65535)),
            )
        ],
        INTERNET,
        EPHEMERAL,
        id="answers-on-ports-that-two-rules-share",
    ),
    pytest.param(
        "icmp",
        0,
        [
            entries(
                ACL,
                rule(100, "allow", egress=True, protocol="1", icmp=(8, 0)),
                rule(100, "allow", protocol="1", icmp=(0, 0)),
            )
        ],
        INTERNET,
        RULES,
        id="ping-and-its-answer",
    ),
    pytest.param(
        "icmp",
        0,
        [
            entries(
                ACL,
                rule(100, "allow", egress=True, protocol="1", icmp=(-1, -1)),
                rule(100, "allow", protocol="1", icmp=(8, -1)),
            )
        ],
        ACL_DENIES,
        RULES,
        id="ping-without-its-answer",
    ),
    pytest.param(
        "tcp",
        443,
        [acl("acl-2", VPC, subnets=[SUBNET], entries=[])],
        Stops("SUBNET_ACL_RESTRICTION", "acl-2"),
        BASICS,
        id="associated-acl-not-the-default-one",
    ),
    pytest.param(
        "tcp",
        443,
        [acl("acl-2", VPC, entries=[])],
        INTERNET,
        BASICS,
        id="acl-associated-with-no-subnet",
    ),
    pytest.param(
        "tcp",
        443,
        [drop("DescribeNetworkAcls")],
        Open("no network ACL of subnet-1"),
        BASICS,
        id="acls-not-collected",
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


NEIGHBOUR = [
    security_group("sg-n", VPC, ingress=[permission("tcp", 80, group=GROUP)], egress=[EVERYWHERE]),
    instance("i-n", "eni-n", SUBNET, VPC, "10.0.0.20", groups=["sg-n"]),
]
BESIDE = [
    subnet("subnet-2", VPC, "10.0.2.0/24"),
    security_group("sg-n", VPC, ingress=[permission("tcp", 80, group=GROUP)], egress=[EVERYWHERE]),
    instance("i-n", "eni-n", "subnet-2", VPC, "10.0.2.20", groups=["sg-n"]),
]
DELIVERED = Arrives(None, source_ip="10.0.0.10")


def lab_interface_from_instance(world: World) -> None:
    """Describe the lab's interface in its instance's own list, where it can be had without."""
    details = find(world_of(), ENI)
    find(world, INSTANCE)["NetworkInterfaces"] = [details]
    find(world, "i-n")["NetworkInterfaces"] = []


NEIGHBOURS = [
    pytest.param("10.0.0.20", 80, NEIGHBOUR, DELIVERED, GROUPS, id="by-the-source's-group"),
    pytest.param(
        "10.0.0.20",
        81,
        NEIGHBOUR,
        Stops("ENI_SG_RULES_MISMATCH", "sg-n"),
        GROUPS,
        id="by-the-source's-group-on-another-port",
    ),
    pytest.param(
        "10.0.0.20",
        80,
        [*NEIGHBOUR, entries(ACL)],
        DELIVERED,
        BASICS,
        id="acl-not-asked-inside-a-subnet",
    ),
    pytest.param(
        "10.0.0.20",
        80,
        [*NEIGHBOUR, egress(permission("tcp", 80, group="sg-n"))],
        DELIVERED,
        GROUPS,
        id="outbound-by-the-destination's-group",
    ),
    pytest.param(
        "10.0.0.20",
        80,
        [*NEIGHBOUR, egress(permission("tcp", 80, group=GROUP))],
        NO_RULE,
        GROUPS,
        id="outbound-by-one's-own-group",
    ),
    pytest.param(
        "10.0.0.20",
        80,
        [*NEIGHBOUR, put("i-n", State={"Name": "stopped"})],
        Stops("BAD_STATE", "i-n"),
        "Instance lifecycle (Amazon EC2 User Guide)",
        id="destination-stopped",
    ),
    pytest.param("10.0.2.20", 80, BESIDE, DELIVERED, GROUPS, id="in-another-subnet"),
    pytest.param(
        "10.0.2.20",
        80,
        [*BESIDE, acl("acl-2", VPC, subnets=["subnet-2"], entries=[IN])],
        Stops("SUBNET_ACL_RESTRICTION", "acl-2"),
        BASICS,
        id="acl-of-the-other-subnet-keeps-answers-in",
    ),
    pytest.param(
        "10.0.2.20",
        80,
        [
            *BESIDE,
            acl(
                "acl-2",
                VPC,
                subnets=["subnet-2"],
                entries=[
                    rule(100, "allow", "10.0.0.0/24", protocol="6", ports=(80, 80)),
                    rule(
                        100, "allow", "10.0.0.0/24", egress=True, protocol="6", ports=(1024, 65535)
                    ),
                ],
            ),
        ],
        DELIVERED,
        EPHEMERAL,
        id="acl-of-the-other-subnet-with-just-enough",
    ),
    pytest.param(
        "10.0.2.21",
        80,
        BESIDE,
        Stops("NO_POSSIBLE_DESTINATION", VPC),
        "Reachability Analyzer explanation codes (VPC Reachability Analyzer guide)",
        id="nobody-has-the-address",
    ),
    pytest.param(
        "10.0.2.20",
        80,
        [*BESIDE, drop("DescribeNetworkInterfaces"), lab_interface_from_instance],
        Open("DescribeNetworkInterfaces"),
        GROUPS,
        id="interfaces-not-collected",
    ),
    pytest.param(
        "169.254.169.254",
        80,
        [egress(), entries(ACL)],
        Arrives(None),
        BASICS,
        id="metadata-service-past-every-rule",
    ),
    pytest.param(
        "10.0.0.2", 53, [egress(), entries(ACL)], Arrives(None), BASICS, id="amazon-dns-server"
    ),
]


@pytest.mark.parametrize(("address", "port", "changes", "expected", "page"), NEIGHBOURS)
def test_filters_between_neighbours(
    address: str, port: int, changes: list[Change], expected: Expectation, page: str
) -> None:
    expected.check(trace_to_address(changed(*changes), ENI, address, port=port), page)
