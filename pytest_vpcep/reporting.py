"""What a failed test's report says of AWS's decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_vpcep.access.explanation import explain
from pytest_vpcep.lab import Lab

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision

_SHOWN = 8


def sections(lab: object) -> list[tuple[str, str]]:
    """Report sections: the latest decisions one a line, and the last one explained.

    Args:
        lab: the failed test's ``lab``; one that is not ours has nothing to say.
    """
    if not isinstance(lab, Lab):
        return []
    journal = list(lab.cloud.journal)
    if not journal:
        return []
    lines = [_line(decision) for decision in journal[-_SHOWN:]]
    # The gate decides requests from the console without looking at the network; remedies do.
    last = replace(journal[-1], snapshot=lab.cloud.snapshot())
    return [
        ("vpcep: the latest decisions", "\n".join(lines)),
        ("vpcep: why, of the last one", explain(last)),
    ]


def _line(decision: Decision) -> str:
    request = decision.request
    way = f" via {decision.via}" if decision.via else ""
    return (
        f"{decision.outcome:<12} {request.action} on {request.resource} "
        f"from {decision.vantage}{way}"
    )
