"""NAT gateways, public and private, each in a subnet of its own.

Rests on "NAT gateway basics", "NAT gateway use cases" and "Troubleshoot NAT gateways" (Amazon VPC
User Guide): no security group, source ports 1024-65535, and the routes and network ACL of the
subnet it is in.
"""

from __future__ import annotations

from pytest_vpcep.network.checks import check_network_acl
from pytest_vpcep.network.delivery import source_peer
from pytest_vpcep.network.gateways import missing
from pytest_vpcep.network.packets import Onward, Packet
from pytest_vpcep.network.records import Interface, NatGateway, Route
from pytest_vpcep.network.traffic import Direction
from pytest_vpcep.network.trail import Trail


def nat_gateway(trail: Trail, packet: Packet, route: Route, onward: Onward) -> None:
    """Pass a NAT gateway and go on by the routes of its own subnet.

    Raises:
        PathEndsError: it is not available, or nothing leads on from it.
    """
    gateway = packet.topology.nat_gateways.get(route.target)
    if gateway is None:
        missing(trail, packet, route, "DescribeNatGateways")
        return
    kind = "public" if gateway.public else "private"
    trail.hop("nat-gateway", gateway.id, f"{kind} NAT gateway {gateway.id} in {gateway.subnet}")
    _require_usable(trail, packet, gateway)
    inside = _interface(gateway)
    if inside is None:
        trail.via = gateway.id
        trail.doubt(f"the snapshot does not say which subnet and address {gateway.id} has")
        return
    _enter(trail, packet, inside)
    sent_on = packet.translated(gateway.id, inside, groups=())
    _leave(trail, sent_on, onward)
    if trail.endpoint is not None and packet.target_groups is None:
        trail.doubt(
            f"AWS's current documentation does not say whether {gateway.id} may go on over gateway "
            f"endpoint {trail.endpoint} (it once said no): associate the endpoint with the route "
            f"table of {packet.source.subnet}"
        )
    if trail.endpoint is None:
        trail.via = gateway.id


def _require_usable(trail: Trail, packet: Packet, gateway: NatGateway) -> None:
    if gateway.state != "available":
        raise trail.block("BAD_STATE", gateway.id, f"NAT gateway {gateway.id} is {gateway.state}")
    if gateway.vpc != packet.source.vpc:
        raise trail.block(
            "NGW_REQUIRES_SOURCE_IN_VPC",
            gateway.id,
            f"NAT gateway {gateway.id} is in {gateway.vpc} and takes no traffic from elsewhere",
        )
    if gateway.id in packet.passed:
        raise trail.block(
            "NO_POSSIBLE_DESTINATION",
            gateway.id,
            f"the subnet of NAT gateway {gateway.id} routes back to the gateway itself",
        )


def _interface(gateway: NatGateway) -> Interface | None:
    """Return the gateway as an interface; only a public gateway has a public address."""
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


def _enter(trail: Trail, packet: Packet, inside: Interface) -> None:
    if packet.version == 6:
        raise trail.block(
            "PROTOCOL_RESTRICTION",
            inside.id,
            f"a NAT gateway takes IPv6 only to 64:ff9b::/96 (NAT64), not to {packet.peer.name}",
        )
    if inside.subnet != packet.source.subnet:
        check_network_acl(
            trail,
            packet.topology,
            inside.subnet,
            inside.vpc,
            source_peer(packet),
            packet.flow,
            direction=Direction.INGRESS,
        )


def _leave(trail: Trail, sent_on: Packet, onward: Onward) -> None:
    target = sent_on.neighbour
    if target is None or target.subnet != sent_on.source.subnet:
        check_network_acl(
            trail,
            sent_on.topology,
            sent_on.source.subnet,
            sent_on.source.vpc,
            sent_on.peer,
            sent_on.flow,
            direction=Direction.EGRESS,
        )
    onward(trail, sent_on)
