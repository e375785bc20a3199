"""What a ``vpcep-snapshot/1`` document has to look like, checked value by value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pytest_vpcep.network.fields import Fields
from pytest_vpcep.snapshot.document import FORMAT, NotPermitted, Snapshot

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_PARTITION = re.compile(r"aws(-[a-z0-9]+)*", re.ASCII)
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+", re.ASCII)


def read_document(document: Any) -> Snapshot:
    """Return the snapshot in a document, its EC2 and IAM parts read as a decision reads them.

    Args:
        document: what the JSON file holds.

    Raises:
        SnapshotError: it is no ``vpcep-snapshot/1`` document; the text names the place.

    """
    top = Fields(document, "snapshot")
    if document.get("format") != FORMAT:
        raise top.wrong("format", f'"{FORMAT}"')
    for part in ("ec2", "s3", "iam"):
        if not isinstance(document.get(part), dict):
            raise top.wrong(part, "an object")
    _check_ec2(document["ec2"])
    _check_buckets(document["s3"])
    snapshot = Snapshot(
        account=_matching(top, "account", _ACCOUNT, "an account id of 12 digits"),
        partition=_matching(top, "partition", _PARTITION, "a partition such as aws"),
        region=_matching(top, "region", _REGION, "a Region such as us-east-1"),
        taken_at=_moment(top, "taken_at"),
        ec2=document["ec2"],
        s3=document["s3"],
        iam=document["iam"],
        not_permitted=tuple(
            NotPermitted(
                gap.text("place"), gap.text("operation"), gap.text("code"), gap.text("message", "")
            )
            for gap in top.objects("not_permitted")
        ),
    )
    check_parts(snapshot)
    return snapshot


def check_parts(snapshot: Snapshot) -> None:
    """Index a snapshot's EC2 and IAM parts now, so that what is wrong in them shows.

    Raises:
        SnapshotError: a value is not of AWS's response shape.

    """
    _ = snapshot.topology
    _ = snapshot.principals


def _matching(fields: Fields, key: str, pattern: re.Pattern[str], expected: str) -> str:
    text = fields.text(key)
    if not pattern.fullmatch(text):
        raise fields.wrong(key, expected)
    return text


def _moment(fields: Fields, key: str) -> str:
    text = fields.text(key)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise fields.wrong(key, "a time such as 2026-01-31T12:00:00Z") from None
    return text


def _check_ec2(document: Mapping[str, Any]) -> None:
    ec2 = Fields(document, "ec2")
    for name in ec2:
        part = ec2.object(name)
        for key in part:
            if name.startswith("Describe"):
                list(part.objects(key))
            else:
                part.object(key)
    endpoints = document.get("DescribeVpcEndpoints") or {}
    listed = ec2.object("DescribeVpcEndpoints").objects("VpcEndpoints")
    for endpoint, data in zip(listed, endpoints.get("VpcEndpoints") or (), strict=True):
        _check_policy(endpoint, data, "PolicyDocument")


def _check_buckets(s3: Mapping[str, Any]) -> None:
    buckets = Fields(s3, "s3").object("Buckets")
    for name in buckets:
        if name not in buckets:
            raise buckets.wrong(name, "an object")
        bucket = buckets.object(name)
        bucket.optional_text("LocationConstraint")
        bucket.texts("Objects")
        block = bucket.object("PublicAccessBlockConfiguration")
        for key in block:
            block.optional_flag(key)
        _check_policy(bucket, s3["Buckets"][name], "Policy")


def _check_policy(owner: Fields, data: Mapping[str, Any], key: str) -> None:
    if not isinstance(data.get(key), (dict, str, type(None))):
        raise owner.wrong(key, "a policy document or null")
