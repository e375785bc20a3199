"""A packet on its way: where from, where to, and what it carries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_vpcep.network.records import Interface
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Flow, Peer, client_ports, make_flow


@dataclass(frozen=True)
class Packet:
    """What is sent from a source interface to a peer.

    Args:
        source_address: the source's own address of the peer's IP version; None where it has none.
    """

    topology: Topology
    source: Interface
    source_address: str | None
    peer: Peer
    flow: Flow

    @property
    def version(self) -> int:
        """Return the IP version."""
        return self.peer.version

    def to(self, peer: Peer) -> Packet:
        """Return the same packet for another peer."""
        return replace(self, peer=peer, source_address=family_address(self.source, peer.version))


def start(
    topology: Topology, interface: Interface, peer: Peer, port: int, protocol: str = "tcp"
) -> Packet:
    """Return a packet from an interface.

    Raises:
        RequestError: the port or protocol cannot be traced.
    """
    instance = topology.instances.get(interface.attached_to or "")
    flow = make_flow(protocol, port, client_ports(interface, instance), peer.version)
    return Packet(topology, interface, family_address(interface, peer.version), peer, flow)


def family_address(interface: Interface, version: int) -> str | None:
    """Return an interface's own address of an IP version."""
    if version == 4:
        return interface.private_address
    return interface.ipv6_addresses[0] if interface.ipv6_addresses else None
