"""Matching traffic against security groups and network ACLs, addresses and ports exactly.

A peer may be known by a set of addresses only ("Amazon S3 in us-east-1"), and a client by a range
of ports. So rules take parts of what is asked, and the answer is yes, no, or "for some of it".
Rests on "Security group rules" and "Network ACL rules" (Amazon VPC User Guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pytest_vpcep.network.records import (
    NetworkAcl,
    NetworkAclEntry,
    PrefixList,
    SecurityGroup,
    SecurityGroupRule,
)
from pytest_vpcep.network.spans import Span, Spans, intersect, subtract
from pytest_vpcep.network.traffic import Direction, Peer

ALL_PROTOCOLS = "-1"


@dataclass(frozen=True)
class Verdict:
    """What a list of rules says of some traffic.

    Args:
        allowed: True, False, or None where it depends on something that is not known.
        by: the rules that speak, in words.
    """

    allowed: bool | None
    by: str


class _Box(NamedTuple):
    """Addresses by ports: a rectangle of traffic."""

    span: Span
    first_port: int
    last_port: int


def _boxes(peer: Peer, ports: tuple[int, int]) -> list[_Box]:
    return [_Box(span, *ports) for span in peer.spans]


def _take(
    boxes: Iterable[_Box], spans: Spans, ports: tuple[int, int]
) -> tuple[list[_Box], list[_Box]]:
    """Split traffic into what a rule for these addresses and ports matches, and the rest."""
    taken: list[_Box] = []
    left: list[_Box] = []
    for box in boxes:
        first, last = max(box.first_port, ports[0]), min(box.last_port, ports[1])
        common = intersect((box.span,), spans) if first <= last else ()
        if not common:
            left.append(box)
            continue
        taken += [_Box(span, first, last) for span in common]
        left += [
            _Box(span, box.first_port, box.last_port) for span in subtract((box.span,), common)
        ]
        if box.first_port < first:
            left += [_Box(span, box.first_port, first - 1) for span in common]
        if last < box.last_port:
            left += [_Box(span, last + 1, box.last_port) for span in common]
    return taken, left


def security_groups_verdict(
    groups: Sequence[SecurityGroup],
    *,
    direction: Direction,
    protocol: str,
    ports: tuple[int, int],
    peer: Peer,
    prefix_lists: Mapping[str, PrefixList],
) -> Verdict:
    """Say whether any rule of any of the groups lets the traffic through."""
    left = _boxes(peer, ports)
    by: list[str] = []
    doubts: list[str] = []
    for group in groups:
        for rule in rules_of(group, direction):
            if rule.protocol not in (protocol, ALL_PROTOCOLS):
                continue
            spans = _rule_spans(rule, peer, prefix_lists)
            if spans is None:
                doubts.append(f"{group.id} ({rule.text}), whose entries the snapshot does not have")
                continue
            taken, left = _take(left, spans, rule.ports)
            if taken:
                by.append(f"{group.id} ({rule.text})")
            if not left:
                return Verdict(allowed=True, by=" and ".join(by))
    if by or doubts:
        return Verdict(allowed=None, by=" and ".join(by + doubts))
    return Verdict(allowed=False, by="")


def rules_of(group: SecurityGroup, direction: Direction) -> tuple[SecurityGroupRule, ...]:
    """Return a security group's rules for connections opened in a direction."""
    return group.egress if direction is Direction.EGRESS else group.ingress


def entries_of(acl: NetworkAcl, direction: Direction) -> tuple[NetworkAclEntry, ...]:
    """Return a network ACL's rules for packets that go in a direction."""
    return acl.egress if direction is Direction.EGRESS else acl.ingress


def _rule_spans(
    rule: SecurityGroupRule, peer: Peer, prefix_lists: Mapping[str, PrefixList]
) -> Spans | None:
    """Return which addresses of the peer a rule means, None where that is not known."""
    if rule.group is not None:
        return peer.spans if rule.group in peer.groups else ()
    if rule.prefix_list is None:
        return rule.spans
    return prefix_list_spans(rule.prefix_list, peer, prefix_lists)


def prefix_list_spans(
    identifier: str, peer: Peer, prefix_lists: Mapping[str, PrefixList]
) -> Spans | None:
    """Return the addresses of the peer that a prefix list holds, None where that is not known."""
    if identifier in peer.prefix_lists:
        return peer.spans
    known = prefix_lists.get(identifier)
    if known is not None and known.spans is not None:
        return known.spans
    if known is not None and peer.service and known.name.startswith("com.amazonaws."):
        # AWS's own lists each hold one service's addresses, and this is another service.
        return ()
    return None


def network_acl_verdict(
    entries: Sequence[NetworkAclEntry], protocol: str, ports: tuple[int, int], peer: Peer
) -> Verdict:
    """Say whether the first matching rule allows the traffic; the last rule (``*``) denies."""
    left = _boxes(peer, ports)
    spoken: dict[bool, list[str]] = {True: [], False: []}
    for entry in entries:
        if entry.protocol not in (protocol, ALL_PROTOCOLS):
            continue
        taken, left = _take(left, entry.spans, entry.ports)
        if taken:
            word = "allow" if entry.allow else "deny"
            spoken[entry.allow].append(f"rule {_number(entry.number)} ({word} {entry.cidr})")
        if not left:
            break
    if left:
        spoken[False].append("rule * (deny)")
    by = " and ".join(spoken[True] + spoken[False])
    if spoken[True] and spoken[False]:
        return Verdict(allowed=None, by=by)
    return Verdict(allowed=bool(spoken[True]), by=by)


def _number(number: int) -> str:
    return "*" if number == 32_767 else str(number)
