"""One change to what is configured: a snapshot with it, and the sentence that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_vpcep.snapshot import Snapshot

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One change, and the configuration with it.

    Args:
        sentence: the change in the imperative, with the ids it concerns.
        snapshot: what would then be configured.
        vantage: where the request would then come from.
        reroutes: whether packets may then take another way.
        purpose: what it is for; of the changes for one purpose the first that works is enough.

    """

    sentence: str
    snapshot: Snapshot
    vantage: str
    reroutes: bool
    purpose: str

    @classmethod
    def to_ec2(
        cls, sentence: str, snapshot: Snapshot, vantage: str, *, purpose: str | None = None
    ) -> Change:
        """Return a change of the ``ec2`` part, after which packets may take another way."""
        return cls(sentence, snapshot, vantage, reroutes=True, purpose=purpose or sentence)

    @classmethod
    def to_policies(
        cls, sentence: str, snapshot: Snapshot, vantage: str, *, purpose: str | None = None
    ) -> Change:
        """Return a change of policies alone, which move no packets."""
        return cls(sentence, snapshot, vantage, reroutes=False, purpose=purpose or sentence)


def rows(snapshot: Snapshot, call: str, member: str) -> list[dict[str, Any]]:
    """Return the resources in one response of the ``ec2`` part.

    Args:
        snapshot: what is configured.
        call: such as ``DescribeSubnets``.
        member: the response's list, such as ``Subnets``.

    """
    return list((snapshot.ec2.get(call) or {}).get(member) or ())


def with_row(snapshot: Snapshot, call: str, member: str, key: str, changed: Row) -> Snapshot:
    """Return a snapshot with one resource of a response changed.

    Args:
        snapshot: what is configured.
        call: such as ``DescribeSubnets``.
        member: the response's list, such as ``Subnets``.
        key: the member that holds the resource's id, such as ``SubnetId``.
        changed: the resource as it would be.

    """
    listed = [
        changed if row.get(key) == changed[key] else row for row in rows(snapshot, call, member)
    ]
    return replace(snapshot, ec2={**snapshot.ec2, call: {member: listed}})
