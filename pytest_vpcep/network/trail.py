"""A path while it is being traced: hops so far, doubts, and where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pytest_vpcep.network.models import Blocked, Hop, Path


class PathEndsError(Exception):
    """Ends the tracing at a component that lets nothing further; never leaves this package."""

    def __init__(self, blocked: Blocked) -> None:
        super().__init__(blocked.detail)
        self.blocked = blocked


@dataclass
class Trail:
    """The hops met so far and what they mean for the service at the far end.

    Args:
        doubts: reasons why it cannot be told whether packets get past a hop.
    """

    hops: list[Hop] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    via: str | None = None
    endpoint: str | None = None
    source_vpc: str | None = None
    source_ip: str | None = None
    blocked: Blocked | None = None

    def hop(self, kind: str, identifier: str, detail: str) -> None:
        """Add a hop."""
        self.hops.append(Hop(kind, identifier, detail))

    def doubt(self, reason: str) -> None:
        """Note why the way past the last hop cannot be told, and go on."""
        if reason not in self.doubts:
            self.doubts.append(reason)

    def block(self, code: str, component: str, detail: str) -> PathEndsError:
        """Return the error to raise where packets get no further."""
        return PathEndsError(Blocked(code, detail, component))

    def follow(self, steps: Callable[[Trail], None]) -> None:
        """Take steps, as far as they go."""
        try:
            steps(self)
        except PathEndsError as end:
            self.blocked = end.blocked

    def fork(self, branches: Sequence[Callable[[Trail], None]], why: str) -> None:
        """Follow every way packets may take, and go on where all of them agree.

        Args:
            branches: the ways.
            why: what makes them several, for the reason if they do not agree.

        Raises:
            PathEndsError: no way gets through.
        """
        if len(branches) == 1:
            branches[0](self)
            return
        trails = [self._copy() for _ in branches]
        for trail, branch in zip(trails, branches, strict=True):
            trail.follow(branch)
        chosen = next((trail for trail in trails if trail.blocked is None), trails[0])
        self._adopt(chosen)
        if chosen.blocked is not None:
            raise PathEndsError(chosen.blocked)
        for other in trails:
            if other.blocked is not None:
                self.doubt(f"{why}; some are stopped: {other.blocked.detail}")
            elif other._outcome() != chosen._outcome():
                self.doubt(f"{why}; some leave over {chosen.via}, others over {other.via}")
            else:
                for reason in other.doubts:
                    self.doubt(reason)

    def _adopt(self, other: Trail) -> None:
        """Go on where another trail has got to."""
        self.hops, self.doubts = other.hops, list(other.doubts)
        self.via, self.endpoint = other.via, other.endpoint
        self.source_vpc, self.source_ip = other.source_vpc, other.source_ip

    def _outcome(self) -> tuple[str | None, ...]:
        return (self.via, self.endpoint, self.source_vpc, self.source_ip)

    def _copy(self) -> Trail:
        return Trail(
            list(self.hops),
            list(self.doubts),
            self.via,
            self.endpoint,
            self.source_vpc,
            self.source_ip,
        )

    def path(self) -> Path:
        """Return the finished path."""
        arrived = self.blocked is None
        return Path(
            hops=tuple(self.hops),
            via=self.via,
            blocked=self.blocked,
            endpoint=self.endpoint if arrived else None,
            source_vpc=self.source_vpc if arrived else None,
            source_ip=self.source_ip if arrived else None,
            undetermined="; ".join(self.doubts) if arrived and self.doubts else None,
        )


def trace(steps: Callable[[Trail], None]) -> Path:
    """Trace a path by taking steps from its start."""
    trail = Trail()
    trail.follow(steps)
    return trail.path()
