"""Network ACLs: rule order, both directions, ephemeral ports."""

from __future__ import annotations

import pytest
from network_changes import Change, drop, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_worlds import ACL, ENI, IGW, INSTANCE, SUBNET, VPC, acl, entries

from pytest_vpcep.network import trace_to_address

BASICS = "Network ACL basics (Amazon VPC User Guide)"
RULES = "Network ACL rules (Amazon VPC User Guide)"
EPHEMERAL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
INTERNET = Arrives(IGW, source_ip="54.1.1.1")
ACL_DENIES = Stops("SUBNET_ACL_RESTRICTION", ACL)
OUT = rule(100, "allow", egress=True)
IN = rule(100, "allow")
SERVER = "203.0.113.9"


CASES = [
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
]


@pytest.mark.parametrize(("protocol", "port", "changes", "expected", "page"), CASES)
def test_filters_on_the_way_out(
    protocol: str, port: int, changes: list[Change], expected: Expectation, page: str
) -> None:
    path = trace_to_address(changed(*changes), ENI, SERVER, port=port, protocol=protocol)
    expected.check(path, page)
