"""Transit gateways, as their route tables stand: a static model, from VPC to VPC.

Rests on "How AWS Transit Gateway works", "Amazon VPC attachments in AWS Transit Gateway" and
"Network ACLs for transit gateways" (AWS Transit Gateway guide). What lies beyond an attachment
other than the destination's own VPC (a VPN, a peering, an egress VPC) is not traced.
"""

from __future__ import annotations

from pytest_vpcep.network.checks import check_network_acl
from pytest_vpcep.network.delivery import deliver, groupless_source_peer, receive, source_peer
from pytest_vpcep.network.packets import Onward, Packet, interface_at
from pytest_vpcep.network.records import Interface, Route, TransitAttachment
from pytest_vpcep.network.routing import RouteTable
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Direction, Peer
from pytest_vpcep.network.trail import Trail


def transit_gateway(trail: Trail, packet: Packet, route: Route, _onward: Onward) -> None:
    """Cross a transit gateway to an interface of another VPC.

    Raises:
        PathEndsError: an attachment, association or route is missing.
    """
    topology, gateway = packet.topology, route.target
    trail.via = gateway
    trail.hop("transit-gateway", gateway, f"transit gateway {gateway}")
    if "DescribeTransitGatewayAttachments" not in topology.collected:
        trail.doubt(f"the snapshot has no DescribeTransitGatewayAttachments, so not of {gateway}")
        return
    entry = _attachment(trail, topology, gateway, packet.source.vpc)
    _require_zone(trail, topology, entry, packet.source)
    _attachment_acl(
        trail, packet, entry, packet.source, source_peer(packet), direction=Direction.INGRESS
    )
    table = _association(trail, topology, entry)
    if table is None:
        return
    way_out = _lookup(trail, topology, table, packet.peer)
    if way_out is not None:
        _leave(trail, packet, entry, way_out)


def _attachment(trail: Trail, topology: Topology, gateway: str, vpc: str) -> TransitAttachment:
    for attachment in topology.transit_attachments.values():
        if (attachment.gateway, attachment.resource) == (gateway, vpc):
            if attachment.state == "available":
                return attachment
            raise trail.block(
                "BAD_STATE_ATTACHMENT",
                attachment.id,
                f"attachment {attachment.id} of {vpc} to {gateway} is {attachment.state}",
            )
    raise trail.block("BAD_STATE_ATTACHMENT", gateway, f"{vpc} is not attached to {gateway}")


def _require_zone(
    trail: Trail, topology: Topology, attachment: TransitAttachment, interface: Interface
) -> None:
    """Check that the attachment has a subnet in the interface's Availability Zone."""
    subnet = topology.subnets.get(interface.subnet)
    if subnet is None or not attachment.subnets:
        trail.doubt(f"the snapshot does not say which Availability Zones {attachment.id} is in")
        return
    if _attachment_subnet(topology, attachment, interface) is None:
        raise trail.block(
            "TGW_ROUTE_AZ_RESTRICTION",
            attachment.id,
            f"attachment {attachment.id} has no subnet in {subnet.zone}, where {interface.id} is",
        )


def _attachment_subnet(
    topology: Topology, attachment: TransitAttachment, interface: Interface
) -> str | None:
    here = topology.subnets.get(interface.subnet)
    for identifier in attachment.subnets:
        subnet = topology.subnets.get(identifier)
        if subnet is not None and here is not None and subnet.zone == here.zone:
            return identifier
    return None


def _attachment_acl(
    trail: Trail,
    packet: Packet,
    attachment: TransitAttachment,
    interface: Interface,
    peer: Peer,
    *,
    direction: Direction,
) -> None:
    """Pass the network ACL of the attachment's subnet, where the interface is in another."""
    subnet = _attachment_subnet(packet.topology, attachment, interface)
    if subnet is not None and subnet != interface.subnet:
        check_network_acl(
            trail, packet.topology, subnet, interface.vpc, peer, packet.flow, direction=direction
        )


def _association(
    trail: Trail, topology: Topology, attachment: TransitAttachment
) -> RouteTable | None:
    if attachment.route_table is None:
        raise trail.block(
            "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
            attachment.id,
            f"attachment {attachment.id} is associated with no transit gateway route table",
        )
    table = topology.transit_route_tables.get(attachment.route_table)
    if table is None:
        trail.doubt(f"the routes of {attachment.route_table} are not in the snapshot")
    return table


def _lookup(
    trail: Trail, topology: Topology, table: RouteTable, peer: Peer
) -> TransitAttachment | None:
    """Return the attachment that the table's route for a peer leads to."""
    shares = table.shares(peer.spans)
    routes = [route for share in shares for route in share.routes]
    if not routes:
        raise trail.block(
            "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
            table.id,
            f"transit gateway route table {table.id} has no route to {peer.name}",
        )
    if len(shares) > 1 or len(routes) > 1:
        trail.doubt(f"transit gateway route table {table.id} sends {peer.name} several ways")
        return None
    trail.hop("transit-gateway-route-table", table.id, f"{table.id}: {routes[0]}")
    if routes[0].blackhole:
        raise trail.block(
            "TGW_RTB_BAD_STATE_ROUTE", table.id, f"{table.id}: {routes[0]} is a blackhole"
        )
    found = topology.transit_attachments.get(routes[0].target)
    if found is None:
        trail.doubt(f"attachment {routes[0].target} is not in the snapshot")
    return found


def _leave(
    trail: Trail, packet: Packet, entry: TransitAttachment, way_out: TransitAttachment
) -> None:
    topology = packet.topology
    if way_out.kind != "vpc" or way_out.resource not in topology.vpcs:
        trail.doubt(f"what lies beyond {way_out.id} ({way_out.kind}) is not traced")
        return
    target = interface_at(topology, way_out.resource, packet.peer)
    if target is None:
        trail.doubt(
            f"{packet.peer.name} is no interface of {way_out.resource}, and where that VPC sends "
            "what a transit gateway brings is not traced"
        )
        return
    _require_zone(trail, topology, way_out, target)
    kept = entry.group_references and way_out.group_references
    seen_as = source_peer(packet) if kept else groupless_source_peer(packet)
    if _attachment_subnet(topology, way_out, target) == target.subnet:
        _shared_subnet_acl(trail, packet, target, seen_as)
        receive(trail, packet, target, seen_as, over=way_out.gateway)
    else:
        _attachment_acl(trail, packet, way_out, target, packet.peer, direction=Direction.EGRESS)
        deliver(trail, packet, target, over=way_out.gateway, seen_as=seen_as)
    back = _association(trail, topology, way_out)
    if back is not None:
        returned = _lookup(trail, topology, back, source_peer(packet))
        if returned is not None and returned.id != entry.id:
            trail.doubt(f"answers come back over {returned.id}, not {entry.id}")


def _shared_subnet_acl(trail: Trail, packet: Packet, target: Interface, peer: Peer) -> None:
    """Look at the network ACL of a subnet that holds both the attachment and the target.

    "Network ACLs for transit gateways" has such an ACL judge some directions only; which of them a
    connection's answers meet it does not say, so only an ACL that allows both settles it.
    """
    looked = Trail()
    looked.follow(
        lambda scratch: check_network_acl(
            scratch,
            packet.topology,
            target.subnet,
            target.vpc,
            peer,
            packet.flow,
            direction=Direction.INGRESS,
        )
    )
    trail.hops += looked.hops
    if looked.blocked is not None or looked.doubts:
        trail.doubt(
            f"which rules of {target.subnet}'s network ACL a transit gateway's traffic meets"
        )
