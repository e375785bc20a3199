"""VPC peering connections, which join two VPCs and lead no further.

Rests on "How VPC peering connections work" and "VPC peering limitations" (VPC Peering Guide): both
sides' routes, no edge-to-edge routing through the other side's gateways, NAT devices or gateway
endpoints; and on "Update your security groups to reference peer security groups".
"""

from __future__ import annotations

from pytest_vpcep.network.delivery import (
    deliver,
    groupless_source_peer,
    nobody,
    source_peer,
)
from pytest_vpcep.network.gateways import missing
from pytest_vpcep.network.packets import Onward, Packet, interface_at
from pytest_vpcep.network.records import Interface, Peering, PeeringSide, Route
from pytest_vpcep.network.spans import subtract
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Peer
from pytest_vpcep.network.trail import Trail


def peering_connection(trail: Trail, packet: Packet, route: Route, _onward: Onward) -> None:
    """Cross a peering connection to an interface of the other VPC.

    Raises:
        PathEndsError: it is not active, or the other VPC has no such address.
    """
    peering = packet.topology.peerings.get(route.target)
    if peering is None:
        missing(trail, packet, route, "DescribeVpcPeeringConnections")
        return
    other = peering.other_side(packet.source.vpc)
    trail.hop("vpc-peering-connection", peering.id, f"{peering.id} is {peering.status}")
    if peering.status != "active" or other is None:
        raise trail.block("BAD_STATE", peering.id, f"{peering.id} is {peering.status}, not active")
    if subtract(packet.peer.spans, other.cidrs) and other.cidrs:
        raise trail.block(
            "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
            peering.id,
            f"{packet.peer.name} is not an address of {other.vpc}, and {peering.id} leads no "
            "further: not to that VPC's gateways, NAT devices or gateway endpoints",
        )
    trail.via = peering.id
    target = interface_at(packet.topology, other.vpc, packet.peer)
    if other.vpc not in packet.topology.vpcs:
        trail.doubt(f"{other.vpc} on the other side of {peering.id} is not in the snapshot")
        return
    if target is None:
        nobody(trail, packet, other.vpc)
        return
    seen_as = source_peer(packet) if peering.one_region else groupless_source_peer(packet)
    deliver(trail, packet, target, over=peering.id, seen_as=seen_as)


def peered_interface(topology: Topology, vpc: str, peer: Peer) -> Interface | None:
    """Return the interface with a peer's address in a VPC peered in the same Region."""
    for peering, other in _sides(topology, vpc):
        if peering.status == "active" and peering.one_region:
            found = interface_at(topology, other.vpc, peer)
            if found is not None:
                return found
    return None


def _sides(topology: Topology, vpc: str) -> list[tuple[Peering, PeeringSide]]:
    sides = ((peering, peering.other_side(vpc)) for peering in topology.peerings.values())
    return [(peering, other) for peering, other in sides if other is not None]
