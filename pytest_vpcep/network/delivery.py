"""The last steps to another interface: its subnet's network ACL, its security groups, answers."""

from __future__ import annotations

from pytest_vpcep.network.checks import check_interface, check_network_acl, check_security_groups
from pytest_vpcep.network.packets import Packet
from pytest_vpcep.network.records import Interface, Route
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Direction, Peer, address_peer
from pytest_vpcep.network.trail import Trail


def source_peer(packet: Packet) -> Peer:
    """Return the packet's source as its neighbours see it, security groups and all."""
    return address_peer(packet.source_address or "", _name(packet), packet.source_groups)


def groupless_source_peer(packet: Packet) -> Peer:
    """Return the packet's source where what it came over leaves its security groups behind."""
    return address_peer(packet.source_address or "", _name(packet))


def _name(packet: Packet) -> str:
    return f"{packet.source.id} ({packet.source_address})"


def deliver(
    trail: Trail,
    packet: Packet,
    target: Interface,
    *,
    over: str = "local",
    seen_as: Peer | None = None,
) -> None:
    """Bring a packet to an interface, past its subnet's network ACL, and its answer back.

    Args:
        trail: the path so far.
        packet: from where to where.
        target: the interface it is for.
        over: what it came over: ``local``, or a peering connection.
        seen_as: what the target sees as the source; the packet's own source by default.

    Raises:
        PathEndsError: the target lets it not in, or its answer does not come back.
    """
    peer = seen_as or source_peer(packet)
    if target.subnet != packet.source.subnet:
        check_network_acl(
            trail,
            packet.topology,
            target.subnet,
            target.vpc,
            peer,
            packet.flow,
            direction=Direction.INGRESS,
        )
    receive(trail, packet, target, peer, over=over)


def receive(trail: Trail, packet: Packet, target: Interface, peer: Peer, *, over: str) -> None:
    """Let a packet into an interface whose subnet it is in already, and its answer back.

    Args:
        trail: the path so far.
        packet: from where to where.
        target: the interface it is for.
        peer: what the target sees as the source.
        over: what it came over: ``local``, or a peering connection or transit gateway.

    Raises:
        PathEndsError: the target lets it not in, or its answer does not come back.
    """
    topology = packet.topology
    check_security_groups(
        trail,
        topology,
        target,
        peer,
        packet.flow,
        direction=Direction.INGRESS,
        groups=packet.target_groups,
    )
    if packet.target_groups is None:
        check_interface(trail, topology, target)
    if target.subnet != packet.source.subnet:
        check_way_back(trail, topology, target, peer, over)
    trail.source_ip = packet.source_address


def nobody(trail: Trail, packet: Packet, vpc: str) -> None:
    """Handle an address that no interface of a VPC has: nobody's, or not collected.

    Raises:
        PathEndsError: the snapshot has the VPC's interfaces, and none with the address.
    """
    if "DescribeNetworkInterfaces" not in packet.topology.collected:
        trail.doubt(
            f"the snapshot has no DescribeNetworkInterfaces, so who has {packet.peer.name} in "
            f"{vpc} is not known"
        )
        return
    raise trail.block(
        "NO_POSSIBLE_DESTINATION",
        vpc,
        f"no network interface of {vpc} has the address {packet.peer.name}",
    )


def check_way_back(
    trail: Trail, topology: Topology, interface: Interface, peer: Peer, over: str
) -> None:
    """Check that an interface's subnet sends answers back over what the request came by.

    Raises:
        PathEndsError: it sends none of them that way.
    """
    table = topology.route_table_of(interface.subnet, interface.vpc)
    if table is None:
        trail.doubt(f"the snapshot has no route table of {interface.subnet}")
        return
    shares = topology.once(("back", table.id, peer), lambda: table.shares(peer.spans))
    back = [share for share in shares if share.routes and _all_lead_to(share.routes, over)]
    if not back and over == "local" and not any(share.routes for share in shares):
        # moto's endpoint interfaces lie outside their VPC's blocks, so no local route names them.
        return
    if not back:
        routes = ", ".join(str(route) for share in shares for route in share.routes)
        trail.hop(
            "route-table", table.id, f"{table.title}: back to {peer.name}: {routes or 'no route'}"
        )
        raise trail.block(
            "NO_ROUTE_TO_DESTINATION",
            table.id,
            f"{table.title} of {interface.subnet} has no route back to {peer.name} over {over}: "
            "the answers do not leave the way the request came",
        )
    if over != "local":
        trail.hop(
            "route-table", table.id, f"{table.title}: back to {peer.name}: {back[0].routes[0]}"
        )
    if len(back) < len(shares):
        trail.doubt(f"{table.title} has a way back over {over} for some of {peer.name} only")


def _all_lead_to(routes: tuple[Route, ...], target: str) -> bool:
    return all(route.target == target and not route.blackhole for route in routes)
