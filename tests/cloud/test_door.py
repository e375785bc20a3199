"""boto3 in this process, awscli's botocore in another, through the door to a stand-in gate."""

from __future__ import annotations

import io
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError
from standin_gate import LIST_BUCKETS, Reply, standin_gate

from pytest_vpcep.cloud.door import Answer, connect, register
from pytest_vpcep.errors import CloudError

BUCKETS = replace(LIST_BUCKETS, url_part="https://s3.us-west-2.amazonaws.com/")
DENIED = Reply(
    "GET",
    "https://denied.s3.us-west-2.amazonaws.com/",
    403,
    {"Content-Type": "application/xml", "x-amz-request-id": "R1"},
    b"<Error><Code>AccessDenied</Code><Message>with an explicit deny</Message></Error>",
)


def client_at(address: str, service: str = "s3", **settings: object) -> object:
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "not-a-secret", region_name="us-west-2")
    connect(session._session, address)
    return session.client(service, config=Config(**settings))


@pytest.mark.parametrize("kind", ["http", "unix"])
def test_request_arrives_with_aws_url_and_signature(kind, tmp_path):
    with standin_gate([BUCKETS], tmp_path / "g" if kind == "unix" else None) as gate:
        answer = client_at(gate.address).list_buckets()
    assert [bucket["Name"] for bucket in answer["Buckets"]] == ["lab-bucket"]
    (seen,) = gate.seen
    assert seen.url == "https://s3.us-west-2.amazonaws.com/"
    assert seen.headers["Host"] == "s3.us-west-2.amazonaws.com"
    assert seen.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7")


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        pytest.param(b"plain", b"plain", id="bytes"),
        pytest.param("text", b"text", id="str"),
        pytest.param(io.BytesIO(b"f" * 70_000), b"f" * 70_000, id="file-like"),
        pytest.param(b"", b"", id="empty"),
    ],
)
def test_put_object_body(body, sent):
    put = Reply("PUT", "https://bucket.s3.us-west-2.amazonaws.com/a%20key", 200, {"ETag": '"e"'})
    with standin_gate([put]) as gate:
        assert client_at(gate.address).put_object(Bucket="bucket", Key="a key", Body=body)["ETag"]
    (seen,) = gate.seen
    if seen.headers.get("Content-Encoding") == "aws-chunked":
        size, _, rest = seen.body.partition(b"\r\n")
        assert rest[: int(size, 16)] == sent
    else:
        assert seen.body == sent


def test_get_object_streams_and_head_has_no_body():
    url = "https://bucket.s3.us-west-2.amazonaws.com/key"
    get = Reply("GET", url, 200, {"ETag": '"e"'}, b"0123456789")
    with standin_gate([get, replace(get, method="HEAD")]) as gate:
        client = client_at(gate.address)
        stream = client.get_object(Bucket="bucket", Key="key")["Body"]
        assert (stream.read(4), b"".join(stream.iter_chunks(3))) == (b"0123", b"456789")
        assert client.head_object(Bucket="bucket", Key="key")["ContentLength"] == 10


def test_error_answer_is_a_client_error():
    with standin_gate([DENIED]) as gate, pytest.raises(ClientError) as caught:
        client_at(gate.address).list_objects_v2(Bucket="denied")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    assert caught.value.response["ResponseMetadata"]["RequestId"] == "R1"


@pytest.mark.parametrize(
    ("settings", "attempts"),
    [
        pytest.param({"retries": {"mode": "legacy"}}, 5, id="legacy"),
        pytest.param({"retries": {"mode": "standard"}}, 3, id="standard"),
        pytest.param({"retries": {"mode": "adaptive"}}, 3, id="adaptive"),
        pytest.param({"retries": {"mode": "standard", "total_max_attempts": 7}}, 7, id="set-7"),
        pytest.param({"retries": {"mode": "legacy", "max_attempts": 1}}, 2, id="legacy-1-retry"),
        pytest.param({"retries": {"mode": "standard", "total_max_attempts": 1}}, 1, id="none"),
    ],
)
def test_no_way_out_times_out_at_once_after_all_attempts(settings, attempts):
    with standin_gate([]) as gate:
        client = client_at(gate.address, "sts", **settings)
        started = time.monotonic()
        with pytest.raises(ConnectTimeoutError) as caught:
            client.get_caller_identity()
        assert time.monotonic() - started < 1
    assert str(caught.value) == (
        'Connect timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com/"'
    )
    assert len(gate.seen) == attempts


def test_real_retries_keep_their_waiting(monkeypatch):
    waits = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    busy = replace(DENIED, url_part="https://s3.", status=503)
    with standin_gate([busy]) as gate, pytest.raises(ClientError):
        client_at(gate.address, retries={"mode": "standard"}).list_buckets()
    assert len(waits) == 2
    assert all(wait > 0 for wait in waits)


def test_nobody_at_the_address_is_one_clear_error(tmp_path):
    client = client_at(f"unix:{tmp_path}/none")
    with pytest.raises(CloudError, match=r"does not answer at unix:.*/none"):
        client.list_buckets()


@pytest.mark.parametrize("address", ["ftp://x", "unix:relative", "127.0.0.1:80", ""])
def test_bad_address(address):
    with pytest.raises(CloudError, match="expected http://HOST:PORT or unix:/path"):
        connect(boto3.Session()._session, address)


def test_register_takes_any_transport():
    asked = []

    def transport(method, url, _headers, _body):
        asked.append((method, url))
        return Answer(200, BUCKETS.headers, BUCKETS.body)

    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", "not-a-secret", region_name="eu-west-1")
    register(session.events, transport)
    assert session.client("s3").list_buckets()["Buckets"]
    assert asked == [("GET", "https://s3.eu-west-1.amazonaws.com/")]


IN_AWSCLI = """
import sys
from pytest_vpcep.cloud import door
assert not {"boto3", "botocore", "moto", "awscli"} & set(sys.modules), "door imports too much"
from awscli.clidriver import create_clidriver
driver = create_clidriver()
door.connect(driver.session, sys.argv[1])
sys.exit(driver.main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("arguments", "replies", "code", "said", "attempts"),
    [
        pytest.param(["s3", "ls"], [BUCKETS], 0, "lab-bucket", 1, id="answer"),
        pytest.param(
            ["s3", "ls", "s3://denied"], [DENIED], 255, "with an explicit deny", 1, id="denied"
        ),
        pytest.param(
            ["sts", "get-caller-identity"],
            [],
            255,
            'Connect timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com/"',
            5,
            id="no-way-out",
        ),
    ],
)
def test_aws_command_line_of_another_process(arguments, replies, code, said, attempts, tmp_path):
    environment = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": "us-west-2",
        "PYTHONPATH": ":".join(sys.path[1:]),
    }
    with standin_gate(replies) as gate:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(IN_AWSCLI), gate.address, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert said in done.stdout + done.stderr
    assert (done.returncode, len(gate.seen)) == (code, attempts)
