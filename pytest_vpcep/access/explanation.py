"""A decision in words, hop by hop and policy by policy, and as the contract's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_vpcep.access.remedies import remedies
from pytest_vpcep.access.request import CONSOLE, Decision, RequestOutcome
from pytest_vpcep.policy import Outcome, PolicyType
from pytest_vpcep.policy.json_lines import evaluation_document

if TYPE_CHECKING:
    from pytest_vpcep.network import Hop, Path
    from pytest_vpcep.policy import StatementReference, TypeResult

#: Each policy type as AWS's error messages call it.
TYPE_NAMES = {
    PolicyType.IDENTITY: "identity-based policies",
    PolicyType.PERMISSIONS_BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policies",
    PolicyType.RESOURCE: "resource-based policy",
    PolicyType.VPC_ENDPOINT: "VPC endpoint policy",
    PolicyType.SCP: "service control policies",
    PolicyType.RCP: "resource control policies",
}

#: What the policies of one type say, in words.
OUTCOME_WORDS = {
    Outcome.ALLOWED: "allowed",
    Outcome.EXPLICIT_DENY: "explicit deny",
    Outcome.IMPLICIT_DENY: "no statement allows it (implicit deny)",
}

#: Context keys that tell the way, in the order they are worth reading.
_WAY_KEYS = ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp", "aws:SourceIp")


def explain(decision: Decision) -> str:
    """A decision in words: what was asked, which way it went, which policy decided, what if.

    Args:
        decision: the decision to explain.

    """
    request = decision.request
    lines = [
        f"{decision.outcome.upper()}: {request.action} on {request.resource}",
        f"  asked by {request.principal}, from {_place(decision.vantage)}",
        "Path",
        *_path_lines(decision),
        "Policies",
        *_policy_lines(decision),
    ]
    if decision.message:
        heading = "Why it cannot be told" if decision.undetermined else "Answer"
        lines += [heading, f"  {decision.message}"]
    lines += _remedy_lines(decision)
    return "\n".join(lines)


def _place(vantage: str) -> str:
    return "the console, outside the VPC" if vantage == CONSOLE else vantage


def _path_lines(decision: Decision) -> list[str]:
    if decision.path is None:
        lines = ["  - the internet: the request crosses no VPC, so no endpoint"]
    else:
        lines = [f"  - {_hop(hop)}" for hop in decision.path.hops]
        if decision.path.blocked:
            blocked = decision.path.blocked
            lines.append(f"  x {blocked.code}: {blocked.detail}")
    carried = [f"{key} = {decision.context[key]}" for key in _WAY_KEYS if key in decision.context]
    if carried:
        lines.append(f"  the request carries {', '.join(carried)}")
    elif decision.evaluation is not None:
        lines.append("  the request carries no aws:SourceVpce")
    return lines


def _hop(hop: Hop) -> str:
    return hop.detail if hop.id in hop.detail else f"{hop.kind} {hop.id}: {hop.detail}"


def _policy_lines(decision: Decision) -> list[str]:
    if decision.evaluation is None:
        return ["  none was asked"]
    decided_by = None if decision.undetermined else decision.evaluation.decided_by
    lines = [_type_line(result, decided_by) for result in decision.evaluation.results]
    return lines or ["  none takes part: the account's root user may do it"]


def _type_line(result: TypeResult, decided_by: PolicyType | None) -> str:
    decided = " <- decides" if result.policy_type is decided_by else ""
    where = f", {statement_words(result.statement)}" if result.statement else ""
    name, said = TYPE_NAMES[result.policy_type], OUTCOME_WORDS[result.outcome]
    return f"  - {name}: {said}{where}{decided}"


def statement_words(reference: StatementReference) -> str:
    """Say which statement of which policy is meant, counted from 1 as people do."""
    sid = f' "{reference.sid}"' if reference.sid else ""
    of = f" of {reference.policy}" if reference.policy else ""
    return f"statement {reference.index + 1}{sid}{of}"


def _remedy_lines(decision: Decision) -> list[str]:
    found = remedies(decision)
    if decision.outcome is RequestOutcome.UNDETERMINED:
        return []
    heading = "What would stop it" if decision.allowed else "What would let it through"
    sentences = found or ("no single change to what is configured here",)
    return [heading, *(f"  - {sentence}" for sentence in sentences)]


def explanation_document(decision: Decision) -> dict[str, Any]:
    """The JSON document of ``vpcep explain --json``, as the contract describes it.

    Args:
        decision: the decision to explain.

    """
    return {
        "outcome": str(decision.outcome),
        "path": _path_document(decision.path),
        "context": {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in sorted(decision.context.items())
        },
        "decision": _decision_document(decision),
        "undetermined": decision.undetermined,
        "remedies": list(remedies(decision)),
    }


def _path_document(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {"via": None, "hops": [], "blocked": None}
    blocked = path.blocked
    return {
        "via": path.via,
        "hops": [{"kind": hop.kind, "id": hop.id, "detail": hop.detail} for hop in path.hops],
        "blocked": {"code": blocked.code, "detail": blocked.detail} if blocked else None,
    }


def _decision_document(decision: Decision) -> dict[str, Any] | None:
    if decision.evaluation is None:
        return None
    return evaluation_document(decision.evaluation, decision.message or None)
