"""A policy document, compiled: its statements, ready to be matched, and its way back to JSON.

Source: IAM User Guide, "IAM JSON policy element reference" and "Grammar of the IAM JSON policy
language".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_vpcep.policy.conditions import Condition, condition_element
from pytest_vpcep.policy.statement_index import StatementIndex

if TYPE_CHECKING:
    from pytest_vpcep.policy.principal_element import PrincipalElement
    from pytest_vpcep.policy.resource_element import ResourceElement
    from pytest_vpcep.policy.wildcards import Pattern


@dataclass(frozen=True)
class ActionElement:
    """A compiled ``Action`` or ``NotAction`` element.

    Args:
        written: the entries as written.
        patterns: their patterns, in lower case.
        negated: whether it is ``NotAction``.

    """

    written: tuple[str, ...]
    patterns: tuple[Pattern, ...] = field(repr=False)
    negated: bool = False

    def covers(self, action: str) -> bool:
        """Whether the statement speaks of an action, given in lower case."""
        for pattern in self.patterns:
            if pattern.matches(action):
                return not self.negated
        return self.negated


@dataclass(frozen=True)
class Statement:
    """A compiled statement.

    Args:
        index: its position in the policy, from 0.
        sid: its ``Sid``.
        denies: whether its ``Effect`` is ``Deny``.
        principal: its ``Principal`` or ``NotPrincipal``, where it has one.
        action: its ``Action`` or ``NotAction``.
        resource: its ``Resource`` or ``NotResource``; None in a role trust policy.
        conditions: its ``Condition``, one entry for each operator and key.

    """

    index: int
    sid: str | None
    denies: bool
    principal: PrincipalElement | None
    action: ActionElement
    resource: ResourceElement | None
    conditions: tuple[Condition, ...] = ()

    def element(self) -> dict[str, Any]:
        """Return the statement as a JSON object."""
        element: dict[str, Any] = {} if self.sid is None else {"Sid": self.sid}
        element["Effect"] = "Deny" if self.denies else "Allow"
        if self.principal is not None:
            written = self.principal.written
            element["NotPrincipal" if self.principal.negated else "Principal"] = (
                written
                if isinstance(written, str)
                else {kind: list(names) for kind, names in written.items()}
            )
        element["NotAction" if self.action.negated else "Action"] = list(self.action.written)
        if self.resource is not None:
            element["NotResource" if self.resource.negated else "Resource"] = [
                pattern.written for pattern in self.resource.patterns
            ]
        if self.conditions:
            element["Condition"] = condition_element(self.conditions)
        return element


@dataclass(frozen=True)
class Policy:
    """A compiled policy document.

    Args:
        statements: its statements, in order.
        version: its ``Version``; 2008-10-17 where it has none.
        id: its ``Id``.
        name: what to call it, such as a managed policy's name; no part of the document.
        has_version: whether the document states its ``Version``.

    """

    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    id: str | None = None
    name: str | None = None
    has_version: bool = False
    by_action: StatementIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_action", StatementIndex(self.statements))

    def to_document(self) -> dict[str, Any]:
        """Return the policy as a JSON object, single values written as lists of one."""
        document: dict[str, Any] = {"Version": self.version} if self.has_version else {}
        if self.id is not None:
            document["Id"] = self.id
        document["Statement"] = [statement.element() for statement in self.statements]
        return document

    def to_json(self) -> str:
        """Return the policy as JSON text; reading it gives a policy that decides alike."""
        return json.dumps(self.to_document(), indent=2)
