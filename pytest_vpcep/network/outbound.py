"""Tracing from a network interface to a service or an address, route by route."""

from __future__ import annotations

from functools import partial

from pytest_vpcep.network.checks import check_interface, check_network_acl, check_security_groups
from pytest_vpcep.network.delivery import deliver
from pytest_vpcep.network.inbound import enter_from_internet
from pytest_vpcep.network.models import Path
from pytest_vpcep.network.packets import Packet, family_address, interface_at, start
from pytest_vpcep.network.peering import peered_interface
from pytest_vpcep.network.records import Endpoint, Interface, Vpc
from pytest_vpcep.network.routes import follow_routes
from pytest_vpcep.network.services import (
    endpoint_named,
    private_dns_endpoints,
    service_peer,
    service_title,
)
from pytest_vpcep.network.spans import LINK_LOCAL_IPV4, Span, subtract
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Direction, Peer, address_peer
from pytest_vpcep.network.trail import Trail, trace


def trace_to_service(
    topology: Topology,
    interface_id: str,
    service: str,
    region: str,
    *,
    hostname: str | None = None,
    port: int = 443,
) -> Path:
    """Trace the way from an interface to an AWS service's endpoint.

    Args:
        topology: what is configured.
        interface_id: the interface that requests leave by (see ``interface_of``).
        service: the endpoint prefix: ``s3``, ``dynamodb``, ``sts``, ``ec2``, ...
        region: Region of the service, which is the bucket's for S3.
        hostname: the name that is looked up, such as an endpoint-specific one; None for the
            service's Regional endpoint.
        port: TCP port of the service.

    Raises:
        RequestError: the interface or the port does not exist.
    """
    interface = topology.interface(interface_id)
    versions = _versions(interface, hostname)
    packets = [
        start(topology, interface, service_peer(topology, service, region, version), port)
        for version in versions
    ]

    def way(trail: Trail, packet: Packet) -> None:
        endpoints = _resolve(trail, packet, service, region, hostname)
        if endpoints:
            _to_endpoints(trail, packet, endpoints)
        else:
            leave(trail, packet)

    def steps(trail: Trail) -> None:
        check_interface(trail, topology, interface)
        title = service_title(service, region)
        if versions == (6,) and not _dual_stack(hostname):
            trail.doubt(
                f"{interface.id} has no IPv4 address, and a name of {title} may have no IPv6"
            )
        trail.fork([partial(way, packet=packet) for packet in packets], "the name is dual-stack")
        trail.hop("service", f"{service}.{region}", _arrival(trail, title))

    return trace(steps)


def _versions(interface: Interface, hostname: str | None) -> tuple[int, ...]:
    """Return the IP versions a name leads to from an interface, IPv6 first as clients try it."""
    if not interface.ipv6_addresses:
        return (4,)
    if not interface.addresses:
        return (6,)
    return (6, 4) if _dual_stack(hostname) else (4,)


def _dual_stack(hostname: str | None) -> bool:
    """Whether a name is a dual-stack endpoint's ("AWS service endpoints", General Reference)."""
    name = (hostname or "").lower()
    return ".dualstack." in f".{name}" or name.endswith(".api.aws")


def trace_to_address(
    topology: Topology, interface_id: str, address: str, *, port: int, protocol: str = "tcp"
) -> Path:
    """Trace the way from an interface to an IP address.

    Args:
        topology: what is configured.
        interface_id: the interface that packets leave by.
        address: an IPv4 or IPv6 address, of another interface or anywhere.
        port: the port there; of no matter for ICMP.
        protocol: ``tcp``, ``udp`` or ``icmp`` (an echo request).

    Raises:
        RequestError: the interface, address, port or protocol does not exist.
    """
    interface = topology.interface(interface_id)
    peer = address_peer(address)
    known = interface_at(topology, interface.vpc, peer) or peered_interface(
        topology, interface.vpc, peer
    )
    if known is not None:
        peer = address_peer(address, groups=topology.groups_of(known))
    packet = start(topology, interface, peer, port, protocol)

    def steps(trail: Trail) -> None:
        check_interface(trail, topology, interface)
        if _on_every_link(packet):
            trail.hop("link-local", address, f"{address} is answered on the instance's own link")
            return
        leave(trail, packet)
        _into_public(trail, packet)
        trail.hop("destination", address, _arrival(trail, address))

    return trace(steps)


def _on_every_link(packet: Packet) -> bool:
    """Whether an address is one that no route, security group or network ACL comes before.

    Rests on "Network ACL basics" and "Security groups" (Amazon VPC User Guide): the metadata and
    time services and the Amazon DNS server, which is also at the VPC's base address plus two.
    """
    vpc = packet.topology.vpcs.get(packet.source.vpc)
    resolvers = tuple(
        Span(4, span.first + 2, span.first + 2) for span in (vpc.cidrs if vpc else ())[:1]
    )
    return not subtract(packet.peer.spans, (*LINK_LOCAL_IPV4, *resolvers))


def _into_public(trail: Trail, packet: Packet) -> None:
    """Come back in where a public address is that of another interface of the snapshot."""
    identifier = packet.topology.interface_with_public.get(packet.peer.name)
    if identifier is None or trail.source_ip is None:
        return
    target, seen = packet.topology.interface(identifier), address_peer(trail.source_ip)
    enter_from_internet(trail, packet.topology, target, seen, packet.flow)


def _arrival(trail: Trail, name: str) -> str:
    seen = f", which sees the request come from {trail.source_ip}" if trail.source_ip else ""
    over = f" over {trail.via}" if trail.via else ""
    return f"reaches {name}{over}{seen}"


def _resolve(
    trail: Trail, packet: Packet, service: str, region: str, hostname: str | None
) -> tuple[tuple[Endpoint, str | None], ...]:
    """Look the service's name up; return the interface endpoints it leads to, none for public."""
    topology, home = packet.topology, packet.source.vpc
    vpc = topology.vpcs.get(home) or Vpc(home, (), dns_support=None, dns_hostnames=None)
    title = service_title(service, region)
    if vpc.dns_support is False:
        raise trail.block(
            "VPC_DNS_SUPPORT_DISABLED",
            vpc.id,
            f"DNS support of {vpc.id} is off, so the Amazon DNS server does not answer: "
            f"no address for {title}",
        )
    if "DescribeVpcEndpoints" not in topology.collected:
        trail.doubt(
            f"the snapshot has no DescribeVpcEndpoints, so whether one takes {title} is open"
        )
        return ()
    named = endpoint_named(topology, hostname) if hostname else None
    if named is not None:
        return ((_known_endpoint(trail, hostname or "", named[0]), named[1]),)
    _remark_hostnames(trail, packet, vpc, service, region)
    found = private_dns_endpoints(topology, vpc, service, region, hostname)
    for endpoint in found:
        trail.hop(
            "dns",
            vpc.id,
            f"private DNS of {endpoint.id} answers for {title} with private addresses",
        )
        if vpc.dns_hostnames is None:
            trail.doubt(f"the snapshot does not say whether DNS hostnames are on in {vpc.id}")
    return tuple((endpoint, None) for endpoint in found)


def _remark_hostnames(trail: Trail, packet: Packet, vpc: Vpc, service: str, region: str) -> None:
    """Say that AWS asks for DNS hostnames with a gateway endpoint, though names resolve without.

    "Gateway endpoints for Amazon S3" asks for both DNS attributes; "DNS attributes for your VPC"
    has public names resolve with DNS support alone.
    """
    if vpc.dns_hostnames is not False:
        return
    for endpoint in packet.topology.endpoints.values():
        if (endpoint.vpc, endpoint.type) == (vpc.id, "Gateway") and (
            (endpoint.service, endpoint.region) == (service, region)
        ):
            trail.hop(
                "dns",
                vpc.id,
                f"DNS hostnames are off in {vpc.id}, which AWS asks to be on with {endpoint.id}; "
                "the service's public name resolves without",
            )
            return


def _known_endpoint(trail: Trail, hostname: str, endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise trail.block(
            "UNKNOWN_DESTINATION",
            hostname,
            f"{hostname} is the name of an endpoint that the snapshot does not have",
        )
    trail.hop("dns", hostname, f"{hostname} means {endpoint.id} itself")
    if endpoint.state != "available":
        raise trail.block("BAD_STATE", endpoint.id, f"{endpoint.id} is {endpoint.state}")
    return endpoint


def _to_endpoints(
    trail: Trail, packet: Packet, endpoints: tuple[tuple[Endpoint, str | None], ...]
) -> None:
    """Go to an interface of an endpoint; which one DNS hands out is not known beforehand."""
    targets = [
        (endpoint, packet.topology.interfaces[identifier])
        for endpoint, zone in endpoints
        for identifier in endpoint.interfaces
        if identifier in packet.topology.interfaces and _in_zone(packet.topology, identifier, zone)
    ]
    if not targets:
        endpoint = endpoints[0][0]
        trail.via = trail.endpoint = endpoint.id
        trail.doubt(f"the snapshot has no network interface of {endpoint.id}")
        return
    branches = [
        partial(_to_endpoint_interface, packet=packet, endpoint=endpoint, target=target)
        for endpoint, target in targets
    ]
    trail.fork(branches, "DNS may answer with any of the endpoint's interfaces")


def _in_zone(topology: Topology, interface: str, zone: str | None) -> bool:
    subnet = topology.subnets.get(topology.interfaces[interface].subnet)
    return zone is None or subnet is None or subnet.zone == zone


def _to_endpoint_interface(
    trail: Trail, packet: Packet, endpoint: Endpoint, target: Interface
) -> None:
    topology = packet.topology
    groups = endpoint.groups or topology.groups_of(target)
    address = family_address(target, packet.version)
    if address is None:
        raise trail.block(
            "NO_POSSIBLE_DESTINATION",
            endpoint.id,
            f"{target.id} of {endpoint.id} has no IPv{packet.version} address",
        )
    onward = packet.to(address_peer(address, f"{endpoint.id} ({address})", groups), groups)
    if target.vpc == packet.source.vpc and not _inside(topology, target.vpc, onward.peer):
        # moto gives endpoint interfaces addresses outside their subnet; on AWS they are inside.
        _exit(trail, onward)
        deliver(trail, onward, target)
    else:
        leave(trail, onward)
    trail.via = trail.endpoint = endpoint.id
    trail.source_vpc, trail.source_ip = endpoint.vpc, packet.source_address
    trail.hop(
        "vpc-endpoint",
        endpoint.id,
        f"interface endpoint {endpoint.id} ({endpoint.service_name}), through {target.id}",
    )


def _inside(topology: Topology, vpc: str, peer: Peer) -> bool:
    known = topology.vpcs.get(vpc)
    return known is None or not known.cidrs or not subtract(peer.spans, known.cidrs)


def leave(trail: Trail, packet: Packet) -> None:
    """Leave the source's interface for the packet's peer, by whichever route takes it there.

    Raises:
        PathEndsError: the packet gets no further.
    """
    _exit(trail, packet)
    follow_routes(trail, packet)


def _exit(trail: Trail, packet: Packet) -> None:
    """Pass the source's security groups and, where the subnet is left, its network ACL."""
    source, target = packet.source, packet.neighbour
    if packet.source_address is None:
        raise trail.block(
            "ENI_ADDRESS_RESTRICTION",
            source.id,
            f"network interface {source.id} has no IPv{packet.version} address",
        )
    check_security_groups(
        trail, packet.topology, source, packet.peer, packet.flow, direction=Direction.EGRESS
    )
    if target is None or target.subnet != source.subnet:
        check_network_acl(
            trail,
            packet.topology,
            source.subnet,
            source.vpc,
            packet.peer,
            packet.flow,
            direction=Direction.EGRESS,
        )
