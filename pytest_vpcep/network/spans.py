"""Sets of IP addresses as spans of integers, so that rules can be asked about ranges exactly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple


class Span(NamedTuple):
    """Consecutive addresses of one IP version, both ends included."""

    version: int
    first: int
    last: int


Spans = tuple[Span, ...]

_BITS = {4: 32, 6: 128}


@lru_cache(maxsize=65_536)
def span_of(cidr: str) -> Span:
    """Return the addresses of a CIDR block or of a single address.

    Args:
        cidr: such as ``10.0.0.0/16``, ``2001:db8::/32`` or ``10.0.0.5``; bits set to the right
            of the prefix are dropped, as EC2 does.

    Raises:
        ValueError: it is neither an address nor a CIDR block.
    """
    network = ip_network(cidr, strict=False)
    return Span(network.version, int(network.network_address), int(network.broadcast_address))


def prefix_length(span: Span) -> int:
    """Return the prefix length of a span that is one CIDR block."""
    return _BITS[span.version] - (span.last - span.first).bit_length()


def address_text(version: int, address: int) -> str:
    """Return an address as people write it."""
    return str(ip_address(address.to_bytes(_BITS[version] // 8, "big")))


def intersect(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """Return the addresses that are in both sets."""
    others = tuple(right)
    return tuple(
        Span(a.version, max(a.first, b.first), min(a.last, b.last))
        for a in left
        for b in others
        if a.version == b.version and a.first <= b.last and b.first <= a.last
    )


def subtract(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """Return the addresses of the first set that are not in the second."""
    remaining = list(left)
    for hole in right:
        remaining = [piece for span in remaining for piece in _without(span, hole)]
    return tuple(remaining)


def _without(span: Span, hole: Span) -> list[Span]:
    if span.version != hole.version or hole.last < span.first or span.last < hole.first:
        return [span]
    pieces = []
    if span.first < hole.first:
        pieces.append(Span(span.version, span.first, hole.first - 1))
    if hole.last < span.last:
        pieces.append(Span(span.version, hole.last + 1, span.last))
    return pieces


#: RFC 1918, the addresses an internet gateway takes no traffic for.
PRIVATE_IPV4: Spans = tuple(map(span_of, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
#: RFC 6598, the shared address space, refused by internet gateways likewise.
SHARED_IPV4: Spans = (span_of("100.64.0.0/10"),)
#: RFC 3927, where the instance's own link has the resolver, the clock and the metadata service.
LINK_LOCAL_IPV4: Spans = (span_of("169.254.0.0/16"),)

_NEVER_A_SERVICE_IPV4: Spans = (
    *PRIVATE_IPV4,
    *SHARED_IPV4,
    *LINK_LOCAL_IPV4,
    *map(span_of, ("0.0.0.0/8", "127.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15")),
    *map(span_of, ("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3")),
)

#: Where a public service's IPv4 address may lie: all but what RFC 6890 sets aside.
PUBLIC_IPV4: Spans = subtract((span_of("0.0.0.0/0"),), _NEVER_A_SERVICE_IPV4)
#: Where a public service's IPv6 address may lie: global unicast.
PUBLIC_IPV6: Spans = (span_of("2000::/3"),)
