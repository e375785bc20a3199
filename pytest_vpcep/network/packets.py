"""A packet on its way: where from, where to, and what it carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pytest_vpcep.network.records import Interface
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import ANY_CLIENT_PORTS, Flow, Peer, client_ports, make_flow
from pytest_vpcep.network.trail import Trail


@dataclass(frozen=True)
class Packet:
    """What is sent from a source interface to a peer.

    Args:
        source_address: the source's own address of the peer's IP version; None where it has none.
        source_groups: the source's security groups; a NAT gateway has none.
        target_groups: security groups that stand for those of the interface it is for, such as an
            endpoint's.
        passed: ids of the NAT devices it has passed, so that none is passed twice.
    """

    topology: Topology
    source: Interface
    source_address: str | None
    source_groups: tuple[str, ...]
    peer: Peer
    flow: Flow
    target_groups: tuple[str, ...] | None = None
    passed: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """Return the IP version."""
        return self.peer.version

    @property
    def neighbour(self) -> Interface | None:
        """Return the interface of the source's own VPC that has the peer's address."""
        return interface_at(self.topology, self.source.vpc, self.peer)

    def to(self, peer: Peer, groups: tuple[str, ...] | None = None) -> Packet:
        """Return the same packet for another peer, whose interface has these groups."""
        address = family_address(self.source, peer.version)
        return replace(self, peer=peer, source_address=address, target_groups=groups)

    def translated(self, device: str, source: Interface, groups: tuple[str, ...]) -> Packet:
        """Return the packet as a NAT device sends it on, from an interface of its own."""
        return replace(
            self,
            source=source,
            source_address=family_address(source, self.version),
            source_groups=groups,
            flow=self.flow.from_ports(ANY_CLIENT_PORTS),
            passed=(*self.passed, device),
        )


#: Takes a packet on from a device by the routes of the device's own subnet.
Onward = Callable[[Trail, Packet], None]


def start(
    topology: Topology, interface: Interface, peer: Peer, port: int, protocol: str = "tcp"
) -> Packet:
    """Return a packet from an interface.

    Raises:
        RequestError: the port or protocol cannot be traced.
    """
    instance = topology.instances.get(interface.attached_to or "")
    flow = make_flow(protocol, port, client_ports(interface, instance), peer.version)
    address = family_address(interface, peer.version)
    return Packet(topology, interface, address, topology.groups_of(interface), peer, flow)


def family_address(interface: Interface, version: int) -> str | None:
    """Return an interface's own address of an IP version."""
    if version == 4:
        return interface.private_address
    return interface.ipv6_addresses[0] if interface.ipv6_addresses else None


def interface_at(topology: Topology, vpc: str, peer: Peer) -> Interface | None:
    """Return the interface of a VPC that has the one address of a peer."""
    if not peer.spans or peer.spans[0].first != peer.spans[0].last:
        return None
    span = peer.spans[0]
    identifier = topology.interface_at.get((vpc, span.version, span.first))
    return topology.interfaces[identifier] if identifier else None
