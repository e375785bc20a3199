"""Collecting a snapshot through boto3: all of it, or one of its parts by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import calls
from pytest_vpcep.snapshot.document import NotPermitted, Snapshot
from pytest_vpcep.snapshot.ec2_part import collect_ec2, refresh_ec2
from pytest_vpcep.snapshot.iam_part import collect_iam
from pytest_vpcep.snapshot.reading import Reading, moment, refuse
from pytest_vpcep.snapshot.s3_part import (
    OBJECT_LIMIT,
    collect_bucket,
    collect_bucket_keys,
    collect_bucket_settings,
    collect_s3,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import boto3

__all__ = [
    "OBJECT_LIMIT",
    "collect",
    "collect_bucket",
    "collect_bucket_keys",
    "collect_bucket_settings",
    "collect_ec2",
    "collect_iam",
    "collect_s3",
    "refresh_ec2",
]


def collect(
    session: boto3.Session,
    *,
    region: str,
    vpcs: Collection[str] = (),
    buckets: Collection[str] = (),
    endpoint_url: str | None = None,
    executor: Executor | None = None,
    progress: Callable[[str], None] = lambda _operation: None,
) -> Snapshot:
    """Collect what is configured in the account and Region of a session, read-only.

    Args:
        session: whose credentials to use.
        region: the Region to look at.
        vpcs: ids of the VPCs to keep; empty: all.
        buckets: names of the buckets to keep; empty: all that the account owns.
        endpoint_url: where to send every call instead of AWS.
        executor: where independent calls are made; None: one by one.
        progress: told the operation of each call.

    Raises:
        SnapshotError: a call fails for another reason than its being refused (refused ones are
            on record in ``not_permitted``), or a VPC or bucket asked for is not there.

    """
    gaps: list[NotPermitted] = []
    reading = Reading(gaps.append, progress, executor)
    where = _where(region, endpoint_url)
    account, partition = _caller(session.client("sts", **where), reading)
    return Snapshot(
        account=account,
        partition=partition,
        region=region,
        taken_at=moment(datetime.now(UTC)),
        ec2=collect_ec2(session.client("ec2", **where), vpcs=vpcs, reading=reading),
        s3=collect_s3(session.client("s3", **where), buckets=buckets, reading=reading),
        iam=collect_iam(session.client("iam", **where), reading=reading),
        not_permitted=tuple(sorted(gaps, key=lambda gap: (gap.place, gap.operation))),
    )


def _where(region: str, endpoint_url: str | None) -> dict[str, Any]:
    """Return what every client is made with; one address for all wants buckets in the path."""
    from botocore.config import Config

    config = Config(connect_timeout=10, retries={"mode": "standard"})
    if endpoint_url:
        config = config.merge(Config(s3={"addressing_style": "path"}))
    return {"region_name": region, "endpoint_url": endpoint_url, "config": config}


def _caller(sts: Any, reading: Reading) -> tuple[str, str]:
    identity = Reading(refuse, reading.progress).read(sts, calls.GET_CALLER_IDENTITY, "account")
    if identity is None:
        raise SnapshotError("GetCallerIdentity: no answer; check the credentials (--profile)")
    return identity["Account"], identity["Arn"].split(":")[1]
