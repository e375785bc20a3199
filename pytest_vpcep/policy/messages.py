"""AWS's words for a denial.

Sources: IAM User Guide, "Troubleshoot access denied error messages"; Amazon S3 User Guide,
"Troubleshoot access denied (403 Forbidden) errors in Amazon S3" (quoted resource; bare ``Access
Denied`` outside the owner's account and organization); Amazon EC2 API Reference, "Error codes"
(``UnauthorizedOperation``). The EC2 sentence and the bare ``sts:AssumeRole`` one are as seen in
public issue threads; EC2's encoded failure message is left out, for only EC2 can make one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.policy.context import resource_account
from pytest_vpcep.policy.models import Outcome, PolicyType
from pytest_vpcep.policy.principals import parse_principal

if TYPE_CHECKING:
    from pytest_vpcep.policy.models import AuthorizationRequest, Evaluation

_BARE = "Access Denied"
_EXPLICIT = {
    PolicyType.IDENTITY: "an identity-based policy",
    PolicyType.PERMISSIONS_BOUNDARY: "a permissions boundary",
    PolicyType.SESSION: "a session policy",
    PolicyType.RESOURCE: "a resource-based policy",
    PolicyType.VPC_ENDPOINT: "a VPC endpoint policy",
    PolicyType.SCP: "a service control policy",
    PolicyType.RCP: "a resource control policy",
}
_IMPLICIT = {
    PolicyType.IDENTITY: "identity-based policy",
    PolicyType.PERMISSIONS_BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policy",
    PolicyType.RESOURCE: "resource-based policy",
    PolicyType.VPC_ENDPOINT: "VPC endpoint policy",
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
}
_CODES = {"ec2": "UnauthorizedOperation", "dynamodb": "AccessDeniedException"}


def denial_code(action: str) -> str:
    """Return the error code with which a service denies an action.

    Args:
        action: ``service:Operation``.

    """
    return _CODES.get(action.partition(":")[0].lower(), "AccessDenied")


def public_policy_message(principal: str, bucket: str, *, partition: str = "aws") -> str:
    """Return the message with which ``BlockPublicPolicy`` denies putting a public bucket policy.

    Args:
        principal: the caller's ARN.
        bucket: the bucket.
        partition: the bucket's partition.

    """
    return (
        f"User: {principal} is not authorized to perform: s3:PutBucketPolicy on resource: "
        f'"arn:{partition}:s3:::{bucket}" because public policies are blocked by the '
        "BlockPublicPolicy block public access setting."
    )


def denial_message(
    request: AuthorizationRequest, evaluation: Evaluation, *, same_organization: bool = False
) -> str:
    """Return the message with which AWS denies a request.

    Args:
        request: what was asked.
        evaluation: its outcome, a denial.
        same_organization: whether the caller's account and the resource's are in one organization.

    Raises:
        ValueError: the request was allowed.
        RequestError: the principal is of no known kind.

    """
    if evaluation.allowed:
        raise ValueError("an allowed request has no denial message")
    service = request.action.partition(":")[0].lower()
    if service == "s3express" or (
        service == "s3"
        and _is_outsider(request)
        # Within an organization, S3 keeps quiet about endpoint policies only.
        and not (same_organization and evaluation.decided_by is not PolicyType.VPC_ENDPOINT)
    ):
        return _BARE
    sentence = f"User: {request.principal} is not authorized to perform: {request.action}"
    if request.resource != "*":
        quote = '"' if service == "s3" else ""
        sentence += f" on resource: {quote}{request.resource}{quote}"
    sentence += _reason(request.action, evaluation)
    if service == "ec2":
        return f"You are not authorized to perform this operation. {sentence}"
    return sentence


def _reason(action: str, evaluation: Evaluation) -> str:
    decided_by = evaluation.decided_by
    assuming = action.lower().startswith("sts:assumerole")
    if decided_by is None:
        return ""
    if evaluation.outcome is Outcome.EXPLICIT_DENY:
        if assuming and decided_by is PolicyType.RESOURCE:
            return " with an explicit deny in the role trust policy"
        return f" with an explicit deny in {_EXPLICIT[decided_by]}"
    if assuming and decided_by in (PolicyType.IDENTITY, PolicyType.RESOURCE):
        return ""
    return f" because no {_IMPLICIT[decided_by]} allows the {action} action"


def _is_outsider(request: AuthorizationRequest) -> bool:
    principal = parse_principal(request.principal)
    if principal.account is None:
        return True
    owner = resource_account(request, principal)
    return owner is not None and owner != principal.account
