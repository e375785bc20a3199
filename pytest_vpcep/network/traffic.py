"""One direction of a connection as the rules see it: protocol, ports, and who is at the far end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pytest_vpcep.errors import RequestError
from pytest_vpcep.network.describe_rules import ALL_PORTS, protocol_name, protocol_number
from pytest_vpcep.network.records import Instance, Interface
from pytest_vpcep.network.spans import Span, Spans, span_of

#: "Ephemeral ports" of "Custom network ACLs" (Amazon VPC User Guide). Amazon Linux picks from
#: 32768-60999 (the page rounds up to 61000), Windows Server from 49152-65535; NAT gateways,
#: Lambda functions and clients nobody knows the system of from 1024-65535.
LINUX_PORTS = (32_768, 60_999)
WINDOWS_PORTS = (49_152, 65_535)
ANY_CLIENT_PORTS = (1_024, 65_535)

_ECHO = {"1": ((8, 8), (0, 0)), "58": ((128, 128), (129, 129))}


class Direction(StrEnum):
    """Which way a connection is opened past a boundary, seen from inside it."""

    EGRESS = "egress"
    INGRESS = "ingress"

    @property
    def towards(self) -> str:
        """Return the words before the peer's name, for the way it is opened."""
        return "outbound to" if self is Direction.EGRESS else "inbound from"

    @property
    def reverse(self) -> Direction:
        """Return the direction of the answers."""
        return Direction.INGRESS if self is Direction.EGRESS else Direction.EGRESS


@dataclass(frozen=True)
class Peer:
    """The far end of a connection.

    Args:
        key: what tells it from every other peer of the same topology.
        name: what a sentence calls it.
        spans: the addresses it may have; more than one where only the service is known.
        prefix_lists: ids of prefix lists known to hold all of its addresses.
        groups: security groups of the peer that rules may refer to.
        service: whether it is an AWS service's public endpoint.
    """

    key: str
    name: str
    spans: Spans = field(compare=False)
    prefix_lists: frozenset[str] = field(default=frozenset(), compare=False)
    groups: frozenset[str] = field(default=frozenset(), compare=False)
    service: bool = field(default=False, compare=False)

    def narrowed(self, spans: Spans, by: str) -> Peer:
        """Return the same peer with those of its addresses that ``by`` singles out."""
        return replace(self, key=f"{self.key} by {by}", spans=spans)

    @property
    def version(self) -> int:
        """Return its IP version."""
        return self.spans[0].version if self.spans else 4


def address_peer(address: str, name: str | None = None, groups: tuple[str, ...] = ()) -> Peer:
    """Return the peer that is one address or CIDR block.

    Raises:
        RequestError: it is neither.
    """
    return Peer(
        key=f"{address}|{','.join(groups)}",
        name=name or address,
        spans=(parse_address(address),),
        groups=frozenset(groups),
    )


def parse_address(address: str) -> Span:
    """Return the addresses of an IP address or CIDR block.

    Raises:
        RequestError: it is neither.
    """
    try:
        return span_of(address)
    except ValueError:
        raise RequestError(
            f"{address!r} is neither an IP address nor a CIDR block; give one like 203.0.113.7"
        ) from None


@dataclass(frozen=True)
class Flow:
    """A connection: its protocol, the server's ports and the client's.

    Args:
        protocol: IANA number as text.
        ports: ports at the server, or the ICMP type of the request.
        replies: ports at the client, or the ICMP type of the reply.
    """

    protocol: str
    ports: tuple[int, int]
    replies: tuple[int, int]

    @property
    def what(self) -> str:
        """Return the request in words, such as ``tcp 443``."""
        return _words(self.protocol, self.ports)

    @property
    def reply(self) -> str:
        """Return the answer in words, such as ``tcp 32768-60999``."""
        return _words(self.protocol, self.replies)

    def from_ports(self, replies: tuple[int, int]) -> Flow:
        """Return the same connection from another client, such as a NAT gateway."""
        return self if self.protocol in _ECHO else replace(self, replies=replies)


def _words(protocol: str, ports: tuple[int, int]) -> str:
    name = protocol_name(protocol)
    if protocol in _ECHO:
        return f"{name} echo"
    first, last = ports
    return f"{name} {first}" if first == last else f"{name} {first}-{last}"


def make_flow(protocol: str, port: int, replies: tuple[int, int], version: int = 4) -> Flow:
    """Return the connection a caller asks about.

    Args:
        protocol: ``tcp``, ``udp`` or ``icmp`` (an echo request).
        port: the server's port; of no matter for ICMP.
        replies: ports the client may use.
        version: IP version, which tells ICMP from ICMPv6.

    Raises:
        RequestError: another protocol, or no such port.
    """
    number = protocol_number(protocol)
    if number == "1" and version == 6:
        number = "58"
    if number in _ECHO:
        return Flow(number, *_ECHO[number])
    if number not in ("6", "17"):
        raise RequestError(f"protocol {protocol!r} cannot be traced; use tcp, udp or icmp")
    if not ALL_PORTS[0] <= port <= ALL_PORTS[1]:
        raise RequestError(f"there is no port {port}; ports go from 0 to 65535")
    return Flow(number, (port, port), replies)


def client_ports(interface: Interface, instance: Instance | None) -> tuple[int, int]:
    """Return the ephemeral ports a client at an interface picks from."""
    if instance is None or interface.attached_to is None:
        return ANY_CLIENT_PORTS
    return WINDOWS_PORTS if instance.platform == "windows" else LINUX_PORTS
