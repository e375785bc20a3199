"""Tracing from the internet to a network interface, the answers' way back included.

Rests on "Prerequisites for EC2 Instance Connect" (Amazon EC2 User Guide) and "Enable internet
access for a VPC using internet gateways" (Amazon VPC User Guide).
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_vpcep.network.checks import (
    check_interface,
    check_network_acl,
    check_security_groups,
    require_in_use,
)
from pytest_vpcep.network.delivery import check_way_back
from pytest_vpcep.network.instance_connect import EC2_INSTANCE_CONNECT_SOURCES
from pytest_vpcep.network.models import Path
from pytest_vpcep.network.packets import family_address
from pytest_vpcep.network.records import Attachment, Interface
from pytest_vpcep.network.spans import PRIVATE_IPV4, PUBLIC_IPV4, SHARED_IPV4, span_of, subtract
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import (
    ANY_CLIENT_PORTS,
    Direction,
    Flow,
    Peer,
    address_peer,
    make_flow,
)
from pytest_vpcep.network.trail import Trail, trace


def trace_inbound(
    topology: Topology, interface_id: str, source: str, *, port: int = 22, protocol: str = "tcp"
) -> Path:
    """Trace a connection that something on the internet opens to an interface.

    Args:
        topology: what is configured.
        interface_id: the interface it is for.
        source: address or CIDR block on the internet that it comes from.
        port: the port it is for; of no matter for ICMP.
        protocol: ``tcp``, ``udp`` or ``icmp`` (an echo request).

    Raises:
        RequestError: the interface, source, port or protocol does not exist.
    """
    return _trace(topology, interface_id, address_peer(source), port, protocol)


def trace_instance_connect(topology: Topology, interface_id: str) -> Path:
    """Trace the SSH session that EC2 Instance Connect's console client opens to an instance.

    Its addresses are those of the prefix list ``com.amazonaws.REGION.ec2-instance-connect``
    where the snapshot has the entries, else those that AWS published for the Region.

    Raises:
        RequestError: the interface does not exist.
    """
    return _trace(topology, interface_id, instance_connect_peer(topology), 22, "tcp")


def instance_connect_peer(topology: Topology) -> Peer:
    """Return EC2 Instance Connect in the topology's Region as a source of connections."""
    lists = topology.service_lists.get(("ec2-instance-connect", topology.region), frozenset())
    spans = tuple(
        span
        for identifier in sorted(lists)
        if identifier in topology.prefix_lists
        for span in topology.prefix_lists[identifier].spans or ()
    )
    published = EC2_INSTANCE_CONNECT_SOURCES.get(topology.region)
    if not spans and published is not None:
        spans = (span_of(published),)
    return Peer(
        key=f"ec2-instance-connect.{topology.region}",
        name=f"EC2 Instance Connect in {topology.region}",
        spans=spans or PUBLIC_IPV4,
        prefix_lists=lists,
        service=True,
    )


def _trace(topology: Topology, interface_id: str, peer: Peer, port: int, protocol: str) -> Path:
    interface = topology.interface(interface_id)
    flow = make_flow(protocol, port, ANY_CLIENT_PORTS, peer.version)

    def steps(trail: Trail) -> None:
        trail.hop("source", peer.name, f"{peer.name} opens {flow.what} to {interface.id}")
        trail.via = enter_from_internet(trail, topology, interface, peer, flow)

    return trace(steps)


def enter_from_internet(
    trail: Trail, topology: Topology, interface: Interface, peer: Peer, flow: Flow
) -> str:
    """Come in from the internet to an interface, and go back with the answers.

    Returns:
        the id of the internet gateway.

    Raises:
        PathEndsError: something lets the connection not in, or the answers not out.
    """
    # A stopped instance has lost its public address too; that it is stopped says more.
    require_in_use(trail, topology, interface)
    gateway = _enter(trail, topology, interface, peer)
    _check_gateway_table(trail, topology, gateway, interface, peer.version)
    check_network_acl(
        trail, topology, interface.subnet, interface.vpc, peer, flow, direction=Direction.INGRESS
    )
    check_security_groups(trail, topology, interface, peer, flow, direction=Direction.INGRESS)
    check_interface(trail, topology, interface)
    check_way_back(trail, topology, interface, peer, gateway.id)
    return gateway.id


def _check_gateway_table(
    trail: Trail, topology: Topology, gateway: Attachment, interface: Interface, version: int
) -> None:
    """Look at the gateway's own route table, which may send what comes in to a middlebox.

    Rests on "Gateway route tables" (Amazon VPC User Guide).
    """
    table = topology.route_tables.get(topology.gateway_tables.get(gateway.id, ""))
    address = family_address(interface, version)
    if table is None or address is None:
        return
    for share in table.shares((span_of(address),)):
        for route in share.routes:
            trail.hop("route-table", table.id, f"{table.title} of {gateway.id}: {route}")
            if route.target_kind != "local":
                trail.doubt(f"what {route.target} does with traffic from {gateway.id} is not known")


def _enter(trail: Trail, topology: Topology, interface: Interface, peer: Peer) -> Attachment:
    """Come in through the VPC's internet gateway to the interface's public address."""
    gateway = next(_attached(topology, interface.vpc), None)
    if gateway is None:
        raise trail.block(
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            interface.vpc,
            f"no internet gateway is attached to {interface.vpc}",
        )
    public = interface.public_address
    if peer.version == 6:
        public = interface.ipv6_addresses[0] if interface.ipv6_addresses else None
    if public is None:
        raise trail.block(
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
            interface.id,
            f"network interface {interface.id} has no public "
            f"IPv{peer.version} address to connect to",
        )
    for spans, rfc in ((PRIVATE_IPV4, "1918"), (SHARED_IPV4, "6598")):
        if peer.version == 4 and not subtract(peer.spans, spans):
            raise trail.block(
                f"IGW_SOURCE_ADDRESS_NOT_IN_RFC{rfc}_INGRESS",
                gateway.id,
                f"{peer.name} is an RFC {rfc} address, from which nothing comes over the internet",
            )
    trail.hop(
        "internet-gateway",
        gateway.id,
        f"internet gateway {gateway.id} of {interface.vpc}: {public} is {interface.id}",
    )
    return gateway


def _attached(topology: Topology, vpc: str) -> Iterator[Attachment]:
    for gateway in topology.internet_gateways.values():
        if (
            gateway.vpc == vpc
            and gateway.state in ("available", "attached")
            and gateway.id.startswith("igw-")
        ):
            yield gateway
