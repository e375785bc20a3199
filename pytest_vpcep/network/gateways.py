"""Gateways at the edge of a VPC: internet, egress-only, virtual private, and gateway endpoints."""

from __future__ import annotations

from pytest_vpcep.network.packets import Onward, Packet
from pytest_vpcep.network.records import Attachment, Route
from pytest_vpcep.network.spans import PRIVATE_IPV4, SHARED_IPV4, subtract
from pytest_vpcep.network.trail import Trail

_ATTACHED = frozenset({"available", "attached"})


def missing(trail: Trail, packet: Packet, route: Route, operation: str) -> None:
    """Handle a target that the snapshot does not list: gone, or never asked for.

    Raises:
        PathEndsError: the snapshot has the operation's answer, and the target is not in it.
    """
    if operation in packet.topology.collected:
        raise trail.block(
            "BAD_STATE_ROUTE",
            route.target,
            f"{route.target}, the target of {route}, does not exist",
        )
    trail.via = route.target
    trail.doubt(f"the snapshot has no {operation}, so nothing is known of {route.target}")


def internet_gateway(trail: Trail, packet: Packet, route: Route, _onward: Onward) -> None:
    """Leave by an internet gateway.

    Rests on "Enable internet access for a VPC using an internet gateway" (Amazon VPC User Guide):
    attached to the VPC, and the interface has a public IPv4 address or an IPv6 address.

    Raises:
        PathEndsError: it is not attached, or the source has no public address.
    """
    gateway = packet.topology.internet_gateways.get(route.target)
    if gateway is None:
        missing(trail, packet, route, "DescribeInternetGateways")
        return
    _require_attachment(trail, packet, gateway, "internet gateway")
    _refuse_private(trail, packet, gateway.id)
    public = packet.source.public_address if packet.version == 4 else packet.source_address
    if public is None:
        raise trail.block(
            "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            packet.source.id,
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


def _require_attachment(trail: Trail, packet: Packet, gateway: Attachment, title: str) -> None:
    if gateway.vpc == packet.source.vpc and gateway.state in _ATTACHED:
        return
    where = f"attached to {gateway.vpc}" if gateway.vpc else "attached to no VPC"
    if gateway.vpc == packet.source.vpc:
        where = f"{gateway.state} at its VPC"
    raise trail.block(
        "BAD_STATE_ATTACHMENT",
        gateway.id,
        f"{title} {gateway.id} is {where}, so it takes nothing from {packet.source.vpc}",
    )


def _refuse_private(trail: Trail, packet: Packet, gateway: str) -> None:
    for spans, rfc in ((PRIVATE_IPV4, "1918"), (SHARED_IPV4, "6598")):
        if packet.version == 4 and not subtract(packet.peer.spans, spans):
            raise trail.block(
                f"IGW_DESTINATION_ADDRESS_NOT_IN_RFC{rfc}_EGRESS",
                gateway,
                f"{packet.peer.name} is an RFC {rfc} address, which is not on the internet",
            )


def egress_only_internet_gateway(
    trail: Trail, packet: Packet, route: Route, _onward: Onward
) -> None:
    """Leave by an egress-only internet gateway, which takes IPv6 only.

    Rests on "Enable outbound IPv6 traffic using an egress-only internet gateway" (Amazon VPC User
    Guide).

    Raises:
        PathEndsError: it is not attached to the VPC.
    """
    gateway = packet.topology.internet_gateways.get(route.target)
    if gateway is None:
        missing(trail, packet, route, "DescribeEgressOnlyInternetGateways")
        return
    _require_attachment(trail, packet, gateway, "egress-only internet gateway")
    trail.via, trail.source_ip = gateway.id, packet.source_address
    trail.hop(
        "egress-only-internet-gateway",
        gateway.id,
        f"egress-only internet gateway {gateway.id} of {gateway.vpc}: "
        f"{packet.source_address} goes out as it is",
    )


def virtual_private_gateway(trail: Trail, packet: Packet, route: Route, _onward: Onward) -> None:
    """Leave AWS by a virtual private gateway; what is beyond is in no snapshot.

    Raises:
        PathEndsError: it is attached to another VPC or to none.
    """
    gateway = packet.topology.vpn_gateways.get(route.target)
    if gateway is None:
        missing(trail, packet, route, "DescribeVpnGateways")
        return
    _require_attachment(trail, packet, gateway, "virtual private gateway")
    trail.via = gateway.id
    trail.hop("virtual-private-gateway", gateway.id, f"leaves AWS over {gateway.id}")
    trail.doubt(f"the way beyond {gateway.id} is outside AWS, so no snapshot shows it")


def gateway_endpoint(trail: Trail, packet: Packet, route: Route, _onward: Onward) -> None:
    """Leave by a gateway endpoint.

    Rests on "Gateway endpoints" (AWS PrivateLink Guide): the route to the service's prefix list
    leads there, in the endpoint's own VPC and Region only.

    Raises:
        PathEndsError: the endpoint is not available, or takes no such traffic.
    """
    endpoint = packet.topology.endpoints.get(route.target)
    if endpoint is None:
        missing(trail, packet, route, "DescribeVpcEndpoints")
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
    if packet.flow.protocol not in ("6", "1", "58"):
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
