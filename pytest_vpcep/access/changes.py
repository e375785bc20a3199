"""The single changes to what is configured that are worth trying on a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access.changes_of_barriers import barrier_changes
from pytest_vpcep.access.changes_of_policies import policy_changes
from pytest_vpcep.access.changes_of_routes import route_changes
from pytest_vpcep.access.configuration_change import Change, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_vpcep.access.request import Decision


def changes(decision: Decision) -> Iterator[Change]:
    """Every single change worth trying on a decision, the network's first.

    Args:
        decision: the decision whose outcome might change.

    """
    if decision.path is not None:
        yield from route_changes(decision)
        yield from barrier_changes(decision)
    else:
        yield from _vantage_changes(decision)
    yield from policy_changes(decision)


def _vantage_changes(decision: Decision) -> Iterator[Change]:
    for reservation in rows(decision.snapshot, "DescribeInstances", "Reservations"):
        for instance in reservation.get("Instances") or ():
            if (instance.get("State") or {}).get("Name") == "running":
                identity = instance["InstanceId"]
                sentence = f"send it from instance {identity}"
                yield Change.to_ec2(sentence, decision.snapshot, identity)
