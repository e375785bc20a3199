"""Instances that routes lead to: NAT instances and other appliances.

Rests on "NAT instances" and "Middlebox routing" (Amazon VPC User Guide): source/destination check
off, security groups both ways, the routes of its own subnet. What its software does is in no
snapshot: towards the internet it is taken to translate addresses, since an internet gateway would
take nothing else from it; towards the VPC nothing is assumed.
"""

from __future__ import annotations

from pytest_vpcep.network.checks import check_interface, check_network_acl, check_security_groups
from pytest_vpcep.network.delivery import source_peer
from pytest_vpcep.network.gateways import missing
from pytest_vpcep.network.packets import Onward, Packet
from pytest_vpcep.network.records import Interface, Route
from pytest_vpcep.network.traffic import Direction
from pytest_vpcep.network.trail import Trail


def middlebox(trail: Trail, packet: Packet, route: Route, onward: Onward) -> None:
    """Pass an instance that forwards packets.

    Raises:
        PathEndsError: it takes none, or nothing leads on from it.
    """
    box = _interface(packet, route.target)
    if box is None:
        missing(trail, packet, route, "DescribeNetworkInterfaces")
        return
    if box.id in packet.passed:
        raise trail.block(
            "NO_POSSIBLE_DESTINATION", box.id, f"the subnet of {box.id} routes back to {box.id}"
        )
    _enter(trail, packet, box)
    sent_on = packet.translated(box.id, box, packet.topology.groups_of(box))
    check_security_groups(
        trail, packet.topology, box, sent_on.peer, sent_on.flow, direction=Direction.EGRESS
    )
    if sent_on.neighbour is None or sent_on.neighbour.subnet != box.subnet:
        check_network_acl(
            trail,
            packet.topology,
            box.subnet,
            box.vpc,
            sent_on.peer,
            sent_on.flow,
            direction=Direction.EGRESS,
        )
    onward(trail, sent_on)
    device = box.attached_to or box.id
    if trail.endpoint is None:
        if trail.via is None or not trail.via.startswith("igw-"):
            trail.doubt(f"how {device} forwards packets is up to its software")
        trail.via = device


def _interface(packet: Packet, target: str) -> Interface | None:
    topology = packet.topology
    if target in topology.interfaces:
        return topology.interfaces[target]
    instance = topology.instances.get(target)
    if instance is None or not instance.interfaces:
        return None
    return topology.interfaces.get(instance.interfaces[0][1])


def _enter(trail: Trail, packet: Packet, box: Interface) -> None:
    device = box.attached_to or box.id
    trail.hop("middlebox", device, f"{device} forwards what is routed to {box.id}")
    check_interface(trail, packet.topology, box)
    if box.source_dest_check:
        raise trail.block(
            "ENI_SOURCE_DEST_CHECK_RESTRICTION",
            box.id,
            f"source/destination check is on at {box.id}, so it drops packets for others",
        )
    peer = source_peer(packet)
    if box.subnet != packet.source.subnet:
        check_network_acl(
            trail,
            packet.topology,
            box.subnet,
            box.vpc,
            peer,
            packet.flow,
            direction=Direction.INGRESS,
        )
    check_security_groups(
        trail, packet.topology, box, peer, packet.flow, direction=Direction.INGRESS
    )
