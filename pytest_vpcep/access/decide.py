"""The decision: by which way a request comes, and whether the policies let it through."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_vpcep.access.context import request_context, unknown_keys
from pytest_vpcep.access.request import CONSOLE, Decision, Request, RequestOutcome, checked
from pytest_vpcep.errors import PolicyRefused, SnapshotError
from pytest_vpcep.network import Path, interface_of, trace_to_service
from pytest_vpcep.policy import (
    AuthorizationRequest,
    Outcome,
    Policies,
    Policy,
    denial_message,
    evaluate,
    is_public,
    parse_policy,
)

if TYPE_CHECKING:
    from pytest_vpcep.snapshot import Snapshot

_ANONYMOUS = "anonymous"


def decide(snapshot: Snapshot, vantage: str, request: Request) -> Decision:
    """Decide a request as AWS would, on what is configured.

    Args:
        snapshot: the account's configuration.
        vantage: ``console``, or the id of an instance or network interface in the snapshot.
        request: who asks what of which resource.

    Raises:
        RequestError: the vantage point or the principal is not in the snapshot, or the request
            makes no sense; see ``access.request.checked``.

    """
    path = trace(snapshot, vantage, checked(request))
    return decide_on_path(snapshot, vantage, request, path)


def trace(snapshot: Snapshot, vantage: str, request: Request) -> Path | None:
    """The way a request takes from its vantage point; None from the console.

    Raises:
        RequestError: no such instance or interface in the snapshot.

    """
    if vantage == CONSOLE:
        return None
    return trace_to_service(
        snapshot.topology,
        interface_of(snapshot.topology, vantage),
        request.service,
        destination_region(snapshot, request),
        hostname=request.hostname,
    )


def destination_region(snapshot: Snapshot, request: Request) -> str:
    """The Region whose endpoint a request goes to: as asked, the bucket's, or the snapshot's."""
    if request.region:
        return request.region
    bucket = request.bucket
    if bucket is None or bucket not in snapshot.buckets:
        return snapshot.region
    return bucket_region(snapshot, bucket)


def bucket_region(snapshot: Snapshot, bucket: str) -> str:
    """The Region a bucket of the snapshot is in."""
    # "GetBucketLocation" (Amazon S3 API Reference): us-east-1 is null, EU an old eu-west-1.
    location = snapshot.bucket(bucket).get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if location == "EU" else str(location)


def decide_on_path(
    snapshot: Snapshot, vantage: str, request: Request, path: Path | None
) -> Decision:
    """Decide a request whose way is known already; see :func:`decide`."""
    undecided = Decision(
        snapshot=snapshot,
        vantage=vantage,
        request=request,
        outcome=RequestOutcome.UNREACHABLE,
        path=path,
        context={},
        evaluation=None,
        message="",
    )
    if path is not None and path.undetermined:
        return _undetermined(undecided, path.undetermined)
    if path is not None and path.blocked:
        return replace(undecided, message=path.blocked.detail)
    try:
        policies = policies_for(snapshot, request, path)
        tags = snapshot.principal_tags(request.principal)
    except (PolicyRefused, SnapshotError) as unknown:
        return _undetermined(undecided, str(unknown))
    return _evaluated(undecided, policies, tags)


def _undetermined(decision: Decision, reason: str) -> Decision:
    return replace(
        decision, outcome=RequestOutcome.UNDETERMINED, message=reason, undetermined=reason
    )


def _evaluated(decision: Decision, policies: Policies, tags: dict[str, str]) -> Decision:
    snapshot, request, path = decision.snapshot, decision.request, decision.path
    context = request_context(snapshot, decision.vantage, path, request, principal_tags=tags)
    asked = AuthorizationRequest(
        principal=request.principal,
        action=request.action,
        resource=request.resource,
        resource_account=_owner(snapshot, request),
        context=context,
    )
    evaluation = evaluate(asked, policies)
    decision = replace(decision, context=context, evaluation=evaluation)
    unknown = unknown_keys(snapshot, path, asked, policies)
    if unknown:
        reason = (
            f"the policies ask for {', '.join(sorted(unknown))}, whose value the snapshot does "
            "not hold; give it in the request's context"
        )
        return _undetermined(decision, reason)
    withheld = None if _creates(request) else snapshot.bucket_policy_withheld(request.bucket)
    if withheld and evaluation.outcome is not Outcome.EXPLICIT_DENY:
        return _undetermined(decision, withheld)
    if evaluation.undetermined:
        return _undetermined(decision, evaluation.undetermined)
    if evaluation.allowed:
        return replace(decision, outcome=RequestOutcome.ALLOWED)
    message = denial_message(asked, evaluation)
    return replace(decision, outcome=RequestOutcome.DENIED, message=message)


def _creates(request: Request) -> bool:
    """Whether the bucket is yet to be made, and so has neither a policy nor another owner."""
    return request.action.lower() == "s3:createbucket"


def _owner(snapshot: Snapshot, request: Request) -> str | None:
    if request.service != "s3" or request.bucket is None or _creates(request):
        return snapshot.account
    bucket = snapshot.buckets.get(request.bucket)
    return None if bucket is None else str(bucket.get("Account", snapshot.account))


def policies_for(snapshot: Snapshot, request: Request, path: Path | None) -> Policies:
    """Every policy that takes part in deciding a request.

    Args:
        snapshot: the account's configuration.
        request: who asks what.
        path: the traced path, whose endpoint's policy takes part; None from the console.

    Raises:
        PolicyRefused: a policy in the snapshot cannot be read; the text names it.

    """
    attached = snapshot.attached_policies(request.principal)
    resource = snapshot.bucket_policy(request.bucket) or _trust_policy(snapshot, request)
    if resource is not None and _shut_by_block_public_access(snapshot, request, resource):
        resource = _denies_only(resource)
    return Policies(
        identity=attached.identity,
        permissions_boundary=attached.permissions_boundary,
        resource=resource,
        vpc_endpoint=snapshot.endpoint_policy(path.endpoint) if path and path.endpoint else None,
    )


def _trust_policy(snapshot: Snapshot, request: Request) -> Policy | None:
    """The trust policy of the role to assume, which is its resource-based policy.

    "Terms and concepts" of roles (IAM User Guide): the trust policy says who may assume it.
    """
    if not request.action.lower().startswith("sts:assumerole"):
        return None
    details = snapshot.iam.get("GetAccountAuthorizationDetails") or {}
    for role in details.get("RoleDetailList", ()):
        if role["Arn"] == request.resource:
            return parse_policy(role["AssumeRolePolicyDocument"], name=role["RoleName"])
    return None


def _shut_by_block_public_access(snapshot: Snapshot, request: Request, policy: Policy) -> bool:
    """Whether ``RestrictPublicBuckets`` keeps this principal from using a public bucket policy.

    "Blocking public access to your Amazon S3 storage": with it, only AWS service principals
    and principals of the bucket owner's account use a bucket that has a public policy.
    """
    bucket = snapshot.buckets.get(request.bucket or "", {})
    settings = bucket.get("PublicAccessBlockConfiguration") or {}
    if not settings.get("RestrictPublicBuckets") or not is_public(policy):
        return False
    owner = bucket.get("Account", snapshot.account)
    return request.principal == _ANONYMOUS or f":{owner}:" not in request.principal


def _denies_only(policy: Policy) -> Policy:
    return replace(policy, statements=tuple(one for one in policy.statements if one.denies))
