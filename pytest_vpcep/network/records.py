"""The EC2 resources a packet can meet, as plain data read from AWS's response shapes."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_vpcep.network.spans import Spans


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC: its address blocks and DNS attributes (None: the snapshot does not say)."""

    id: str
    cidrs: Spans
    dns_support: bool | None
    dns_hostnames: bool | None


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, with the Availability Zone it is in."""

    id: str
    vpc: str
    cidrs: Spans
    zone: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance: its state, platform, and network interfaces by device index."""

    id: str
    state: str
    platform: str
    interfaces: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface.

    Args:
        addresses: private IPv4 addresses, each with its public IPv4 address or None; primary first.
        ipv6_addresses: its IPv6 addresses.
        attached_to: id of the instance it is attached to, if any.
        attachment: state of that attachment, None where the snapshot has none.
    """

    id: str
    vpc: str
    subnet: str
    addresses: tuple[tuple[str, str | None], ...]
    ipv6_addresses: tuple[str, ...]
    groups: tuple[str, ...]
    source_dest_check: bool
    status: str
    attached_to: str | None
    attachment: str | None

    @property
    def private_address(self) -> str | None:
        """The primary private IPv4 address."""
        return self.addresses[0][0] if self.addresses else None

    @property
    def public_address(self) -> str | None:
        """The public IPv4 or Elastic IP address of the primary private address."""
        return self.addresses[0][1] if self.addresses else None


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a route table.

    Args:
        destination: CIDR block or prefix list id.
        spans: its addresses; None for a prefix list whose entries the snapshot does not have.
        target: id of what it points to, or ``local``.
        target_kind: the part of the id before the dash: ``igw``, ``nat``, ``vpce``, ``local``, ...
        blackhole: whether EC2 says that its target is gone.
        propagated: whether a virtual private gateway propagated it.
        prefix_list: whether the destination is a prefix list.
    """

    destination: str
    spans: Spans | None
    target: str
    target_kind: str
    blackhole: bool
    propagated: bool
    prefix_list: bool

    def __str__(self) -> str:
        """Return it as the console shows it, destination and target."""
        return f"{self.destination} -> {self.target}"


@dataclass(frozen=True, slots=True)
class SecurityGroupRule:
    """What one rule of a security group lets through; one of its three kinds of peer is set.

    Args:
        protocol: IANA number, or ``-1`` for all.
        ports: first and last port, or ICMP type, both included.
        text: the rule in words.
    """

    protocol: str
    ports: tuple[int, int]
    text: str
    spans: Spans = ()
    prefix_list: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group and its rules in both directions."""

    id: str
    vpc: str
    ingress: tuple[SecurityGroupRule, ...]
    egress: tuple[SecurityGroupRule, ...]


@dataclass(frozen=True, slots=True)
class NetworkAclEntry:
    """One numbered rule of a network ACL."""

    number: int
    protocol: str
    ports: tuple[int, int]
    spans: Spans
    allow: bool
    cidr: str


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL: its rules of each direction in the order they are looked at."""

    id: str
    vpc: str
    default: bool
    ingress: tuple[NetworkAclEntry, ...]
    egress: tuple[NetworkAclEntry, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint of type Gateway, Interface or another.

    Args:
        service: the service's name without ``com.amazonaws.`` and Region, such as ``s3``.
        region: Region of the service.
        state: lower case, such as ``available``.
        dns_names: the names in its DNS entries, lower case.
        inbound_resolver_only: private DNS names only answer an inbound Resolver endpoint.
    """

    id: str
    vpc: str
    type: str
    service: str
    service_name: str
    region: str
    state: str
    private_dns: bool
    inbound_resolver_only: bool
    dns_names: tuple[str, ...]
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A gateway and the VPC it is attached to, with the state of the attachment."""

    id: str
    vpc: str | None
    state: str


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway: public or private, in a subnet, with an interface of its own."""

    id: str
    vpc: str
    subnet: str | None
    state: str
    public: bool
    interface: str | None
    private_ip: str | None
    public_ip: str | None


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A managed prefix list; its spans are None where the snapshot has no entries of it."""

    id: str
    name: str
    owner: str
    spans: Spans | None


@dataclass(frozen=True, slots=True)
class PeeringSide:
    """One of the two VPCs of a peering connection."""

    vpc: str
    region: str | None
    cidrs: Spans


@dataclass(frozen=True, slots=True)
class Peering:
    """A VPC peering connection."""

    id: str
    status: str
    requester: PeeringSide
    accepter: PeeringSide

    @property
    def one_region(self) -> bool:
        """Whether both VPCs are in one Region, as references to security groups need."""
        return self.requester.region == self.accepter.region

    def other_side(self, vpc: str) -> PeeringSide | None:
        """Return the side that is not this VPC, None where neither is."""
        if self.requester.vpc == vpc:
            return self.accepter
        return self.requester if self.accepter.vpc == vpc else None


@dataclass(frozen=True, slots=True)
class TransitAttachment:
    """A transit gateway's attachment.

    Args:
        kind: ``vpc``, ``vpn``, ``peering``, ...
        resource: id of what is attached.
        route_table: the transit gateway route table it is associated with, if any.
        subnets: a VPC attachment's subnets, one for each Availability Zone.
        group_references: whether security group referencing is enabled on it.
    """

    id: str
    gateway: str
    kind: str
    resource: str
    state: str
    route_table: str | None
    subnets: tuple[str, ...]
    group_references: bool
