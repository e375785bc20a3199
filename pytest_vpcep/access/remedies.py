"""What would change an outcome: single changes tried on the configuration, those that do listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access.changes import changes
from pytest_vpcep.access.decide import decide, decide_on_path
from pytest_vpcep.access.request import RequestOutcome

if TYPE_CHECKING:
    from pytest_vpcep.access.configuration_change import Change
    from pytest_vpcep.access.request import Decision


def remedies(decision: Decision) -> tuple[str, ...]:
    """The single changes that would let a request through, or keep it out if it gets through.

    Args:
        decision: the decision to flip; for an undetermined one there is nothing to flip.

    Returns:
        One sentence per change that was tried and does flip the outcome, the network's first; of
        several changes for one purpose the first.

    """
    if decision.outcome is RequestOutcome.UNDETERMINED:
        return ()
    found: dict[str, str] = {}
    for change in changes(decision):
        if change.purpose not in found and _flips(decision, change):
            found[change.purpose] = change.sentence
    return tuple(dict.fromkeys(found.values()))


def _flips(decision: Decision, change: Change) -> bool:
    if change.reroutes:
        other = decide(change.snapshot, change.vantage, decision.request)
    else:
        other = decide_on_path(change.snapshot, change.vantage, decision.request, decision.path)
    decided = other.outcome is not RequestOutcome.UNDETERMINED
    return decided and other.allowed != decision.allowed
