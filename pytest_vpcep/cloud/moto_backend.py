"""moto, the memory behind the gate: it remembers what was configured and decides nothing."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

# moto reads this when its EC2 part is imported; its sample images cost 0.25 s per Region.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber
from moto.ec2.models import ec2_backends
from moto.iam.access_control import PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.s3.models import FakeKey, s3_backends
from moto.sts.models import sts_backends

from pytest_vpcep.cloud.door import Answer

if TYPE_CHECKING:
    from moto.ec2.models import EC2Backend
    from moto.iam.models import IAMBackend
    from moto.s3.models import FakeBucket, S3Backend
    from moto.sts.models import STSBackend

    from pytest_vpcep.access.http_request import HttpRequest

_dispatcher = BotocoreStubber()


def forward(request: HttpRequest, account: str) -> Answer:
    """Hand a request that the gate let through to moto, in an account.

    Args:
        request: the request, with AWS's own URL.
        account: the account it is made in, 12 digits.

    """
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    headers["x-moto-account-id"] = account
    prepared = AWSPreparedRequest(
        method=request.method,
        url=request.url,
        headers=headers,
        body=request.body,
        stream_output=False,
    )
    answer = _dispatcher.process_request(prepared)
    if answer is None:
        return Answer(status=501, headers={}, body=b"moto does not know this address")
    status, answered, body = answer
    content = body.encode() if isinstance(body, str) else bytes(body)
    return Answer(status=status, headers=_plain(answered), body=content)


def _plain(headers: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(headers).items()}


def ec2_backend(account: str, region: str) -> EC2Backend:
    """Moto's memory of one account's EC2 in one Region."""
    return ec2_backends[account][region]


def iam_backend(account: str, partition: str) -> IAMBackend:
    """Moto's memory of one account's IAM."""
    return iam_backends[account][partition]


def sts_backend(account: str, partition: str) -> STSBackend:
    """Moto's memory of one account's role sessions."""
    return sts_backends[account][partition]


def s3_backend(account: str, partition: str) -> S3Backend:
    """Moto's memory of one account's buckets."""
    return s3_backends[account][partition]


def bucket_owner(bucket: str, partition: str) -> str | None:
    """Account id that owns a bucket in this process; None where there is no such bucket."""
    of_partition, account = s3_backends.bucket_accounts.get(bucket, (None, None))
    return account if of_partition == partition else None


def bucket_region(bucket: str, partition: str) -> str | None:
    """The Region a bucket is in; None where there is no such bucket."""
    owner = bucket_owner(bucket, partition)
    return str(s3_backend(owner, partition).buckets[bucket].region_name) if owner else None


def leave_decisions_to_gate(bucket: FakeBucket) -> None:
    """Keep moto from judging requests by a bucket's policy: it ignores every ``Condition``."""
    vars(bucket)["get_permission"] = lambda _action, _resource: PermissionResult.PERMITTED


@cache
def _aws_managed_policies() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(aws_managed_policies_data)
    return parsed


def know_aws_managed_policy(account: str, partition: str, arn: str) -> None:
    """Let an account's IAM know one AWS managed policy, which moto loads all or none of.

    Args:
        account: account id.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
        arn: the policy's ARN; an unknown one is left for moto to refuse.

    """
    backend = iam_backend(account, partition)
    name = arn.rpartition("/")[2]
    data = _aws_managed_policies().get(name)
    if arn in backend.managed_policies or data is None:
        return
    policy = AWSManagedPolicy.from_data(name, account, partition, data)
    if policy.arn == arn:
        backend.managed_policies[arn] = policy
        backend.aws_managed_policies.append(policy)


def forget_account(account: str) -> None:
    """Drop everything moto remembers of an account."""
    names = s3_backends.bucket_accounts
    for bucket in [name for name, (_, owner) in names.items() if owner == account]:
        del names[bucket]
    for backends in (ec2_backends, iam_backends, s3_backends, sts_backends):
        backends.pop(account, None)


def object_tags(
    bucket: str, key: str, partition: str, version_id: str | None = None
) -> dict[str, str]:
    """The tags an object has, by key; none where there is no such object, or a delete marker.

    Args:
        bucket: the bucket's name.
        key: the object's key.
        partition: the bucket's partition.
        version_id: the version asked for; None for the current one.
    """
    owner = bucket_owner(bucket, partition)
    if owner is None:
        return {}
    backend = s3_backend(owner, partition)
    versions = backend.buckets[bucket].keys.getlist(key, [])
    wanted = [one for one in versions if version_id in (None, str(one.version_id))]
    if not wanted or not isinstance(wanted[-1], FakeKey):
        return {}
    return dict(backend.tagger.get_tag_dict_for_resource(wanted[-1].arn))
