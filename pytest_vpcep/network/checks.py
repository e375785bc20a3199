"""What every packet meets at an interface and its subnet: state, security groups, network ACLs."""

from __future__ import annotations

from pytest_vpcep.network.records import Interface, SecurityGroup
from pytest_vpcep.network.rules import Verdict, network_acl_verdict, security_groups_verdict
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Flow, Peer
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
    egress: bool,
    groups: tuple[str, ...] | None = None,
) -> None:
    """Pass the security groups of an interface; they are stateful, so answers need no rule.

    Args:
        trail: where to note it.
        topology: where the groups are.
        interface: whose groups are asked.
        peer: the far end.
        flow: the connection.
        egress: whether the connection starts at the interface.
        groups: other groups than the interface's own, such as an endpoint's.

    Raises:
        PathEndsError: no rule lets the connection through.
    """
    names = topology.groups_of(interface) if groups is None else groups
    known = tuple(
        topology.security_groups[name] for name in names if name in topology.security_groups
    )
    identifier = ", ".join(names)
    if len(known) < len(names) or not names:
        trail.doubt(
            f"the snapshot has not all security groups of {interface.id} "
            f"({identifier or 'it lists none'})"
        )
        return
    verdict = topology.once(
        ("groups", names, egress, flow.protocol, flow.ports, peer),
        lambda: security_groups_verdict(
            known,
            egress=egress,
            protocol=flow.protocol,
            ports=flow.ports,
            peer=peer,
            prefix_lists=topology.prefix_lists,
        ),
    )
    direction = "outbound to" if egress else "inbound from"
    asked = f"{flow.what} {direction} {peer.name}"
    if verdict.allowed is False:
        code, lacking = _no_rule(known, names, egress=egress)
        trail.hop("security-group", identifier, f"{lacking} lets through {asked}")
        raise trail.block(code, names[0], f"{lacking} lets through {asked}")
    trail.hop("security-group", identifier, f"{verdict.by} lets through {asked}")
    if verdict.allowed is None:
        trail.doubt(f"{asked} is let through in part only, or perhaps: {verdict.by}")


def _no_rule(
    known: tuple[SecurityGroup, ...], names: tuple[str, ...], *, egress: bool
) -> tuple[str, str]:
    direction = "outbound" if egress else "inbound"
    where = f"security group {names[0]}" if len(names) == 1 else f"none of {', '.join(names)}"
    if not any(group.egress if egress else group.ingress for group in known):
        return "SG_HAS_NO_RULES", f"{where} has no {direction} rules: nothing"
    return "ENI_SG_RULES_MISMATCH", f"no {direction} rule of {where.removeprefix('none of ')}"


def check_network_acl(
    trail: Trail,
    topology: Topology,
    subnet: str,
    vpc: str,
    peer: Peer,
    flow: Flow,
    *,
    leaving: bool,
) -> None:
    """Pass a subnet's network ACL with the request and, since it is stateless, with the answer.

    Args:
        trail: where to note it.
        topology: where the ACLs are.
        subnet: the subnet whose boundary is crossed.
        vpc: its VPC.
        peer: the far end, beyond the boundary.
        flow: the connection.
        leaving: whether the request goes out of the subnet (the answer in) or the reverse.

    Raises:
        PathEndsError: the ACL denies the request or the answer.
    """
    acl = topology.network_acl_of(subnet, vpc)
    if acl is None:
        trail.doubt(f"the snapshot has no network ACL of {subnet}")
        return
    request, answer = topology.once(
        ("acl", acl.id, leaving, flow, peer),
        lambda: (
            network_acl_verdict(
                acl.egress if leaving else acl.ingress, flow.protocol, flow.ports, peer
            ),
            network_acl_verdict(
                acl.ingress if leaving else acl.egress, flow.protocol, flow.replies, peer
            ),
        ),
    )
    to, back = ("outbound to", "inbound from") if leaving else ("inbound from", "outbound to")
    asked = f"{flow.what} {to} {peer.name}"
    replied = f"the answers, {flow.reply} {back} {peer.name}"
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
