"""The changes of one statement of a policy that are worth trying, the least far-reaching first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Request


@dataclass(frozen=True)
class StatementChange:
    """A policy with one statement changed.

    Args:
        index: position of the statement, from 0.
        sentence: the change in the imperative.
        document: the policy with it; empty where no statement is left.

    """

    index: int
    sentence: str
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """The VPC endpoint that a request comes over, and that endpoint's VPC; None without one."""

    endpoint: str | None
    vpc: str | None


_Found = Iterator[tuple[str, Mapping[str, Any]]]


def statement_changes(
    document: Mapping[str, Any], policy: str, request: Request, way: Way
) -> Iterator[StatementChange]:
    """Yield the single changes of each statement of a policy.

    Args:
        document: the policy, its single values written as lists of one.
        policy: what a sentence calls it, such as ``the policy of bucket b``.
        request: what is asked.
        way: the endpoint that the request comes over.

    """
    statements = list(document["Statement"])
    for index, statement in enumerate(statements):
        sid = f' ("{statement["Sid"]}")' if statement.get("Sid") else ""
        where = f"statement {index + 1}{sid}"
        before, after = statements[:index], statements[index + 1 :]
        for sentence, changed in _changed(statement, f"{where} of {policy}", request, way):
            whole = {**document, "Statement": [*before, changed, *after]}
            yield StatementChange(index, sentence, whole)
        rest = [*before, *after]
        removed = {**document, "Statement": rest} if rest else {}
        yield StatementChange(index, f"remove {where} from {policy}", removed)


def _changed(statement: Mapping[str, Any], where: str, request: Request, way: Way) -> _Found:
    yield from _naming_the_endpoint(statement, where, way)
    yield from _naming_the_request(statement, where, request)
    yield from _with_other_effect(statement, where)


def _naming_the_endpoint(statement: Mapping[str, Any], where: str, way: Way) -> _Found:
    """Yield the statement with the request's endpoint, or VPC, where a condition has another."""
    known = {"aws:sourcevpce": way.endpoint, "aws:sourcevpc": way.vpc}
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition", {})
    for operator, keys in conditions.items():
        for key, values in keys.items():
            value = known.get(key.lower())
            if value is not None and value not in values:
                changed = {**conditions, operator: {**keys, key: [value]}}
                yield f"name {value} for {key} in {where}", {**statement, "Condition": changed}


def _naming_the_request(statement: Mapping[str, Any], where: str, request: Request) -> _Found:
    """Yield the statement with the request's action or resource in it too."""
    resource = request.resource
    if request.bucket is not None and "/" in resource:
        resource = f"{resource.partition('/')[0]}/*"
    for element, value in (("Action", request.action), ("Resource", resource)):
        listed = statement.get(element)
        if listed is not None and value not in listed:
            yield f"add {value} to {element} of {where}", {**statement, element: [*listed, value]}


def _with_other_effect(statement: Mapping[str, Any], where: str) -> _Found:
    """Yield the statement with the other effect.

    A Deny on a condition is left: turned round, it would let in the very requests it keeps out.
    """
    effect = "Allow" if statement["Effect"] == "Deny" else "Deny"
    if effect == "Deny" or not statement.get("Condition"):
        yield f"change Effect of {where} to {effect}", {**statement, "Effect": effect}
