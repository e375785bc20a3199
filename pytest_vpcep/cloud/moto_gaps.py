"""moto's gaps, filled before and after a request that the gate let through.

docs/fidelity.md lists them; each has a test against bare moto, so that a moto that learnt it
shows up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from moto.s3.models import PublicAccessBlock

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.door import Answer
from pytest_vpcep.cloud.ec2_gaps import AFTERWARDS, BEFOREHAND
from pytest_vpcep.cloud.ec2_refusals import ec2_refusal
from pytest_vpcep.cloud.signature import Refusal
from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import (
    is_public,
    public_policy_message,
    validate_bucket_policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_vpcep.access.http_request import HttpRequest

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IPV4 = re.compile(r"\d+(?:\.\d+){3}")


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
    if call.service == "ec2":
        return ec2_refusal(call)
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


def _bucket_name(call: Call) -> Refusal | None:
    """Names S3 takes ("General purpose bucket naming rules", Amazon S3 User Guide)."""
    name = call.bucket or ""
    if _BUCKET_NAME.fullmatch(name) and ".." not in name and not _IPV4.fullmatch(name):
        return None
    return Refusal(400, "InvalidBucketName", "The specified bucket is not valid.")


def _not_simulated(call: Call) -> Refusal | None:
    message = f"pytest-vpcep does not simulate sts:{call.operation}"
    return Refusal(501, "NotImplemented", message)


def _session_policy(call: Call) -> Refusal | None:
    """A session policy narrows what a role session may; one that is dropped would not."""
    if any(key.startswith(("Policy", "PolicyArns.")) for key in call.request.form):
        message = "pytest-vpcep does not simulate session policies of sts:AssumeRole"
        return Refusal(501, "NotImplemented", message)
    return None


_REFUSALS: dict[tuple[str, str], Callable[[Call], Refusal | None]] = {
    ("s3", "CreateBucket"): _bucket_name,
    ("s3", "PutBucketPolicy"): _bucket_policy,
    ("sts", "AssumeRole"): _session_policy,
    ("sts", "GetFederationToken"): _not_simulated,
    ("sts", "GetSessionToken"): _not_simulated,
}
