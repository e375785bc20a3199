"""One gate, several doors: in process, over HTTP with AWS's URLs, and over a plain endpoint URL."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from door_clients import at_endpoint_url, other_process_session, outcome_of, over_http

from pytest_vpcep.cloud.credentials import NOBODY, Credential
from pytest_vpcep.errors import CloudError
from pytest_vpcep.lab import Lab
from pytest_vpcep.lab.endpoint import deny_unless_over

#: Every S3 operation the lab uses, with parameters that do no harm to the others.
OPERATIONS: dict[str, Callable[[Lab], dict[str, Any]]] = {
    "list_buckets": lambda _lab: {},
    "head_bucket": lambda lab: {"Bucket": lab.bucket},
    "list_objects_v2": lambda lab: {"Bucket": lab.bucket},
    "get_bucket_location": lambda lab: {"Bucket": lab.bucket},
    "get_bucket_tagging": lambda lab: {"Bucket": lab.bucket},
    "get_bucket_policy": lambda lab: {"Bucket": lab.bucket},
    "get_public_access_block": lambda lab: {"Bucket": lab.bucket},
    "put_bucket_policy": lambda lab: {
        "Bucket": lab.bucket,
        "Policy": json.dumps(deny_unless_over(lab.endpoint, lab.topology.bucket_arn)),
    },
    "get_object": lambda lab: {"Bucket": lab.bucket, "Key": lab.topology.objects[0]},
    "head_object": lambda lab: {"Bucket": lab.bucket, "Key": lab.topology.objects[0]},
    "put_object": lambda lab: {"Bucket": lab.bucket, "Key": "put here/+ü.txt", "Body": b"body"},
    "copy_object": lambda lab: {
        "Bucket": lab.bucket,
        "Key": "copied",
        "CopySource": {"Bucket": lab.bucket, "Key": lab.topology.objects[0]},
    },
    "delete_object": lambda lab: {"Bucket": lab.bucket, "Key": "missing"},
    "delete_objects": lambda lab: {
        "Bucket": lab.bucket,
        "Delete": {"Objects": [{"Key": "missing"}]},
    },
    "create_bucket": lambda lab: {"Bucket": lab.bucket},
    "delete_bucket": lambda lab: {"Bucket": lab.bucket},
}


@pytest.fixture
def locked(lab: Lab) -> Lab:
    """The lab at step 7: the bucket denied to all but the endpoint, without its terminal."""
    lab.create_endpoint()
    lab.put_bucket_policy()
    lab.associate_route_table()
    return lab


CALLERS = [
    pytest.param(lambda lab: lab.cloud.administrator, id="administrator"),
    pytest.param(lambda lab: lab.cloud.root, id="root"),
    pytest.param(lambda _lab: NOBODY, id="nobody"),
    pytest.param(
        lambda lab: Credential("", "", lab.cloud.administrator.access_key_id, "wrong"),
        id="wrong-secret",
    ),
    pytest.param(
        lambda _lab: Credential("", "", "AKIAIOSFODNN7EXAMPLE", "any"), id="unknown-key-id"
    ),
]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("place", ["console", "instance"])
def test_every_door_gives_the_same_outcome(locked, caller, place):
    credential = caller(locked)
    vantage = "console" if place == "console" else locked.topology.instance
    address = locked.cloud.serve(vantage)
    inside = locked.cloud.session(vantage, credential).client("s3")
    outside, plain = over_http(address, credential), at_endpoint_url(address, credential)
    for operation, parameters in OPERATIONS.items():
        asked = parameters(locked)
        expected = outcome_of(inside, operation, asked)
        assert outcome_of(outside, operation, asked) == expected, operation
        assert outcome_of(plain, operation, asked) == expected, operation


def test_the_doors_are_not_all_shut(locked):
    """The test above would pass on a gate that refuses everything."""
    s3 = locked.cloud.session(locked.topology.instance, locked.cloud.administrator).client("s3")
    outcomes = {
        operation: outcome_of(s3, operation, parameters(locked)).code
        for operation, parameters in OPERATIONS.items()
    }
    refused = {operation: code for operation, code in outcomes.items() if code}
    assert refused == {"delete_bucket": "BucketNotEmpty"}


@pytest.fixture
def shut_in(lab: Lab) -> str:
    """An instance whose subnet has no way out at all."""
    made = lab.add_private_subnet("private", "10.0.1.0/24")
    return lab.add_instance("private", made.subnet).name


def test_no_way_out_is_a_connect_timeout_with_aws_s_url(lab, shut_in):
    lab.create_endpoint()
    inside = lab.cloud.session(shut_in, lab.cloud.administrator).client("s3")
    outside = over_http(lab.cloud.serve(shut_in), lab.cloud.administrator)
    for operation, parameters in OPERATIONS.items():
        expected = outcome_of(inside, operation, parameters(lab))
        assert expected.code == "ConnectTimeoutError", operation
        assert "amazonaws.com" in str(expected.message), operation
        assert outcome_of(outside, operation, parameters(lab)) == expected, operation


def test_at_an_endpoint_url_no_way_out_says_so(lab, shut_in):
    """There a connection is made already; what can be said is said in the answer."""
    client = at_endpoint_url(lab.cloud.serve(shut_in), lab.cloud.administrator)
    answered = outcome_of(client, "list_buckets", {})
    assert answered.status == 599


def test_bodies_pass_unchanged(lab):
    """Streams, chunked encoding and checksum trailers included."""
    address = lab.cloud.serve("console")
    body = bytes(range(256)) * 4096
    client = over_http(address, lab.cloud.administrator)
    client.put_object(Bucket=lab.bucket, Key="bytes", Body=body, ChecksumAlgorithm="SHA256")
    inside = lab.console.session.client("s3")
    assert inside.get_object(Bucket=lab.bucket, Key="bytes")["Body"].read() == body
    plain = at_endpoint_url(address, lab.cloud.administrator)
    assert plain.get_object(Bucket=lab.bucket, Key="bytes")["Body"].read() == body


def test_other_services_go_through_the_same_doors(lab):
    address = lab.cloud.serve("console")
    session = other_process_session(lab.cloud.administrator)
    sts = session.create_client("sts", endpoint_url=address)
    assert sts.get_caller_identity()["Arn"] == lab.cloud.administrator.principal
    ec2 = session.create_client("ec2", endpoint_url=address)
    assert lab.topology.vpc in {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    iam = session.create_client("iam", endpoint_url=address)
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["administrator"]


def test_a_taken_port_is_one_clear_error(lab):
    address = lab.cloud.serve("console")
    port = int(address.rpartition(":")[2])
    with pytest.raises(CloudError, match=f"cannot listen on 127.0.0.1:{port}"):
        lab.cloud.serve("console", port=port)


def test_an_access_key_of_another_account_is_not_known_here(lab, cloud):
    client = lab.cloud.session("console", cloud.administrator).client("s3")
    assert outcome_of(client, "list_buckets", {}).code == "InvalidAccessKeyId"


def test_boto3_sessions_do_not_see_the_users_own_profile(monkeypatch, tmp_path, cloud):
    profile = tmp_path / "credentials"
    profile.write_text("[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(profile))
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    session = cloud.session("console", cloud.administrator)
    assert isinstance(session, boto3.Session)
    identity = session.client("sts").get_caller_identity()
    assert identity["Arn"] == cloud.administrator.principal
