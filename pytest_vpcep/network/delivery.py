"""The last steps to another interface: its subnet's network ACL and its security groups."""

from __future__ import annotations

from pytest_vpcep.network.checks import check_interface, check_network_acl, check_security_groups
from pytest_vpcep.network.packets import Packet
from pytest_vpcep.network.records import Interface
from pytest_vpcep.network.traffic import Peer, address_peer
from pytest_vpcep.network.trail import Trail


def source_peer(packet: Packet) -> Peer:
    """Return the packet's source as the interface it comes to sees it."""
    source = packet.source
    return address_peer(packet.source_address or "", source.id, packet.topology.groups_of(source))


def deliver(
    trail: Trail, packet: Packet, target: Interface, groups: tuple[str, ...] | None = None
) -> None:
    """Bring a packet to an interface of the same VPC, and its answer back.

    Args:
        trail: the path so far.
        packet: from where to where.
        target: the interface it is for.
        groups: other security groups than the interface's own, such as an endpoint's.

    Raises:
        PathEndsError: the target lets it not in, or not answer.
    """
    peer = source_peer(packet)
    if target.subnet != packet.source.subnet:
        check_network_acl(
            trail, packet.topology, target.subnet, target.vpc, peer, packet.flow, leaving=False
        )
    if groups is None:
        check_interface(trail, packet.topology, target)
    check_security_groups(
        trail, packet.topology, target, peer, packet.flow, egress=False, groups=groups
    )
