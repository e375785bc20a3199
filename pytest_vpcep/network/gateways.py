"""Following a route to its target: local, internet gateway, NAT gateway, gateway endpoint, ..."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pytest_vpcep.network.checks import check_network_acl
from pytest_vpcep.network.delivery import deliver, source_peer
from pytest_vpcep.network.describe import AWS_LISTS
from pytest_vpcep.network.packets import Packet
from pytest_vpcep.network.records import Interface, NatGateway, Route
from pytest_vpcep.network.routing import RouteTable, Share
from pytest_vpcep.network.spans import PRIVATE_IPV4, SHARED_IPV4, prefix_length, subtract
from pytest_vpcep.network.traffic import ANY_CLIENT_PORTS
from pytest_vpcep.network.trail import Trail


def interface_in_vpc(packet: Packet) -> Interface | None:
    """Return the interface of the source's own VPC that has the peer's address."""
    span = packet.peer.spans[0]
    if span.first != span.last:
        return None
    topology = packet.topology
    identifier = topology.interface_at.get((packet.source.vpc, span.version, span.first))
    return topology.interfaces[identifier] if identifier else None


def follow_routes(
    trail: Trail, packet: Packet, endpoint_groups: tuple[str, ...] | None = None
) -> None:
    """Follow the route table of the source's subnet.

    Raises:
        PathEndsError: no route takes the packet, or what it leads to does not.
    """
    table = packet.topology.route_table_of(packet.source.subnet, packet.source.vpc)
    if table is None:
        trail.doubt(f"the snapshot has no route table of {packet.source.subnet}")
        return
    shares, doubts = packet.topology.once(
        ("routes", table.id, packet.peer), lambda: _shares(packet, table)
    )
    for reason in doubts:
        trail.doubt(reason)
    ways: list[Callable[[Trail], None]] = [
        partial(
            _take_route, packet=packet, table=table, route=route, endpoint_groups=endpoint_groups
        )
        for share in shares
        for route in share.routes or (None,)
    ]
    if len(ways) == 1:
        ways[0](trail)
    else:
        trail.fork(ways, f"route table {table.id} sends {packet.peer.name} several ways")


def _shares(packet: Packet, table: RouteTable) -> tuple[tuple[Share, ...], tuple[str, ...]]:
    """Return the routes for the packet's peer, those to unread prefix lists among them."""
    peer, doubts = packet.peer, []
    shares = _one_per_target(table.shares(peer.spans))
    for route in table.unread:
        if route.destination in peer.prefix_lists:
            if any(_narrow(share.routes) for share in shares):
                doubts.append(f"the entries of {route.destination} are not in the snapshot")
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
    joined: dict[tuple[tuple[str, bool], ...], Share] = {}
    for share in shares:
        key = tuple((route.target, route.blackhole) for route in share.routes)
        before = joined.get(key)
        joined[key] = Share(before.spans + share.spans, before.routes) if before else share
    return tuple(joined.values())


def _take_route(
    trail: Trail,
    packet: Packet,
    table: RouteTable,
    route: Route | None,
    endpoint_groups: tuple[str, ...] | None,
) -> None:
    name = f"route table {table.id}{' (main)' if table.main else ''}"
    if route is None:
        trail.hop("route-table", table.id, f"{name}: no route to {packet.peer.name}")
        raise trail.block(
            "NO_ROUTE_TO_DESTINATION", table.id, f"{name} has no route to {packet.peer.name}"
        )
    trail.hop("route-table", table.id, f"{name}: {route}")
    if route.blackhole:
        raise trail.block(
            "BAD_STATE_ROUTE", table.id, f"{name}: the target of {route} is gone (blackhole)"
        )
    if route.target_kind == "local":
        _local(trail, packet, endpoint_groups)
        return
    follow = _FOLLOW.get(route.target_kind)
    if follow is None:
        trail.via = route.target
        trail.doubt(f"where {route.target} leads is not traced")
        return
    follow(trail, packet, route)


def _local(trail: Trail, packet: Packet, endpoint_groups: tuple[str, ...] | None) -> None:
    target = interface_in_vpc(packet)
    if target is None:
        raise trail.block(
            "NO_POSSIBLE_DESTINATION",
            packet.source.vpc,
            f"no network interface of {packet.source.vpc} has the address {packet.peer.name}",
        )
    deliver(trail, packet, target, endpoint_groups)
    trail.source_ip = packet.source_address


def _missing(trail: Trail, packet: Packet, route: Route, operation: str) -> None:
    """Handle a target that the snapshot does not list: gone, or never asked for."""
    if operation in packet.topology.collected:
        raise trail.block(
            "BAD_STATE_ROUTE",
            route.target,
            f"{route.target}, the target of {route}, does not exist",
        )
    trail.via = route.target
    trail.doubt(f"the snapshot has no {operation}, so nothing is known of {route.target}")


def _internet_gateway(trail: Trail, packet: Packet, route: Route) -> None:
    """Leave by an internet gateway: "Enable internet access for a VPC using internet gateways"."""
    gateway = packet.topology.internet_gateways.get(route.target)
    if gateway is None:
        _missing(trail, packet, route, "DescribeInternetGateways")
        return
    if gateway.vpc != packet.source.vpc or gateway.state not in ("available", "attached"):
        where = f"attached to {gateway.vpc}" if gateway.vpc else "attached to no VPC"
        raise trail.block(
            "BAD_STATE_ATTACHMENT",
            gateway.id,
            f"internet gateway {gateway.id} is {where}, not {packet.source.vpc}",
        )
    _refuse_private(trail, packet, gateway.id)
    public = packet.source.public_address if packet.version == 4 else packet.source_address
    if public is None:
        raise trail.block(
            "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            gateway.id,
            f"network interface {packet.source.id} has no public IPv4 address, "
            f"so internet gateway {gateway.id} does not take its traffic",
        )
    trail.via, trail.source_ip = gateway.id, public
    trail.hop(
        "internet-gateway",
        gateway.id,
        f"internet gateway {gateway.id} of {gateway.vpc}: "
        f"{packet.source_address} goes out as {public}",
    )


def _refuse_private(trail: Trail, packet: Packet, gateway: str) -> None:
    for spans, rfc in ((PRIVATE_IPV4, "1918"), (SHARED_IPV4, "6598")):
        if packet.version == 4 and not subtract(packet.peer.spans, spans):
            raise trail.block(
                f"IGW_DESTINATION_ADDRESS_NOT_IN_RFC{rfc}_EGRESS",
                gateway,
                f"{packet.peer.name} is an RFC {rfc} address, which is not on the internet",
            )


def _gateway_endpoint(trail: Trail, packet: Packet, route: Route) -> None:
    """Leave by a gateway endpoint: "Gateway endpoints" (AWS PrivateLink Guide)."""
    endpoint = packet.topology.endpoints.get(route.target)
    if endpoint is None:
        _missing(trail, packet, route, "DescribeVpcEndpoints")
        return
    if endpoint.type != "Gateway":
        trail.via = endpoint.id
        trail.doubt(f"where {endpoint.id} ({endpoint.type}) sends packets on is not traced")
        return
    if endpoint.state != "available" or endpoint.vpc != packet.source.vpc:
        raise trail.block(
            "BAD_STATE",
            endpoint.id,
            f"gateway endpoint {endpoint.id} of {endpoint.vpc} is {endpoint.state}",
        )
    if packet.flow.protocol not in ("6", "1"):
        raise trail.block(
            "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
            endpoint.id,
            f"gateway endpoint {endpoint.id} takes TCP and ICMP echo only, not {packet.flow.what}",
        )
    trail.via = trail.endpoint = endpoint.id
    trail.source_vpc, trail.source_ip = endpoint.vpc, packet.source_address
    trail.hop(
        "vpc-endpoint",
        endpoint.id,
        f"gateway endpoint {endpoint.id} ({endpoint.service_name}), available",
    )


def _nat_gateway(trail: Trail, packet: Packet, route: Route) -> None:
    """Pass a NAT gateway and its own subnet: "NAT gateway basics" and "NAT gateway use cases"."""
    gateway = packet.topology.nat_gateways.get(route.target)
    if gateway is None:
        _missing(trail, packet, route, "DescribeNatGateways")
        return
    if gateway.state != "available":
        raise trail.block("BAD_STATE", gateway.id, f"NAT gateway {gateway.id} is {gateway.state}")
    if gateway.vpc != packet.source.vpc:
        raise trail.block(
            "NGW_REQUIRES_SOURCE_IN_VPC",
            gateway.id,
            f"NAT gateway {gateway.id} is in {gateway.vpc} and takes no traffic from elsewhere",
        )
    trail.hop(
        "nat-gateway",
        gateway.id,
        f"{'public' if gateway.public else 'private'} NAT gateway {gateway.id} in {gateway.subnet}",
    )
    inside = _nat_interface(gateway)
    if inside is None:
        trail.via = gateway.id
        trail.doubt(f"the snapshot does not say which interface and subnet {gateway.id} has")
        return
    onward = Packet(
        topology=packet.topology,
        source=inside,
        source_address=inside.private_address,
        peer=packet.peer,
        flow=packet.flow.from_ports(ANY_CLIENT_PORTS),
    )
    if inside.subnet != packet.source.subnet:
        check_network_acl(
            trail,
            packet.topology,
            inside.subnet,
            inside.vpc,
            source_peer(packet),
            packet.flow,
            leaving=False,
        )
    _from_nat(trail, onward, gateway)


def _nat_interface(gateway: NatGateway) -> Interface | None:
    """Return the gateway's interface, with the public address of a public gateway only."""
    if gateway.subnet is None or gateway.private_ip is None:
        return None
    public = gateway.public_ip if gateway.public else None
    return Interface(
        id=gateway.interface or gateway.id,
        vpc=gateway.vpc,
        subnet=gateway.subnet,
        addresses=((gateway.private_ip, public),),
        ipv6_addresses=(),
        groups=(),
        source_dest_check=False,
        status="in-use",
        attached_to=None,
        attachment=None,
    )


def _from_nat(trail: Trail, onward: Packet, gateway: NatGateway) -> None:
    """Go on from a NAT gateway; it has no security group, but its subnet has a network ACL."""
    target = interface_in_vpc(onward)
    if target is None or target.subnet != onward.source.subnet:
        check_network_acl(
            trail,
            onward.topology,
            onward.source.subnet,
            onward.source.vpc,
            onward.peer,
            onward.flow,
            leaving=True,
        )
    follow_routes(trail, onward)
    if trail.endpoint is not None:
        trail.doubt(
            f"AWS's documentation does not settle whether {gateway.id} may go on over "
            f"{trail.endpoint}; route the source's own subnet to the endpoint"
        )
    if gateway.public and trail.source_ip == gateway.public_ip:
        trail.via = gateway.id


_FOLLOW: dict[str, Callable[[Trail, Packet, Route], None]] = {
    "igw": _internet_gateway,
    "vpce": _gateway_endpoint,
    "nat": _nat_gateway,
}
