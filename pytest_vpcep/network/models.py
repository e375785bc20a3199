"""The words of a traced path, as plain data: hops, where it stopped, and what it ended in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hop:
    """One thing a packet met, and what was looked at and matched there.

    Args:
        kind: what it is: ``interface``, ``security-group``, ``network-acl``, ``route-table``,
            ``internet-gateway``, ``nat-gateway``, ``vpc-endpoint``, ``dns``, ...
        id: its AWS id, or a name where it has no id.
        detail: one sentence on what matched, in AWS's terms.
    """

    kind: str
    id: str
    detail: str


@dataclass(frozen=True)
class Blocked:
    """Why a path ends before its destination.

    Args:
        code: an explanation code of Reachability Analyzer where one fits
            (``ENI_SG_RULES_MISMATCH``, ``NO_ROUTE_TO_DESTINATION``, ...).
        detail: one sentence that names the component and what it lacks.
        component: id of the component it ended at.
    """

    code: str
    detail: str
    component: str


@dataclass(frozen=True)
class Path:
    """The way from an interface to a destination, or as far as it gets.

    Args:
        hops: what was met, in order.
        via: id of the gateway or endpoint by which traffic leaves the VPC
            (``vpce-…``, ``igw-…``, ``nat-…``, ...), None where it does not.
        blocked: why it ends early; None where it arrives.
        endpoint: id of the VPC endpoint crossed, which makes the request carry
            ``aws:SourceVpce``; None otherwise.
        source_vpc: id of the VPC the endpoint is in, None without an endpoint.
        source_ip: the address the service sees: the private one over an endpoint, else the
            public one; None where the path is blocked.
        undetermined: why the way cannot be told from what is known; None where it can.
    """

    hops: tuple[Hop, ...]
    via: str | None = None
    blocked: Blocked | None = None
    endpoint: str | None = None
    source_vpc: str | None = None
    source_ip: str | None = None
    undetermined: str | None = None

    @property
    def arrives(self) -> bool:
        """Whether packets reach the destination and answers come back."""
        return self.blocked is None and self.undetermined is None
