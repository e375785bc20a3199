"""What a failed test's report says of AWS's decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.lab import Lab

_SHOWN = 8


def sections(lab: Lab) -> list[tuple[str, str]]:
    """Report sections: the latest decisions one a line, and the last one explained.

    Args:
        lab: the lab the failed test used.
    """
    journal = list(lab.cloud.journal)
    if not journal:
        return []
    lines = [_line(decision) for decision in journal[-_SHOWN:]]
    return [
        ("vpcep: the latest decisions", "\n".join(lines)),
        ("vpcep: why", str(_telling(journal))),
    ]


def _line(decision: Decision) -> str:
    request = decision.request
    way = f" via {decision.via}" if decision.via else ""
    return (
        f"{decision.outcome:<12} {request.action} on {request.resource} "
        f"from {decision.vantage}{way}"
    )


def _telling(journal: list[Decision]) -> Decision:
    """The decision to explain: the last one that was asked about in so many words."""
    return journal[-1]
