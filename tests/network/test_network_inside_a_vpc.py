"""Paths between interfaces of one VPC."""

from __future__ import annotations

import pytest
from network_changes import EVERYWHERE, Change, World, drop, find, permission, put, rule
from network_expectations import Arrives, Expectation, Open, Stops, changed
from network_worlds import (
    ACL,
    ENI,
    GROUP,
    INSTANCE,
    SUBNET,
    VPC,
    acl,
    egress,
    entries,
    instance,
    security_group,
    subnet,
    world_of,
)

from pytest_vpcep.network import trace_to_address

GROUPS = "Security group rules (Amazon VPC User Guide)"
BASICS = "Network ACL basics (Amazon VPC User Guide)"
EPHEMERAL = "Custom network ACLs for your VPC: ephemeral ports (Amazon VPC User Guide)"
NO_RULE = Stops("ENI_SG_RULES_MISMATCH", GROUP)
IN = rule(100, "allow")

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
