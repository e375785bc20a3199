"""Cases as JSON Lines to decisions as JSON-ready data: what ``vpcep decide`` prints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_vpcep.errors import PolicyRefused, RequestError, VpcepError
from pytest_vpcep.policy.documents import Policy
from pytest_vpcep.policy.evaluation import evaluate
from pytest_vpcep.policy.messages import denial_message
from pytest_vpcep.policy.models import (
    AuthorizationRequest,
    Evaluation,
    Policies,
    PolicyType,
    StatementReference,
)
from pytest_vpcep.policy.parsing import parse_policy

_REQUEST_FIELDS = frozenset(("principal", "action", "resource", "resource_account", "context"))
_WITH_PRINCIPAL = frozenset((PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT, PolicyType.RCP))


def decide_lines(lines: Iterable[str]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Judge one case a line, in order; blank lines are passed over.

    Args:
        lines: JSON texts, each a case with ``id``, ``request`` and ``policies``.

    Yields:
        For each case the decision, or its error, and whether it could be judged.

    """
    for line in lines:
        if line.strip():
            yield _decide_line(line)


def evaluation_document(evaluation: Evaluation, message: str | None) -> dict[str, Any]:
    """Return an evaluation in the contract's form, without the case's ``id``.

    Args:
        evaluation: what came out.
        message: AWS's message; None where the request is allowed.
    """
    decided_by = evaluation.decided_by
    document: dict[str, Any] = {
        "decision": evaluation.outcome.value,
        "decided_by": None if decided_by is None else decided_by.value,
        "statement": _reference(evaluation.statement),
        "message": message,
    }
    if evaluation.undetermined is not None:
        document["undetermined"] = evaluation.undetermined
    return document


def _judged(request: AuthorizationRequest, policies: Policies) -> dict[str, Any]:
    evaluation = evaluate(request, policies)
    message = None if evaluation.allowed else denial_message(request, evaluation)
    return evaluation_document(evaluation, message)


def _decide_line(line: str) -> tuple[dict[str, Any], bool]:
    case_id = None
    try:
        case = _load(line)
        case_id = case.get("id")
        request = _request(case.get("request"))
        policies = _policies(case.get("policies", {}))
        return {"id": case_id, **_judged(request, policies)}, True
    except PolicyRefused as error:
        return _error(case_id, error.code, error.message), False
    except VpcepError as error:
        return _error(case_id, "InvalidCase", str(error)), False


def _error(case_id: Any, code: str, message: str) -> dict[str, Any]:
    return {"id": case_id, "error": {"code": code, "message": message}}


def _load(line: str) -> dict[str, Any]:
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the line is not JSON: {error}") from error
    if not isinstance(case, dict):
        raise RequestError("the line is not a JSON object with id, request and policies")
    return case


def _request(block: Any) -> AuthorizationRequest:
    if not isinstance(block, dict):
        raise RequestError("request is missing or not an object: give principal, action, resource")
    unknown = sorted(set(block) - _REQUEST_FIELDS)
    if unknown:
        raise RequestError(f"request has unknown field {unknown[0]!r}")
    account = block.get("resource_account")
    if account is not None and not isinstance(account, str):
        raise RequestError("request.resource_account is not a string of 12 digits")
    action = _text(block, "action")
    service, colon, operation = action.partition(":")
    if not (service and colon and operation) or "*" in action:
        raise RequestError(f"request.action {action!r} is not of the form service:Operation")
    return AuthorizationRequest(
        principal=_text(block, "principal"),
        action=action,
        resource=_text(block, "resource"),
        resource_account=account,
        context=_context(block.get("context", {})),
    )


def _text(block: Mapping[str, Any], name: str) -> str:
    value = block.get(name)
    if not isinstance(value, str) or not value:
        raise RequestError(f"request.{name} is missing or not a string")
    return value


def _context(block: Any) -> dict[str, str | tuple[str, ...]]:
    if block is None:
        return {}
    if not isinstance(block, dict):
        raise RequestError("request.context is not an object of keys and values")
    context: dict[str, str | tuple[str, ...]] = {}
    for key, value in block.items():
        if isinstance(value, str):
            context[key] = value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            context[key] = tuple(value)
        else:
            raise RequestError(f"request.context[{key!r}] is neither a string nor a list of them")
    return context


def _policies(block: Any) -> Policies:
    if not isinstance(block, dict):
        raise RequestError("policies is not an object of policy types")
    known = {
        "identity",
        "permissions_boundary",
        "session",
        "resource",
        "vpc_endpoint",
        "scps",
        "rcps",
    }
    unknown = sorted(set(block) - known)
    if unknown:
        raise RequestError(f"policies has unknown field {unknown[0]!r}")
    return Policies(
        identity=_list(block.get("identity"), "identity", PolicyType.IDENTITY),
        permissions_boundary=_one(
            block.get("permissions_boundary"), PolicyType.PERMISSIONS_BOUNDARY
        ),
        session=_list(block.get("session"), "session", PolicyType.SESSION),
        resource=_one(block.get("resource"), PolicyType.RESOURCE),
        vpc_endpoint=_one(block.get("vpc_endpoint"), PolicyType.VPC_ENDPOINT),
        scps=_levels(block.get("scps"), "scps", PolicyType.SCP),
        rcps=_levels(block.get("rcps"), "rcps", PolicyType.RCP),
    )


def _levels(block: Any, name: str, policy_type: PolicyType) -> tuple[tuple[Policy, ...], ...]:
    if block is None:
        return ()
    if not isinstance(block, list):
        raise RequestError(f"policies.{name} is not a list of levels")
    return tuple(_list(level, f"{name}[]", policy_type) for level in block)


def _list(block: Any, name: str, policy_type: PolicyType) -> tuple[Policy, ...]:
    if block is None:
        return ()
    if not isinstance(block, list):
        raise RequestError(f"policies.{name} is not a list of policies")
    return tuple(_policy(document, policy_type) for document in block)


def _one(block: Any, policy_type: PolicyType) -> Policy | None:
    return None if block is None else _policy(block, policy_type)


def _policy(document: Any, policy_type: PolicyType) -> Policy:
    """Return a policy of one type, with ``Principal`` where that type takes it and only there."""
    if not isinstance(document, dict | str):
        raise PolicyRefused(
            "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"
        )
    policy = parse_policy(document)
    for statement in policy.statements:
        if policy_type in _WITH_PRINCIPAL and statement.principal is None:
            raise PolicyRefused("MalformedPolicy", "Missing required field Principal")
        if policy_type not in _WITH_PRINCIPAL and statement.principal is not None:
            raise PolicyRefused(
                "MalformedPolicy", "Policy document should not specify a principal."
            )
        if policy_type is not PolicyType.RESOURCE and statement.resource is None:
            raise PolicyRefused("MalformedPolicy", "Missing required field Resource")
    return policy


def _reference(reference: StatementReference | None) -> dict[str, Any] | None:
    return None if reference is None else {"index": reference.index, "sid": reference.sid}
