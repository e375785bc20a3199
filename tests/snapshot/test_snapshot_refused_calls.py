"""Calls that are refused are on record; calls that fail otherwise end the collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError
from snapshot_lab import REGION, MotoLab

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import NotPermitted, Snapshot, collect, load, save
from pytest_vpcep.snapshot.collect import collect_bucket, collect_ec2, collect_iam

# As Amazon S3 words it: "Troubleshoot access denied (403 Forbidden) errors in Amazon S3".
LOCKED_OUT = (
    "User: arn:aws:iam::123456789012:user/staff/admin is not authorized to perform: "
    's3:GetBucketPolicy on resource: "arn:aws:s3:::lab-bucket" with an explicit deny in a '
    "resource-based policy"
)


def refuse(events: Any, operation: str, code: str, message: str, status: int = 403) -> None:
    """Answer one operation with an error, as a service would, where the events are heard."""

    def answer(**_event: Any) -> tuple[AWSResponse, dict[str, Any]]:
        parsed = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        return AWSResponse("", status, {}, None), parsed

    events.register(f"before-call.*.{operation}", answer)


def fail(session: boto3.Session, operation: str, error: Exception) -> None:
    """Let one operation of a session's clients raise instead of answering."""

    def raising(**_event: Any) -> None:
        raise error

    session.events.register(f"before-call.*.{operation}", raising)


@pytest.mark.parametrize(
    ("operation", "code", "status", "place"),
    [
        pytest.param(
            "DescribeVpnGateways", "UnauthorizedOperation", 403, "ec2.DescribeVpnGateways", id="ec2"
        ),
        pytest.param("DescribeVpcs", "UnauthorizedOperation", 403, "ec2.DescribeVpcs", id="vpcs"),
        pytest.param(
            "DescribeTransitGatewayAttachments",
            "InvalidAction",
            400,
            "ec2.DescribeTransitGatewayAttachments",
            id="unknown to the Region",
        ),
        pytest.param("DescribeNatGateways", "", 501, "ec2.DescribeNatGateways", id="status 501"),
        pytest.param("ListBuckets", "AccessDenied", 403, "s3.Buckets", id="buckets"),
        pytest.param(
            "GetPublicAccessBlock",
            "AccessDenied",
            403,
            "s3.Buckets.lab-bucket.PublicAccessBlockConfiguration",
            id="block public access",
        ),
        pytest.param(
            "ListObjectsV2", "AccessDenied", 403, "s3.Buckets.lab-bucket.Objects", id="keys"
        ),
        pytest.param(
            "GetAccountAuthorizationDetails",
            "AccessDenied",
            403,
            "iam.GetAccountAuthorizationDetails",
            id="iam",
        ),
    ],
)
def test_refusal_is_on_record(
    moto_lab: MotoLab, operation: str, code: str, status: int, place: str
) -> None:
    refuse(moto_lab.session.events, operation, code, "not for you", status)
    snapshot = collect(moto_lab.session, region=REGION)
    assert snapshot.not_permitted == (NotPermitted(place, operation, code, "not for you"),)
    part, _, key = place.partition(".")
    assert _at(getattr(snapshot, part), key.split(".")) in (None, {})


def _at(data: Any, keys: list[str]) -> Any:
    for key in keys:
        data = data.get(key) if data else None
    return data


def test_operation_the_cloud_does_not_implement_is_on_record(moto_lab: MotoLab) -> None:
    fail(moto_lab.session, "DescribeNetworkAcls", NotImplementedError("not in moto"))
    snapshot = collect(moto_lab.session, region=REGION)
    assert snapshot.not_permitted == (
        NotPermitted(
            "ec2.DescribeNetworkAcls", "DescribeNetworkAcls", "NotImplemented", "not in moto"
        ),
    )


@pytest.fixture
def locked_out(moto_lab: MotoLab) -> Snapshot:
    """What the administrator collects from outside after step 6 of the lab."""
    for operation in ("GetBucketPolicy", "GetPublicAccessBlock", "ListObjectsV2"):
        refuse(moto_lab.session.events, operation, "AccessDenied", LOCKED_OUT)
    return collect(moto_lab.session, region=REGION)


def test_policy_withheld_says_why(locked_out: Snapshot) -> None:
    assert locked_out.bucket("lab-bucket") == {"LocationConstraint": REGION}
    assert locked_out.bucket_policy("lab-bucket") is None
    withheld = locked_out.bucket_policy_withheld("lab-bucket")
    assert withheld is not None
    assert LOCKED_OUT in withheld


def test_refusals_are_kept_on_disk(locked_out: Snapshot, tmp_path: Any) -> None:
    save(locked_out, tmp_path / "lab.json")
    assert load(tmp_path / "lab.json") == locked_out


@pytest.mark.parametrize(
    ("part", "operation"),
    [
        pytest.param(lambda s: collect_ec2(s.client("ec2")), "DescribeVpcs", id="ec2"),
        pytest.param(
            lambda s: collect_bucket(s.client("s3"), "lab-bucket"), "GetBucketPolicy", id="bucket"
        ),
        pytest.param(
            lambda s: collect_iam(s.client("iam")), "GetAccountAuthorizationDetails", id="iam"
        ),
    ],
)
def test_part_collected_without_a_record_takes_no_refusal(
    moto_lab: MotoLab, part: Callable[[boto3.Session], object], operation: str
) -> None:
    refuse(moto_lab.session.events, operation, "AccessDenied", "not for you")
    with pytest.raises(SnapshotError, match=f"{operation}: AccessDenied: not for you"):
        part(moto_lab.session)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        pytest.param("GetCallerIdentity", "InvalidClientTokenId", id="wrong key"),
        pytest.param("GetCallerIdentity", "ExpiredToken", id="session over"),
        pytest.param("DescribeVpcs", "AuthFailure", id="ec2"),
        pytest.param("GetBucketLocation", "NoSuchBucket", id="bucket gone"),
    ],
)
def test_other_errors_end_it(moto_lab: MotoLab, operation: str, code: str) -> None:
    refuse(moto_lab.session.events, operation, code, "no")
    with pytest.raises(SnapshotError, match=f"^{operation}: {code}: no; check the credentials"):
        collect(moto_lab.session, region=REGION)


def test_unreachable_service_ends_it(moto_lab: MotoLab) -> None:
    url = "https://sts.eu-west-1.amazonaws.com/"
    fail(moto_lab.session, "GetCallerIdentity", EndpointConnectionError(endpoint_url=url))
    with pytest.raises(SnapshotError, match=f"Could not connect .*{url}.*; check"):
        collect(moto_lab.session, region=REGION)


def change_details(iam: Any, policies: Callable[[list[Any]], list[Any]]) -> None:
    """Let ``GetAccountAuthorizationDetails`` answer with other managed policies."""

    def changed(parsed: dict[str, Any], **_event: Any) -> None:
        parsed["Policies"] = policies(parsed["Policies"])

    iam.meta.events.register("after-call.iam.GetAccountAuthorizationDetails", changed)


def test_managed_policy_not_among_the_details_is_asked_for(moto_lab: MotoLab) -> None:
    iam = moto_lab.session.client("iam")
    change_details(iam, lambda _policies: [])
    (policy,) = collect_iam(iam)["GetAccountAuthorizationDetails"]["Policies"]
    assert policy["Arn"] == "arn:aws:iam::123456789012:policy/managed"
    assert policy["PolicyVersionList"][0]["IsDefaultVersion"] is True
    assert policy["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "*"


def test_managed_policy_that_is_gone_is_left_out(moto_lab: MotoLab) -> None:
    iam = moto_lab.session.client("iam")
    change_details(iam, lambda _policies: [])
    refuse(iam.meta.events, "GetPolicy", "NoSuchEntity", "gone", 404)
    assert collect_iam(iam)["GetAccountAuthorizationDetails"]["Policies"] == []


def test_aws_managed_policies_nobody_has_are_left_out(moto_lab: MotoLab) -> None:
    iam = moto_lab.session.client("iam")
    unused = {"Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    change_details(iam, lambda policies: [unused, *policies])
    kept = collect_iam(iam)["GetAccountAuthorizationDetails"]["Policies"]
    assert [policy["Arn"] for policy in kept] == ["arn:aws:iam::123456789012:policy/managed"]
