"""What a case of these tests expects of a path, and the failure message that names its AWS page."""

from __future__ import annotations

from dataclasses import dataclass

from network_changes import ACCOUNT, REGION, Change, World
from network_worlds import world_of

from pytest_vpcep.network import Path, Topology


def topology_of(world: World, *, region: str = REGION) -> Topology:
    """The topology of a world."""
    return Topology.from_describe(world, account=ACCOUNT, partition="aws", region=region)


def changed(*changes: Change) -> Topology:
    """The topology of the lab with changes."""
    return topology_of(world_of(*changes))


@dataclass(frozen=True)
class Arrives:
    """The path gets there and back."""

    via: str | None
    endpoint: str | None = None
    source_ip: str | None = None

    def check(self, path: Path, page: str) -> None:
        """Compare with a path."""
        found = Arrives(path.via, path.endpoint, path.source_ip)
        assert path.blocked is None, f"{page}: {path.blocked}"
        assert path.undetermined is None, f"{page}: {path.undetermined}"
        assert found.via == self.via, f"{page}: {path}"
        assert found.endpoint == self.endpoint, f"{page}: {path}"
        if self.source_ip is not None:
            assert found.source_ip == self.source_ip, f"{page}: {path}"


@dataclass(frozen=True)
class Stops:
    """The path is blocked, with this code, at this component."""

    code: str
    component: str

    def check(self, path: Path, page: str) -> None:
        """Compare with a path."""
        assert path.blocked is not None, f"{page}: it arrives, {path}"
        assert (path.blocked.code, path.blocked.component) == (self.code, self.component), page
        assert not path.arrives
        assert path.endpoint is None


@dataclass(frozen=True)
class Open:
    """The documentation or the snapshot does not settle it; the reason names this."""

    reason: str

    def check(self, path: Path, page: str) -> None:
        """Compare with a path."""
        assert path.blocked is None, f"{page}: {path.blocked}"
        assert path.undetermined is not None, f"{page}: it arrives, {path}"
        assert self.reason in path.undetermined, f"{page}: {path.undetermined}"
        assert not path.arrives


Expectation = Arrives | Stops | Open


def over(endpoint: str, source_ip: str = "10.0.0.10") -> Arrives:
    """Arrives over a VPC endpoint, with the private address."""
    return Arrives(endpoint, endpoint, source_ip)
