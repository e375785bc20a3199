"""moto's gaps, filled before and after a request that the gate let through.

docs/architecture.md lists them; each has a test against bare moto, so that a moto that learnt it
shows up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from moto.s3.models import PublicAccessBlock

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.door import Answer
from pytest_vpcep.cloud.ec2_gaps import AFTERWARDS, BEFOREHAND, foreign_route_table
from pytest_vpcep.cloud.signature import Refusal
from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import (
    is_public,
    public_policy_message,
    validate_bucket_policy,
    validate_endpoint_policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_vpcep.access.http_request import HttpRequest

_GATEWAY_SERVICES = (".s3", ".dynamodb")


@dataclass(frozen=True)
class Call:
    """One request that the policies allow, on its way to moto.

    Args:
        request: the request, with AWS's URL.
        service: the service, as in a credential scope.
        operation: the operation's name, as in botocore.
        account: account id it is made in.
        region: Region it is made in.
        partition: the Region's partition.
        principal: ARN of who asks.
        bucket: the bucket it names; None for none.

    """

    request: HttpRequest
    service: str
    operation: str
    account: str
    region: str
    partition: str
    principal: str
    bucket: str | None = None


def refusal_of(call: Call) -> Refusal | None:
    """What AWS would refuse of a call for its content, where moto takes anything."""
    check = _REFUSALS.get((call.service, call.operation))
    return check(call) if check else None


def answered(call: Call) -> Answer:
    """Let moto do a call, with what it needs before and what it leaves out after."""
    own = _caller_identity(call) if call.operation == "GetCallerIdentity" else None
    answer = own or moto_backend.forward(_prepared(call), call.account)
    if answer.status < 300:
        _complete(call)
    return answer


def _caller_identity(call: Call) -> Answer | None:
    """Moto knows no root user, and names one of its own for keys it does not know."""
    if not call.principal.endswith(":root"):
        return None
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult><Arn>{call.principal}</Arn><UserId>{call.account}</UserId>"
        f"<Account>{call.account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    return Answer(200, {"content-type": "text/xml"}, body.encode())


def _prepared(call: Call) -> HttpRequest:
    """The request as moto has to see it to do what AWS does."""
    if call.service == "s3" and call.bucket:
        _leave_bucket_to_gate(call.bucket, call.partition)
    if call.service == "iam" and ":aws:policy/" in call.request.form.get("PolicyArn", ""):
        arn = call.request.form["PolicyArn"]
        moto_backend.know_aws_managed_policy(call.account, call.partition, arn)
    if call.service == "ec2" and call.operation in BEFOREHAND:
        backend = moto_backend.ec2_backend(call.account, call.region)
        form = BEFOREHAND[call.operation](backend, call.request.form)
        return replace(call.request, body=urlencode(form).encode())
    return call.request


def _complete(call: Call) -> None:
    """Do what AWS does with a call that succeeds, and moto does not."""
    if call.service == "ec2" and call.operation in AFTERWARDS:
        backend = moto_backend.ec2_backend(call.account, call.region)
        AFTERWARDS[call.operation](backend, call.request.form)
    elif call.service == "s3" and call.operation == "CreateBucket" and call.bucket:
        _block_public_access(call)


def _leave_bucket_to_gate(bucket: str, partition: str) -> None:
    owner = moto_backend.bucket_owner(bucket, partition)
    if owner is not None:
        moto_backend.leave_decisions_to_gate(
            moto_backend.s3_backend(owner, partition).buckets[bucket]
        )


def _block_public_access(call: Call) -> None:
    """New buckets block public access ("Blocking public access to your Amazon S3 storage")."""
    backend = moto_backend.s3_backend(call.account, call.partition)
    bucket = backend.buckets.get(call.bucket or "")
    if bucket is not None and bucket.public_access_block is None:
        bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")


def _bucket_policy(call: Call) -> Refusal | None:
    bucket = call.bucket or ""
    try:
        policy = validate_bucket_policy(
            call.request.body,
            bucket,
            partition=call.partition,
            principal_exists=_existence(call.account, call.partition),
        )
    except PolicyRefused as refused:
        return Refusal(400, refused.code, refused.message)
    owner = moto_backend.bucket_owner(bucket, call.partition)
    if owner is None:
        return None
    settings = moto_backend.s3_backend(owner, call.partition).buckets[bucket].public_access_block
    if settings is None or not settings.block_public_policy or not is_public(policy):
        return None
    message = public_policy_message(call.principal, bucket, partition=call.partition)
    return Refusal(403, "AccessDenied", message)


def _existence(account: str, partition: str) -> Callable[[str], bool]:
    """Whether a principal named in a policy exists, as far as this account can tell."""
    backend = moto_backend.iam_backend(account, partition)
    prefix = f"arn:{partition}:iam::{account}:"

    def exists(arn: str) -> bool:
        if not arn.startswith((f"{prefix}user/", f"{prefix}role/")):
            return True
        users = {user.arn for user in backend.users.values()}
        return arn in users or arn in {role.arn for role in backend.roles.values()}

    return exists


def _endpoint(call: Call) -> Refusal | None:
    form = call.request.form
    foreign = foreign_route_table(moto_backend.ec2_backend(call.account, call.region), form)
    if foreign:
        return Refusal(400, "InvalidParameter", f"Route table {foreign} is not in the VPC")
    document = form.get("PolicyDocument")
    if not document:
        return None
    try:
        validate_endpoint_policy(document, gateway=_is_gateway(call))
    except PolicyRefused as refused:
        return Refusal(400, refused.code, refused.message)
    return None


def _is_gateway(call: Call) -> bool:
    form = call.request.form
    known = moto_backend.ec2_backend(call.account, call.region).vpc_end_points
    endpoint = known.get(form.get("VpcEndpointId", ""))
    kind = endpoint.vpc_endpoint_type if endpoint else form.get("VpcEndpointType")
    return (kind or "Gateway").lower() == "gateway"


def _gateway_service(call: Call) -> Refusal | None:
    """A gateway endpoint is for S3 or DynamoDB only ("Gateway endpoints", AWS PrivateLink)."""
    service = call.request.form.get("ServiceName", "")
    if _is_gateway(call) and not service.endswith(_GATEWAY_SERVICES):
        message = f"The VPC endpoint service {service} does not support endpoints of type Gateway"
        return Refusal(400, "InvalidParameter", message)
    return _endpoint(call)


_REFUSALS: dict[tuple[str, str], Callable[[Call], Refusal | None]] = {
    ("s3", "PutBucketPolicy"): _bucket_policy,
    ("ec2", "CreateVpcEndpoint"): _gateway_service,
    ("ec2", "ModifyVpcEndpoint"): _endpoint,
}
