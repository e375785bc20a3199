"""EC2's Describe responses to records: routes, security group rules, network ACL entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    NetworkAcl,
    NetworkAclEntry,
    PrefixList,
    Route,
    SecurityGroup,
    SecurityGroupRule,
)
from pytest_vpcep.network.spans import Spans

ALL_PORTS = (0, 65_535)

_PROTOCOL_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}
_PROTOCOL_NAMES = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "all traffic"}
_WITH_PORTS = frozenset({"6", "17"})
_ICMP = frozenset({"1", "58"})

# An instance's route also names its interface, which is what the packets go to; so it comes first.
_ROUTE_TARGETS = (
    "NetworkInterfaceId",
    "GatewayId",
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
)


def protocol_number(name: str) -> str:
    """Return the IANA number, as text, of a protocol named or numbered as EC2 does."""
    return _PROTOCOL_NUMBERS.get(name.lower(), name)


def protocol_name(number: str) -> str:
    """Return what EC2 calls a protocol number."""
    return _PROTOCOL_NAMES.get(number, f"protocol {number}")


def read_routes(table: Fields, prefix_lists: Mapping[str, PrefixList]) -> Iterator[Route]:
    """Yield the routes of one route table of ``DescribeRouteTables``."""
    for route in table.objects("Routes"):
        target = _target(route)
        destination, spans, is_list = _destination(route, prefix_lists)
        yield Route(
            destination=destination,
            spans=spans,
            target=target,
            target_kind="local" if target == "local" else target.partition("-")[0],
            blackhole=route.text("State", "active") == "blackhole",
            propagated=route.text("Origin", "") == "EnableVgwRoutePropagation",
            prefix_list=is_list,
        )


def _target(route: Fields) -> str:
    for key in _ROUTE_TARGETS:
        target = route.optional_text(key)
        if target:
            return target
    # A route whose target is gone may be described without one.
    return "no target"


def _destination(
    route: Fields, prefix_lists: Mapping[str, PrefixList]
) -> tuple[str, Spans | None, bool]:
    for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock"):
        if route.optional_text(key):
            return route.text(key), (route.span(key),), False
    identifier = route.text("DestinationPrefixListId")
    known = prefix_lists.get(identifier)
    return identifier, known.spans if known else None, True


def read_security_group(group: Fields) -> SecurityGroup:
    """Return a security group of ``DescribeSecurityGroups``."""
    return SecurityGroup(
        id=group.text("GroupId"),
        vpc=group.text("VpcId", ""),
        ingress=tuple(_group_rules(group, "IpPermissions")),
        egress=tuple(_group_rules(group, "IpPermissionsEgress")),
    )


def _group_rules(group: Fields, key: str) -> Iterator[SecurityGroupRule]:
    for permission in group.objects(key):
        protocol = protocol_number(permission.text("IpProtocol", "-1"))
        ports = _group_ports(permission, protocol)
        what = _what(protocol, ports)
        for block in permission.objects("IpRanges"):
            cidr = block.text("CidrIp")
            yield SecurityGroupRule(protocol, ports, f"{what}, {cidr}", (block.span("CidrIp"),))
        for block in permission.objects("Ipv6Ranges"):
            cidr = block.text("CidrIpv6")
            yield SecurityGroupRule(protocol, ports, f"{what}, {cidr}", (block.span("CidrIpv6"),))
        for entry in permission.objects("PrefixListIds"):
            identifier = entry.text("PrefixListId")
            yield SecurityGroupRule(
                protocol, ports, f"{what}, prefix list {identifier}", prefix_list=identifier
            )
        for pair in permission.objects("UserIdGroupPairs"):
            identifier = pair.text("GroupId")
            yield SecurityGroupRule(
                protocol, ports, f"{what}, security group {identifier}", group=identifier
            )


def _group_ports(permission: Fields, protocol: str) -> tuple[int, int]:
    """Return the ports, or for ICMP the types: ``FromPort`` is the type there, -1 for all."""
    if protocol in _WITH_PORTS:
        first, last = permission.number("FromPort", 0), permission.number("ToPort", 65_535)
        return ALL_PORTS if first == -1 else (first, last)
    if protocol in _ICMP:
        return _icmp_types(permission.number("FromPort", -1), permission.number("ToPort", -1))
    return ALL_PORTS


def _icmp_types(kind: int, code: int) -> tuple[int, int]:
    """Return the span of types whose echo (code 0) messages a rule lets through."""
    if kind == -1:
        return ALL_PORTS
    return (kind, kind) if code in (-1, 0) else (-1, -1)


def _what(protocol: str, ports: tuple[int, int]) -> str:
    name = protocol_name(protocol)
    if ports == ALL_PORTS or protocol not in _WITH_PORTS:
        return name if protocol == "-1" or protocol in _ICMP else f"all {name}"
    first, last = ports
    return f"{name} {first}" if first == last else f"{name} {first}-{last}"


def read_network_acl(acl: Fields) -> NetworkAcl:
    """Return a network ACL of ``DescribeNetworkAcls``, its rules in number order."""
    entries = sorted(
        (
            (entry.flag("Egress", default=False), _acl_entry(entry))
            for entry in acl.objects("Entries")
        ),
        key=lambda pair: pair[1].number,
    )
    return NetworkAcl(
        id=acl.text("NetworkAclId"),
        vpc=acl.text("VpcId", ""),
        default=acl.flag("IsDefault", default=False),
        ingress=tuple(entry for egress, entry in entries if not egress),
        egress=tuple(entry for egress, entry in entries if egress),
    )


def _acl_entry(entry: Fields) -> NetworkAclEntry:
    protocol = protocol_number(entry.text("Protocol", "-1"))
    key = "Ipv6CidrBlock" if entry.optional_text("Ipv6CidrBlock") else "CidrBlock"
    action = entry.text("RuleAction")
    if action not in ("allow", "deny"):
        raise entry.wrong("RuleAction", "allow or deny")
    return NetworkAclEntry(
        number=entry.number("RuleNumber"),
        protocol=protocol,
        ports=_acl_ports(entry, protocol),
        spans=(entry.span(key),),
        allow=action == "allow",
        cidr=entry.text(key),
    )


def _acl_ports(entry: Fields, protocol: str) -> tuple[int, int]:
    if protocol in _WITH_PORTS:
        ports = entry.object("PortRange")
        return ports.number("From", 0), ports.number("To", 65_535)
    if protocol in _ICMP:
        kind = entry.object("IcmpTypeCode")
        return _icmp_types(kind.number("Type", -1), kind.number("Code", -1))
    return ALL_PORTS
