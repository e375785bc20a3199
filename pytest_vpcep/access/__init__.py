"""The decision: which way a request comes, what the policies say of it, and why."""

from pytest_vpcep.access.decide import decide
from pytest_vpcep.access.explanation import explain, explanation_document
from pytest_vpcep.access.remedies import remedies
from pytest_vpcep.access.request import CONSOLE, Decision, Request, RequestOutcome

__all__ = [
    "CONSOLE",
    "Decision",
    "Request",
    "RequestOutcome",
    "decide",
    "explain",
    "explanation_document",
    "remedies",
]
