"""The decision: which way a request comes, what the policies say of it, and why."""

from pytest_vpcep.access.decide import decide
from pytest_vpcep.access.explanation import explain, explanation_document
from pytest_vpcep.access.matrix import Matrix, access_matrix
from pytest_vpcep.access.remedies import remedies
from pytest_vpcep.access.request import CONSOLE, Decision, Request, RequestOutcome

__all__ = [
    "CONSOLE",
    "Decision",
    "Matrix",
    "Request",
    "RequestOutcome",
    "access_matrix",
    "decide",
    "explain",
    "explanation_document",
    "remedies",
]
