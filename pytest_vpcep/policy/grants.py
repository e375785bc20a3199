"""Who grants a request that nothing denies, and what limits the grant.

Sources: IAM User Guide, "Policy evaluation for requests within a single account", "Cross-account
policy evaluation logic" and "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.policy.matching import NOTHING_APPLIES, Finding
from pytest_vpcep.policy.models import Outcome, PolicyType
from pytest_vpcep.policy.principal_element import Reach
from pytest_vpcep.policy.principals import PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.policy.models import StatementReference
    from pytest_vpcep.policy.request_facts import RequestFacts

_ASSUME_ROLE = frozenset(
    ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
)
_LIMITS = (PolicyType.PERMISSIONS_BOUNDARY, PolicyType.SESSION)


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether a request is granted, and by which policy type or for want of which."""

    allowed: bool
    decided_by: PolicyType | None
    statement: StatementReference | None = None


def _granted(decided_by: PolicyType | None, statement: StatementReference | None = None) -> Grant:
    return Grant(allowed=True, decided_by=decided_by, statement=statement)


def _refused(decided_by: PolicyType) -> Grant:
    return Grant(allowed=False, decided_by=decided_by)


def grant_in_account(facts: RequestFacts, findings: Mapping[PolicyType, Finding]) -> Grant:
    """Return the grant where principal and resource share an account, or the principal has none.

    Args:
        facts: the request.
        findings: what each policy type that takes part says; none of them denies.

    """
    resource = findings.get(PolicyType.RESOURCE, NOTHING_APPLIES)
    kind = facts.principal.kind
    # A grant to the principal itself stands against every implicit deny in the account.
    if resource.reach is Reach.DIRECTLY and kind is not PrincipalKind.ROOT:
        return _granted(PolicyType.RESOURCE, resource.statement)
    if facts.principal.account is None:
        return _refused(PolicyType.RESOURCE)
    if _needs_resource_policy(facts) and resource.reach is Reach.NOT_NAMED:
        return _refused(PolicyType.RESOURCE)
    if kind is PrincipalKind.ROOT:
        return _granted(None)
    return _own_grant(findings, resource)


def grant_across_accounts(facts: RequestFacts, findings: Mapping[PolicyType, Finding]) -> Grant:
    """Return the grant where the resource is in another account: both accounts have to allow.

    Args:
        facts: the request.
        findings: what each policy type that takes part says; none of them denies.

    """
    resource = findings.get(PolicyType.RESOURCE, NOTHING_APPLIES)
    if resource.reach is Reach.NOT_NAMED:
        return _refused(PolicyType.RESOURCE)
    if facts.principal.kind is not PrincipalKind.ROOT:
        own = _own_grant(findings, NOTHING_APPLIES)
        if not own.allowed:
            return own
    return _granted(PolicyType.RESOURCE, resource.statement)


def _own_grant(findings: Mapping[PolicyType, Finding], resource: Finding) -> Grant:
    """Return the grant by identity-based policies, or to a session's role, within its limits."""
    identity = findings.get(PolicyType.IDENTITY, NOTHING_APPLIES)
    if identity.outcome is Outcome.ALLOWED:
        grant = _granted(PolicyType.IDENTITY, identity.statement)
    elif resource.reach is Reach.ROLE_OF_SESSION:
        grant = _granted(PolicyType.RESOURCE, resource.statement)
    else:
        return _refused(PolicyType.IDENTITY)
    for limit in _LIMITS:
        finding = findings.get(limit)
        if finding is not None and finding.outcome is not Outcome.ALLOWED:
            return _refused(limit)
    return grant


def _needs_resource_policy(facts: RequestFacts) -> bool:
    """Whether the resource's own policy has to allow, as role trust and key policies do."""
    if facts.action in _ASSUME_ROLE:
        return True
    return facts.service == "kms" and ":key/" in facts.resource
