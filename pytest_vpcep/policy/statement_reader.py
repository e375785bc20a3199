"""Plain data to compiled statements, and what each element may hold.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_vpcep.policy.conditions import Condition, compile_condition
from pytest_vpcep.policy.documents import ActionElement, Policy, Statement
from pytest_vpcep.policy.faults import DocumentFault, FaultKind
from pytest_vpcep.policy.json_text import Unquoted, read_json
from pytest_vpcep.policy.principal_element import (
    PRINCIPAL_TYPES,
    PrincipalElement,
    compile_principal,
)
from pytest_vpcep.policy.resource_element import ResourceElement, compile_resource
from pytest_vpcep.policy.wildcards import compile_pattern

VERSIONS = ("2012-10-17", "2008-10-17")
_POLICY_ELEMENTS = frozenset(("Version", "Id", "Statement"))
_STATEMENT_ELEMENTS = frozenset(
    (
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    )
)


def read_policy(document: str | bytes | Mapping[str, Any], *, name: str | None = None) -> Policy:
    """Read and compile a policy document of any type.

    Args:
        document: JSON text, or the same as Python data.
        name: what to call the policy.

    Raises:
        DocumentFault: it is no policy, whatever service it is meant for.

    """
    plain = read_json(document)
    _refuse_unknown(plain, _POLICY_ELEMENTS)
    version = plain.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise DocumentFault(FaultKind.INVALID_VERSION, str(version))
    identifier = plain.get("Id")
    if identifier is not None and not _is_text(identifier):
        raise DocumentFault(FaultKind.WRONG_TYPE, "Id")
    written = plain.get("Statement")
    if written is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Statement")
    blocks = written if isinstance(written, list) else [written]
    if not blocks:
        raise DocumentFault(FaultKind.EMPTY_STATEMENT)
    statements = tuple(_statement(index, block, version) for index, block in enumerate(blocks))
    return Policy(
        statements, version=version, id=identifier, name=name, has_version="Version" in plain
    )


def _statement(index: int, block: Any, version: str) -> Statement:
    if not isinstance(block, Mapping):
        raise DocumentFault(FaultKind.WRONG_TYPE, "Statement")
    _refuse_unknown(block, _STATEMENT_ELEMENTS)
    sid = block.get("Sid")
    if sid is not None and not _is_text(sid):
        raise DocumentFault(FaultKind.WRONG_TYPE, "Sid")
    effect = block.get("Effect")
    if effect is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Effect")
    if effect not in ("Allow", "Deny"):
        raise DocumentFault(FaultKind.INVALID_EFFECT, str(effect))
    return Statement(
        index=index,
        sid=sid,
        denies=effect == "Deny",
        principal=_principal(block),
        action=_action(block),
        resource=_resource(block, version),
        conditions=_conditions(block.get("Condition"), version),
    )


def _refuse_unknown(block: Mapping[str, Any], known: frozenset[str]) -> None:
    for element in block:
        if element not in known:
            raise DocumentFault(FaultKind.UNKNOWN_ELEMENT, element)


def _one_of(block: Mapping[str, Any], element: str) -> tuple[Any, bool]:
    """Return the value of an element or of its ``Not`` form, and whether it is the latter."""
    negative = f"Not{element}"
    if element in block and negative in block:
        raise DocumentFault(FaultKind.CONFLICTING_ELEMENTS, element)
    return block.get(element, block.get(negative)), negative in block


def _texts(value: Any, element: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(_is_text(item) for item in values):
        raise DocumentFault(FaultKind.WRONG_TYPE, element)
    if not values:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, element)
    return tuple(values)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Unquoted)


def _action(block: Mapping[str, Any]) -> ActionElement:
    value, negated = _one_of(block, "Action")
    if value is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Action")
    written = _texts(value, "Action")
    for action in written:
        service, colon, operation = action.partition(":")
        if action != "*" and not (colon and service and operation and ":" not in operation):
            raise DocumentFault(FaultKind.INVALID_ACTION, action)
    patterns = tuple(compile_pattern(action.lower()) for action in written)
    return ActionElement(written, patterns, negated)


def _resource(block: Mapping[str, Any], version: str) -> ResourceElement | None:
    value, negated = _one_of(block, "Resource")
    if value is None:
        return None
    patterns = tuple(
        compile_resource(resource, version=version) for resource in _texts(value, "Resource")
    )
    return ResourceElement(patterns, negated)


def _principal(block: Mapping[str, Any]) -> PrincipalElement | None:
    value, negated = _one_of(block, "Principal")
    if value is None:
        return None
    if value == "*":
        return compile_principal("*", negated=negated)
    if not isinstance(value, Mapping) or not value:
        raise DocumentFault(FaultKind.INVALID_PRINCIPAL, str(value))
    written = {}
    for kind, names in value.items():
        if kind not in PRINCIPAL_TYPES:
            raise DocumentFault(FaultKind.INVALID_PRINCIPAL, f'"{kind}"')
        values = names if isinstance(names, list) else [names]
        # An account id may stand unquoted, as any number may.
        if not values or not all(isinstance(item, str) for item in values):
            raise DocumentFault(FaultKind.INVALID_PRINCIPAL, f'"{kind}"')
        written[kind] = tuple(str(item) for item in values)
    return compile_principal(written, negated=negated)


def _conditions(element: Any, version: str) -> tuple[Condition, ...]:
    if element is None:
        return ()
    if not isinstance(element, Mapping):
        raise DocumentFault(FaultKind.WRONG_TYPE, "Condition")
    conditions = []
    for operator, keys in element.items():
        if not isinstance(keys, Mapping):
            raise DocumentFault(FaultKind.WRONG_TYPE, "Condition")
        for key, values in keys.items():
            conditions.append(_condition(operator, key, values, version))
    return tuple(conditions)


def _condition(operator: str, key: str, value: Any, version: str) -> Condition:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in values):
        raise DocumentFault(FaultKind.INVALID_CONDITION_VALUE, key)
    texts = tuple(str(item) for item in values)
    condition = compile_condition(operator, key, texts, version=version)
    if condition is None:
        raise DocumentFault(FaultKind.INVALID_CONDITION_OPERATOR, operator)
    return condition
