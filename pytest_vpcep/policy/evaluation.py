"""Policy evaluation: from what every policy type says to the one decision.

Sources: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny
access", "Policy evaluation for requests within a single account" and "Cross-account policy
evaluation logic". Which type AWS names where several deny is not documented; ours is the order of
the page "Troubleshoot access denied error messages", organization policies first.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from pytest_vpcep.policy.grants import Grant, grant_across_accounts, grant_in_account
from pytest_vpcep.policy.matching import Finding, find, find_by_level, find_for_principal
from pytest_vpcep.policy.models import Evaluation, Outcome, PolicyType, TypeResult
from pytest_vpcep.policy.principals import PrincipalKind
from pytest_vpcep.policy.request_facts import OpenQuestion, RequestFacts, prepare

if TYPE_CHECKING:
    from pytest_vpcep.policy.models import AuthorizationRequest, Policies

#: AWS Organizations User Guide, "Resource control policies (RCPs)": "List of AWS services that
#: support RCPs". The list grows.
RCP_SERVICES = frozenset(
    ("s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "cognito-idp", "logs", "dynamodb")
)
_BUCKET_POLICY_ACTIONS = frozenset(
    ("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")
)
_DENIAL_ORDER = (
    PolicyType.RCP,
    PolicyType.SCP,
    PolicyType.VPC_ENDPOINT,
    PolicyType.PERMISSIONS_BOUNDARY,
    PolicyType.SESSION,
    PolicyType.IDENTITY,
    PolicyType.RESOURCE,
)
_GUARDRAILS = (PolicyType.RCP, PolicyType.SCP, PolicyType.VPC_ENDPOINT)
_ENDPOINT_AND_CALLER_IDENTITY = (
    "the VPC endpoint policy does not allow sts:GetCallerIdentity: the AWS STS API Reference says "
    "that no permissions are required and speaks of identity policies only"
)


def evaluate(request: AuthorizationRequest, policies: Policies) -> Evaluation:
    """Decide a request as AWS does.

    Args:
        request: one action on one resource by one principal.
        policies: every policy that takes part, by type.

    Returns:
        The outcome, what decided it, and each type's own result. ``undetermined`` is set only
        where another answer to what AWS leaves open would change the outcome.

    Raises:
        RequestError: the principal is of no known kind.

    """
    bounded = policies.permissions_boundary is not None
    facts = prepare(request, bounded=bounded)
    evaluation = _decide(facts, policies)
    for question in sorted(facts.met, key=attrgetter("name")):
        other_facts = prepare(request, bounded=bounded, answered_otherwise=question)
        otherwise = _decide(other_facts, policies)
        if otherwise.outcome is not evaluation.outcome:
            return replace(evaluation, undetermined=question.value)
    return evaluation


def _decide(facts: RequestFacts, policies: Policies) -> Evaluation:
    findings = _findings(facts, policies)
    results = tuple(
        TypeResult(policy_type, finding.outcome, finding.statement)
        for policy_type, finding in findings.items()
    )
    if facts.action == "sts:getcalleridentity":
        return _caller_identity(findings, results)
    for policy_type in _DENIAL_ORDER:
        finding = findings.get(policy_type)
        if (
            finding is not None
            and finding.outcome is Outcome.EXPLICIT_DENY
            and not (policy_type is PolicyType.RESOURCE and _owner_may_repair(facts))
        ):
            return Evaluation(Outcome.EXPLICIT_DENY, policy_type, finding.statement, results)
    for policy_type in _GUARDRAILS:
        finding = findings.get(policy_type)
        if finding is not None and finding.outcome is Outcome.IMPLICIT_DENY:
            return Evaluation(Outcome.IMPLICIT_DENY, policy_type, None, results)
    grant = _grant(facts, findings)
    outcome = Outcome.ALLOWED if grant.allowed else Outcome.IMPLICIT_DENY
    return Evaluation(outcome, grant.decided_by, grant.statement, results)


def _findings(facts: RequestFacts, policies: Policies) -> dict[PolicyType, Finding]:
    """Tell what each type that takes part says, in the order of ``PolicyType``."""
    findings: dict[PolicyType, Finding] = {}
    if facts.principal.account is not None:
        _add_principals_own(findings, facts, policies)
    if policies.resource is not None:
        findings[PolicyType.RESOURCE] = find_for_principal((policies.resource,), facts)
    if policies.vpc_endpoint is not None:
        findings[PolicyType.VPC_ENDPOINT] = find_for_principal((policies.vpc_endpoint,), facts)
    # Neither organization policy restricts a service-linked role.
    if not facts.principal.service_linked:
        if policies.scps and facts.principal.account is not None:
            findings[PolicyType.SCP] = find_by_level(policies.scps, facts)
        if policies.rcps and facts.service in RCP_SERVICES:
            findings[PolicyType.RCP] = find_by_level(policies.rcps, facts)
    return findings


def _add_principals_own(
    findings: dict[PolicyType, Finding], facts: RequestFacts, policies: Policies
) -> None:
    if policies.identity or facts.principal.kind is not PrincipalKind.ROOT:
        findings[PolicyType.IDENTITY] = find(policies.identity, facts)
    if policies.permissions_boundary is not None:
        boundary = find((policies.permissions_boundary,), facts)
        findings[PolicyType.PERMISSIONS_BOUNDARY] = boundary
    if policies.session:
        findings[PolicyType.SESSION] = find(policies.session, facts)


def _grant(facts: RequestFacts, findings: dict[PolicyType, Finding]) -> Grant:
    account = facts.principal.account
    if account is None:
        return grant_in_account(facts, findings)
    if facts.resource_account is None:
        elsewhere = facts.answers_otherwise(OpenQuestion.RESOURCE_ACCOUNT)
    else:
        elsewhere = facts.resource_account != account
    return (grant_across_accounts if elsewhere else grant_in_account)(facts, findings)


def _owner_may_repair(facts: RequestFacts) -> bool:
    """Whether a ``Deny`` in the bucket policy is powerless against its owner's root user.

    Amazon S3 API Reference, "PutBucketPolicy", "GetBucketPolicy" and "DeleteBucketPolicy": only VPC
    endpoint policies and AWS Organizations policies can keep the root user from these.
    """
    principal = facts.principal
    return (
        principal.kind is PrincipalKind.ROOT
        and facts.action in _BUCKET_POLICY_ACTIONS
        and facts.resource_account in (None, principal.account)
    )


def _caller_identity(
    findings: dict[PolicyType, Finding], results: tuple[TypeResult, ...]
) -> Evaluation:
    """No permission is needed, not even against an explicit deny.

    AWS STS API Reference, "GetCallerIdentity".
    """
    endpoint = findings.get(PolicyType.VPC_ENDPOINT)
    stopped = endpoint is not None and endpoint.outcome is not Outcome.ALLOWED
    return Evaluation(
        Outcome.ALLOWED,
        None,
        None,
        results,
        undetermined=_ENDPOINT_AND_CALLER_IDENTITY if stopped else None,
    )
