"""Collecting the ``s3`` part of a snapshot: all buckets, or one."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import calls
from pytest_vpcep.snapshot.reading import STRICT, Reading

#: At most so many keys of a bucket are listed, one page of ``ListObjectsV2``; a bucket that has
#: more is marked ``ObjectsTruncated``. Decisions need no keys, people and graders a few.
OBJECT_LIMIT = 1000

_NO_POLICY = frozenset({"NoSuchBucketPolicy"})
_NO_BLOCK = frozenset({"NoSuchPublicAccessBlockConfiguration"})


def collect_s3(
    client: Any, *, buckets: Collection[str] = (), reading: Reading = STRICT
) -> dict[str, Any]:
    """Collect the ``s3`` part of a snapshot.

    Args:
        client: a boto3 client for ``s3``.
        buckets: names of the buckets to keep; empty: all that the account owns.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails, or a bucket is not there.

    """
    listed = reading.read(client, calls.LIST_BUCKETS, "s3.Buckets")
    owned = None if listed is None else {bucket["Name"] for bucket in listed["Buckets"]}
    missing = set(buckets) - owned if owned is not None else set()
    if missing:
        raise SnapshotError(
            f"the account owns no bucket {', '.join(sorted(missing))}; check --bucket and --profile"
        )
    names = sorted(buckets or owned or ())
    found = reading.each(lambda name: collect_bucket(client, name, reading=reading), names)
    return {"Buckets": dict(zip(names, found, strict=True))}


def collect_bucket(client: Any, name: str, *, reading: Reading = STRICT) -> dict[str, Any]:
    """Collect one bucket: its settings and its keys.

    Args:
        client: a boto3 client for ``s3``.
        name: the bucket's name.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails; there may be no such bucket.

    """
    settings = collect_bucket_settings(client, name, reading=reading)
    return settings | collect_bucket_keys(client, name, reading=reading)


def collect_bucket_settings(client: Any, name: str, *, reading: Reading = STRICT) -> dict[str, Any]:
    """Collect a bucket's ``LocationConstraint``, ``Policy`` and block public access.

    What was refused is left out of it, so that it can be told from what there is none of (None).

    Args:
        client: a boto3 client for ``s3``.
        name: the bucket's name.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails; there may be no such bucket.

    """
    place = f"s3.Buckets.{name}"
    bucket: dict[str, Any] = {}
    key = "LocationConstraint"
    answer = reading.read(client, calls.GET_BUCKET_LOCATION, f"{place}.{key}", Bucket=name)
    if answer is not None:
        bucket[key] = answer.get(key)
    answer = reading.read(
        client, calls.GET_BUCKET_POLICY, f"{place}.Policy", absent=_NO_POLICY, Bucket=name
    )
    if answer is not None:
        bucket["Policy"] = _document(answer["Policy"]) if answer else None
    key = "PublicAccessBlockConfiguration"
    answer = reading.read(
        client, calls.GET_PUBLIC_ACCESS_BLOCK, f"{place}.{key}", absent=_NO_BLOCK, Bucket=name
    )
    if answer is not None:
        bucket[key] = answer.get(key)
    return bucket


def _document(text: str) -> Any:
    """Return a policy as the object its text holds; as it is, where it holds none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def collect_bucket_keys(client: Any, name: str, *, reading: Reading = STRICT) -> dict[str, Any]:
    """Collect a bucket's ``Objects``, the keys of the first ones.

    Args:
        client: a boto3 client for ``s3``.
        name: the bucket's name.
        reading: where a refused call is recorded; without one it raises.

    Raises:
        SnapshotError: the call fails; there may be no such bucket.

    """
    answer = reading.read(
        client,
        calls.LIST_OBJECTS,
        f"s3.Buckets.{name}.Objects",
        Bucket=name,
        PaginationConfig={"MaxItems": OBJECT_LIMIT + 1, "PageSize": OBJECT_LIMIT},
    )
    if answer is None:
        return {}
    keys = [item["Key"] for item in answer.get("Contents", ())]
    if len(keys) > OBJECT_LIMIT:
        return {"Objects": keys[:OBJECT_LIMIT], "ObjectsTruncated": True}
    return {"Objects": keys}
