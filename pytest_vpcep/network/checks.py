"""What every packet meets at an interface and its subnet: state, security groups, network ACLs."""

from __future__ import annotations

from pytest_vpcep.network.records import Interface, SecurityGroup
from pytest_vpcep.network.rules import (
    Verdict,
    entries_of,
    network_acl_verdict,
    rules_of,
    security_groups_verdict,
)
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Direction, Flow, Peer
from pytest_vpcep.network.trail import Trail


def check_interface(trail: Trail, topology: Topology, interface: Interface) -> None:
    """Pass an interface that is in use, on an instance that runs.

    Raises:
        PathEndsError: it is not.
    """
    instance = topology.instances.get(interface.attached_to or "")
    addresses = [
        f"{private} (public {public})" if public else private
        for private, public in interface.addresses
    ]
    shown = ", ".join((*addresses, *interface.ipv6_addresses)) or "no address"
    of_instance = f" of {instance.id} ({instance.state})" if instance else ""
    trail.hop(
        "interface",
        interface.id,
        f"network interface {interface.id}{of_instance} in {interface.subnet}: {shown}",
    )
    require_in_use(trail, topology, interface)


def require_in_use(trail: Trail, topology: Topology, interface: Interface) -> None:
    """Check that an interface is attached to an instance that runs, without a hop of its own.

    Raises:
        PathEndsError: it is not.
    """
    instance = topology.instances.get(interface.attached_to or "")
    if instance is None and interface.attached_to is not None:
        trail.doubt(f"whether {interface.attached_to} runs is not in the snapshot")
    if instance is not None and instance.state != "running":
        raise trail.block(
            "BAD_STATE", instance.id, f"instance {instance.id} is {instance.state}, not running"
        )
    if interface.attachment in ("detaching", "detached") or interface.status == "available":
        raise trail.block(
            "BAD_STATE_ATTACHMENT",
            interface.id,
            f"network interface {interface.id} is attached to nothing",
        )


def check_security_groups(
    trail: Trail,
    topology: Topology,
    interface: Interface,
    peer: Peer,
    flow: Flow,
    *,
    direction: Direction,
    groups: tuple[str, ...] | None = None,
) -> None:
    """Pass the security groups of an interface; they are stateful, so answers need no rule.

    Args:
        trail: where to note it.
        topology: where the groups are.
        interface: whose groups are asked.
        peer: the far end.
        flow: the connection.
        direction: egress where the interface opens the connection, else ingress.
        groups: other groups than the interface's own, such as an endpoint's.

    Raises:
        PathEndsError: no rule lets the connection through.
    """
    names = topology.groups_of(interface) if groups is None else groups
    known = tuple(
        topology.security_groups[name] for name in names if name in topology.security_groups
    )
    verdict = topology.once(
        ("groups", names, direction, flow.protocol, flow.ports, peer),
        lambda: security_groups_verdict(
            known,
            direction=direction,
            protocol=flow.protocol,
            ports=flow.ports,
            peer=peer,
            prefix_lists=topology.prefix_lists,
        ),
    )
    asked = f"{flow.what} {direction.towards} {peer.name}"
    identifier = ", ".join(names)
    if verdict.allowed is not True and (len(known) < len(names) or not names):
        trail.doubt(
            f"the snapshot has not all security groups of {interface.id} "
            f"({identifier or 'it lists none'})"
        )
        return
    if verdict.allowed is False:
        code, lacking = _no_rule(known, names, direction)
        trail.hop("security-group", identifier, f"{lacking} lets through {asked}")
        raise trail.block(code, names[0], f"{lacking} lets through {asked}")
    trail.hop("security-group", identifier, f"{verdict.by} lets through {asked}")
    if verdict.allowed is None:
        trail.doubt(f"{asked} is let through in part only, or perhaps: {verdict.by}")


def _no_rule(
    known: tuple[SecurityGroup, ...], names: tuple[str, ...], direction: Direction
) -> tuple[str, str]:
    way = "outbound" if direction is Direction.EGRESS else "inbound"
    where = f"security group {names[0]}" if len(names) == 1 else f"none of {', '.join(names)}"
    if not any(rules_of(group, direction) for group in known):
        return "SG_HAS_NO_RULES", f"{where} has no {way} rules: nothing"
    return "ENI_SG_RULES_MISMATCH", f"no {way} rule of {where.removeprefix('none of ')}"


def check_network_acl(
    trail: Trail,
    topology: Topology,
    subnet: str,
    vpc: str,
    peer: Peer,
    flow: Flow,
    *,
    direction: Direction,
) -> None:
    """Pass a subnet's network ACL with the request and, since it is stateless, with the answer.

    Args:
        trail: where to note it.
        topology: where the ACLs are.
        subnet: the subnet whose boundary is crossed.
        vpc: its VPC.
        peer: the far end, beyond the boundary.
        flow: the connection.
        direction: egress where the request leaves the subnet and the answer enters it.

    Raises:
        PathEndsError: the ACL denies the request or the answer.
    """
    acl = topology.network_acl_of(subnet, vpc)
    if acl is None:
        trail.doubt(f"the snapshot has no network ACL of {subnet}")
        return
    request, answer = topology.once(
        ("acl", acl.id, direction, flow, peer),
        lambda: (
            network_acl_verdict(entries_of(acl, direction), flow.protocol, flow.ports, peer),
            network_acl_verdict(
                entries_of(acl, direction.reverse), flow.protocol, flow.replies, peer
            ),
        ),
    )
    asked = f"{flow.what} {direction.towards} {peer.name}"
    replied = f"the answers, {flow.reply} {direction.reverse.towards} {peer.name}"
    default = " (default)" if acl.default else ""
    trail.hop(
        "network-acl",
        acl.id,
        f"network ACL {acl.id}{default} of {subnet}: {asked}: {request.by}; {replied}: {answer.by}",
    )
    for verdict, what in ((request, asked), (answer, replied)):
        _judge(trail, acl.id, verdict, what)


def _judge(trail: Trail, acl: str, verdict: Verdict, what: str) -> None:
    if verdict.allowed is False:
        raise trail.block(
            "SUBNET_ACL_RESTRICTION", acl, f"network ACL {acl} denies {what}: {verdict.by}"
        )
    if verdict.allowed is None:
        trail.doubt(f"network ACL {acl} allows {what} in part only: {verdict.by}")
