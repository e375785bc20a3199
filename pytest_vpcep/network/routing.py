"""Route tables: which route takes which addresses, as EC2 orders them.

Rests on "How route priority works" (Amazon VPC User Guide) and "Route tables and AWS Site-to-Site
VPN route priority" (Site-to-Site VPN User Guide): the longest prefix first; for equal prefixes
static CIDR routes, then prefix lists, then propagated routes; the local route before any
propagated route inside it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pytest_vpcep.network.records import Route
from pytest_vpcep.network.spans import Span, Spans, prefix_length, subtract


@dataclass(frozen=True)
class Share:
    """Some of the addresses asked for, and the route that takes them.

    Args:
        spans: the addresses.
        routes: the route; several where AWS does not document which of them wins; none where no
            route takes the addresses.
    """

    spans: Spans
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    span: Span
    length: int
    rank: int
    route: Route


@dataclass(frozen=True)
class RouteTable:
    """A route table, with the subnets and gateways it is associated with.

    Args:
        main: whether it is its VPC's main route table.
        routes: its routes as described.
    """

    id: str
    vpc: str
    main: bool
    routes: tuple[Route, ...] = field(repr=False)

    @property
    def title(self) -> str:
        """Return what a sentence calls it."""
        return f"route table {self.id}{' (main)' if self.main else ''}"

    @cached_property
    def unread(self) -> tuple[Route, ...]:
        """Routes to prefix lists whose entries the snapshot does not have."""
        return tuple(route for route in self.routes if route.spans is None)

    @cached_property
    def _segments(self) -> tuple[list[tuple[int, int]], list[Share]]:
        shares = list(_flatten(_claims(self.routes)))
        return [(share.spans[0].version, share.spans[0].first) for share in shares], shares

    def shares(self, destinations: Iterable[Span]) -> tuple[Share, ...]:
        """Return which route takes which of the destinations, unread prefix lists left aside."""
        taken: dict[tuple[int, ...], tuple[tuple[Route, ...], list[Span]]] = {}
        for span in destinations:
            for piece, routes in self._pieces(span):
                # By identity: a route's own fields are long to compare, and it stands here once.
                key = tuple(map(id, routes))
                taken.setdefault(key, (routes, []))[1].append(piece)
        return tuple(Share(tuple(spans), routes) for routes, spans in taken.values())

    def _pieces(self, span: Span) -> Iterator[tuple[Span, tuple[Route, ...]]]:
        """Yield the span in pieces from first to last, each with the routes that take it."""
        starts, segments = self._segments
        version, cursor, last = span
        position = max(bisect_right(starts, (version, cursor)) - 1, 0)
        while position < len(segments) and starts[position] <= (version, last):
            segment = segments[position].spans[0]
            position += 1
            if (segment.version, segment.last) < (version, cursor):
                continue
            if cursor < segment.first:
                yield Span(version, cursor, segment.first - 1), ()
                cursor = segment.first
            end = min(segment.last, last)
            yield Span(version, cursor, end), segments[position - 1].routes
            cursor = end + 1
        if cursor <= last:
            yield Span(version, cursor, last), ()


def _claims(routes: Iterable[Route]) -> list[_Claim]:
    routes = tuple(routes)
    local = tuple(span for route in routes if route.target == "local" for span in route.spans or ())
    return [
        _Claim(span, prefix_length(span), _rank(route), route)
        for route in routes
        for span in route.spans or ()
        if not (route.propagated and not subtract((span,), local))
    ]


def _rank(route: Route) -> int:
    if route.propagated:
        return 0
    return 1 if route.prefix_list else 2


def _flatten(claims: list[_Claim]) -> Iterator[Share]:
    """Yield disjoint spans in order, each with the route that wins it.

    CIDR blocks nest or are apart, so one pass with a stack of the open ones is enough.
    """
    claims.sort(key=lambda claim: (claim.span.version, claim.span.first, claim.length, claim.rank))
    open_claims: list[_Claim] = []
    cursor = 0
    for claim in claims:
        while open_claims and _ends_before(open_claims[-1].span, claim.span):
            yield from _emit(open_claims, cursor, open_claims[-1].span.last)
            cursor = max(cursor, open_claims.pop().span.last + 1)
        if open_claims:
            yield from _emit(open_claims, cursor, claim.span.first - 1)
        cursor = claim.span.first
        open_claims.append(claim)
    while open_claims:
        yield from _emit(open_claims, cursor, open_claims[-1].span.last)
        cursor = max(cursor, open_claims.pop().span.last + 1)


def _ends_before(span: Span, other: Span) -> bool:
    return (span.version, span.last) < (other.version, other.first)


def _emit(open_claims: list[_Claim], first: int, last: int) -> Iterator[Share]:
    if first > last:
        return
    best = open_claims[-1]
    rivals = tuple(
        dict.fromkeys(
            claim.route
            for claim in open_claims
            if claim.span == best.span and claim.rank == best.rank
        )
    )
    yield Share((Span(best.span.version, first, last),), _undecided(rivals))


def _undecided(rivals: tuple[Route, ...]) -> tuple[Route, ...]:
    """Return one route where all rivals lead to the same, since then nothing is open."""
    return rivals if len({(route.target, route.blackhole) for route in rivals}) > 1 else rivals[:1]
