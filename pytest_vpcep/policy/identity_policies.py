"""What IAM accepts as an identity-based policy.

Sources: IAM User Guide, "Grammar of the IAM JSON policy language" (no ``Principal``, no ``Id``; a
``Sid`` is alphanumeric and used once) and "IAM and AWS STS quotas" (6,144 characters for a managed
policy, white space not counted).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy.faults import DocumentFault, FaultKind
from pytest_vpcep.policy.statement_reader import read_policy
from pytest_vpcep.policy.wording import iam_message

if TYPE_CHECKING:
    from pytest_vpcep.policy.documents import Policy, Statement

MAXIMUM_LENGTH = 6_144
_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_WHITE_SPACE = re.compile(r"\s+")


def validate_identity_policy(text: str | bytes) -> Policy:
    """Accept or refuse a managed identity-based policy as IAM's ``CreatePolicy`` does.

    Args:
        text: the policy's JSON text.

    Raises:
        PolicyRefused: with code ``MalformedPolicyDocument``, or ``LimitExceeded`` where the policy
            is too long.

    """
    try:
        policy = read_policy(text)
        for statement in policy.statements:
            _check(statement)
        _check_names(policy)
    except DocumentFault as fault:
        raise PolicyRefused("MalformedPolicyDocument", iam_message(fault)) from fault
    readable = text.decode("utf-8") if isinstance(text, bytes) else text
    if len(_WHITE_SPACE.sub("", readable)) > MAXIMUM_LENGTH:
        raise PolicyRefused(
            "LimitExceeded", f"Cannot exceed quota for PolicySize: {MAXIMUM_LENGTH}"
        )
    return policy


def _check(statement: Statement) -> None:
    if statement.principal is not None:
        raise DocumentFault(FaultKind.UNEXPECTED_PRINCIPAL)
    if statement.resource is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Resource")
    for pattern in statement.resource.patterns:
        written = pattern.written
        if written != "*" and not written.startswith(("arn:", "*", "arn*")):
            raise DocumentFault(FaultKind.INVALID_RESOURCE, written)


def _check_names(policy: Policy) -> None:
    if policy.id is not None:
        raise DocumentFault(FaultKind.UNKNOWN_ELEMENT, "Id")
    seen = set()
    for statement in policy.statements:
        if statement.sid is None:
            continue
        if not _SID.fullmatch(statement.sid):
            raise DocumentFault(FaultKind.INVALID_SID, statement.sid)
        if statement.sid in seen:
            raise DocumentFault(FaultKind.REPEATED_SID, statement.sid)
        seen.add(statement.sid)
