"""Which statements of a policy apply to a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.policy.models import Outcome, StatementReference
from pytest_vpcep.policy.principal_element import Reach
from pytest_vpcep.policy.request_facts import OpenQuestion, RequestFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_vpcep.policy.conditions import Condition
    from pytest_vpcep.policy.documents import Policy, Statement


@dataclass(frozen=True, slots=True)
class Finding:
    """What some policies of one type say of a request.

    Args:
        outcome: explicitDeny where a ``Deny`` applies, else allowed where an ``Allow`` does.
        statement: the first ``Deny`` that applies, else the ``Allow`` that names the principal
            most closely.
        reach: how closely that ``Allow`` names the principal, where policies of the type do.

    """

    outcome: Outcome
    statement: StatementReference | None = None
    reach: Reach = Reach.NOT_NAMED


NOTHING_APPLIES = Finding(Outcome.IMPLICIT_DENY)


def find(policies: Iterable[Policy], facts: RequestFacts) -> Finding:
    """Tell what policies without ``Principal`` say, any one of which can allow.

    Args:
        policies: the policies of one type.
        facts: the request.

    """
    allow = None
    for policy in policies:
        for statement in policy.by_action.candidates(facts.action, facts.resource_name):
            if (statement.denies or allow is None) and _applies(statement, facts):
                if statement.denies:
                    return Finding(Outcome.EXPLICIT_DENY, _refer(policy, statement))
                allow = _refer(policy, statement)
    return NOTHING_APPLIES if allow is None else Finding(Outcome.ALLOWED, allow)


def find_for_principal(policies: Iterable[Policy], facts: RequestFacts) -> Finding:
    """Tell what policies with ``Principal`` say, and how closely they name who asks.

    Args:
        policies: resource-based or VPC endpoint policies.
        facts: the request.

    """
    deny, allow, closest = None, None, Reach.NOT_NAMED
    for policy in policies:
        for statement in policy.by_action.candidates(facts.action, facts.resource_name):
            reach = _reach(statement, facts)
            wanted = deny is None if statement.denies else reach > closest
            if not reach or not wanted or not _applies(statement, facts):
                continue
            if statement.denies:
                deny = _refer(policy, statement)
            else:
                allow, closest = _refer(policy, statement), reach
    if deny is not None:
        return Finding(Outcome.EXPLICIT_DENY, deny)
    return NOTHING_APPLIES if allow is None else Finding(Outcome.ALLOWED, allow, closest)


def find_by_level(levels: tuple[tuple[Policy, ...], ...], facts: RequestFacts) -> Finding:
    """Tell what an organization's policies say: every level from the root down has to allow.

    Args:
        levels: the policies of the root, of each organizational unit, and of the account.
        facts: the request.

    """
    allow, missing = None, False
    for level in levels:
        if not level and facts.answers_otherwise(OpenQuestion.EMPTY_LEVEL):
            continue
        finding = find(level, facts)
        if finding.outcome is Outcome.EXPLICIT_DENY:
            return finding
        if finding.outcome is Outcome.IMPLICIT_DENY:
            missing = True
        allow = finding.statement
    return NOTHING_APPLIES if missing else Finding(Outcome.ALLOWED, allow)


def _refer(policy: Policy, statement: Statement) -> StatementReference:
    return StatementReference(policy.name, statement.index, statement.sid)


def _reach(statement: Statement, facts: RequestFacts) -> Reach:
    element = statement.principal
    if element is None:
        return Reach.NOT_NAMED
    if not element.negated:
        return element.reach(facts.principal)
    # "AWS JSON policy elements: NotPrincipal": with Deny, it denies whoever has a boundary.
    if not element.exempts(facts.principal) or (statement.denies and facts.bounded):
        return Reach.DIRECTLY
    if statement.denies and not element.exempts_for_certain(facts.principal):
        denied = facts.answers_otherwise(OpenQuestion.PARTIAL_NOT_PRINCIPAL)
        return Reach.DIRECTLY if denied else Reach.NOT_NAMED
    return Reach.NOT_NAMED


def _applies(statement: Statement, facts: RequestFacts) -> bool:
    """Whether resource and conditions fit; the index has seen to the action."""
    if statement.resource is not None and not statement.resource.covers(
        facts.resource, facts.context
    ):
        return False
    if not facts.several_values:
        return all(condition.holds(facts.context) for condition in statement.conditions)
    return all(_holds(condition, facts) for condition in statement.conditions)


def _holds(condition: Condition, facts: RequestFacts) -> bool:
    otherwise = condition.is_unsettled(facts.context) and facts.answers_otherwise(
        OpenQuestion.SEVERAL_VALUES
    )
    return condition.holds(facts.context, of_every_value=otherwise)
