"""What would change an outcome: single changes tried on the configuration, those that do listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access.changes import changes
from pytest_vpcep.access.decide import decide
from pytest_vpcep.access.request import RequestOutcome

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision


def remedies(decision: Decision) -> tuple[str, ...]:
    """The single changes that would let a request through, or keep it out if it gets through.

    Args:
        decision: the decision to flip; for an undetermined one there is nothing to flip.

    Returns:
        One sentence per change that was tried and does flip the outcome, the network's first.

    """
    if decision.outcome is RequestOutcome.UNDETERMINED:
        return ()
    found = []
    for change in changes(decision):
        other = decide(change.snapshot, change.vantage, decision.request)
        decided = other.outcome is not RequestOutcome.UNDETERMINED
        if decided and other.allowed != decision.allowed and change.sentence not in found:
            found.append(change.sentence)
    return tuple(found)
