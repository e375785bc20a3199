"""Following the route table of a packet's subnet to wherever its route leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pytest_vpcep.network import gateways, middlebox, nat, peering, transit
from pytest_vpcep.network.delivery import deliver, nobody
from pytest_vpcep.network.describe import AWS_LISTS
from pytest_vpcep.network.packets import Onward, Packet
from pytest_vpcep.network.records import Route
from pytest_vpcep.network.routing import RouteTable, Share
from pytest_vpcep.network.spans import Span, prefix_length
from pytest_vpcep.network.traffic import Peer
from pytest_vpcep.network.trail import Trail

_FOLLOW: dict[str, Callable[[Trail, Packet, Route, Onward], None]] = {
    "igw": gateways.internet_gateway,
    "eigw": gateways.egress_only_internet_gateway,
    "vpce": gateways.gateway_endpoint,
    "vgw": gateways.virtual_private_gateway,
    "nat": nat.nat_gateway,
    "eni": middlebox.middlebox,
    "i": middlebox.middlebox,
    "pcx": peering.peering_connection,
    "tgw": transit.transit_gateway,
}


def follow_routes(trail: Trail, packet: Packet) -> None:
    """Follow the route table of the packet's subnet.

    Raises:
        PathEndsError: no route takes the packet, or what it leads to does not.
    """
    target = packet.neighbour
    if target is not None and target.subnet == packet.source.subnet:
        # Inside a subnet packets go from interface to interface, past no router.
        deliver(trail, packet, target)
        return
    table = packet.topology.route_table_of(packet.source.subnet, packet.source.vpc)
    if table is None:
        trail.doubt(f"the snapshot has no route table of {packet.source.subnet}")
        return
    ways, doubts = packet.topology.once(
        ("routes", table.id, packet.peer), lambda: _ways(packet, table)
    )
    for reason in doubts:
        trail.doubt(reason)
    trail.fork(
        [
            partial(_take_route, packet=replace(packet, peer=peer), table=table, route=route)
            for peer, route in ways
        ],
        f"route table {table.id} sends {packet.peer.name} several ways",
    )


def _ways(
    packet: Packet, table: RouteTable
) -> tuple[tuple[tuple[Peer, Route | None], ...], tuple[str, ...]]:
    """Return which route takes which of the peer's addresses, and what is not known of it."""
    shares, doubts = _shares(packet, table)
    one = len(shares) == 1
    return tuple(
        (packet.peer if one else packet.peer.narrowed(share.spans, f"{table.id} {index}"), route)
        for index, share in enumerate(shares)
        for route in share.routes or (None,)
    ), doubts


def _shares(packet: Packet, table: RouteTable) -> tuple[tuple[Share, ...], tuple[str, ...]]:
    """Return the routes for the packet's peer, those to unread prefix lists among them."""
    peer, doubts = packet.peer, []
    found = table.shares(peer.spans)
    shares = _one_per_target(found)
    for route in table.unread:
        if route.destination in peer.prefix_lists:
            if any(_narrow(share.routes) for share in found):
                doubts.append(
                    f"whether {route} is the most specific route to {peer.name} depends on its "
                    "entries, which are not in the snapshot"
                )
            shares = (Share(peer.spans, (route,)),)
        elif not (peer.service and _of_another_service(packet, route.destination)):
            doubts.append(
                f"whether {route} takes {peer.name} depends on the entries of "
                f"{route.destination}, which are not in the snapshot"
            )
    return shares, tuple(doubts)


def _narrow(routes: tuple[Route, ...]) -> bool:
    """Whether some route is more specific than a default route."""
    return any(prefix_length(span) > 0 for route in routes for span in route.spans or ())


def _of_another_service(packet: Packet, identifier: str) -> bool:
    topology = packet.topology
    known = topology.prefix_lists.get(identifier)
    named = known is not None and known.name.startswith(AWS_LISTS)
    return named or any(identifier in lists for lists in topology.service_lists.values())


def _one_per_target(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """Join shares whose routes lead to the same target, so that a path forks only where it may."""
    joined: dict[tuple[tuple[str, bool], ...], tuple[tuple[Route, ...], list[Span]]] = {}
    for share in shares:
        key = tuple((route.target, route.blackhole) for route in share.routes)
        joined.setdefault(key, (share.routes, []))[1].extend(share.spans)
    return tuple(Share(tuple(spans), routes) for routes, spans in joined.values())


def _take_route(trail: Trail, packet: Packet, table: RouteTable, route: Route | None) -> None:
    if route is None:
        trail.hop("route-table", table.id, f"{table.title}: no route to {packet.peer.name}")
        raise trail.block(
            "NO_ROUTE_TO_DESTINATION",
            table.id,
            f"{table.title} of {packet.source.subnet} has no route to {packet.peer.name}",
        )
    trail.hop("route-table", table.id, f"{table.title}: {route}")
    if route.blackhole:
        raise trail.block(
            "BAD_STATE_ROUTE",
            table.id,
            f"{table.title}: the target of {route} is gone (blackhole)",
        )
    if route.target_kind == "local":
        _local(trail, packet)
        return
    follow = _FOLLOW.get(route.target_kind)
    if follow is None:
        trail.via = route.target
        trail.doubt(f"where {route.target} leads is not traced")
        return
    follow(trail, packet, route, follow_routes)


def _local(trail: Trail, packet: Packet) -> None:
    if packet.neighbour is None:
        nobody(trail, packet, packet.source.vpc)
        return
    deliver(trail, packet, packet.neighbour)
