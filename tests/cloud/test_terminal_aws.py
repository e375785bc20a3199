"""The real ``aws`` command line in the terminal, against a stand-in gate."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest
from standin_gate import Reply
from terminals import BUCKETS, REGION, bench, configured

KINDS = [pytest.param("bubblewrap", marks=pytest.mark.needs("bwrap")), "directory"]
BUCKET = f"https://lab.s3.{REGION}.amazonaws.com/"
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
XML = {"Content-Type": "application/xml"}
LISTING = Reply(
    "GET",
    f"{BUCKET}?list-type=2",
    headers=XML,
    body=f"<ListBucketResult {NAMESPACE}><Name>lab</Name><IsTruncated>false</IsTruncated>"
    "<Contents><Key>a.txt</Key><Size>3</Size><LastModified>2024-01-02T03:04:05.000Z"
    "</LastModified></Contents></ListBucketResult>".encode(),
)
DENIED = Reply(
    "GET",
    f"{BUCKET}?list-type=2",
    403,
    XML,
    b"<Error><Code>AccessDenied</Code><Message>with an explicit deny</Message></Error>",
)
OBJECT = {
    "ETag": '"900150983cd24fb0d6963f7d28e17f72"',
    "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT",
}
IDENTITY = Reply(
    "POST",
    f"https://sts.{REGION}.amazonaws.com/",
    headers={"Content-Type": "text/xml"},
    body=b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    b"<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/admin</Arn>"
    b"<UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult>"
    b"</GetCallerIdentityResponse>",
)


def test_version_is_the_installed_awscli_s():
    with bench() as opened:
        said = opened.output("aws --version")
    assert said.startswith(f"aws-cli/{importlib.metadata.version('awscli')} Python/3.")


@pytest.mark.parametrize("kind", KINDS)
def test_without_credentials(kind):
    with bench(isolation=kind) as opened:
        rc, stdout, stderr = opened.run("aws s3 ls")
        assert (rc, stdout) == (255, "")
        assert "Unable to locate credentials." in stderr
        assert 'running "aws configure"' in stderr
        assert opened.gate.seen == []


@pytest.mark.parametrize("kind", KINDS)
def test_configure_with_typed_answers(kind):
    with bench(BUCKETS, isolation=kind) as opened:
        rc, stdout, stderr = opened.run(
            "printf '%s\\n' AKIAIOSFODNN7EXAMPLE not-a-secret us-west-2 json | aws configure"
        )
        assert (rc, stderr) == (0, "")
        assert stdout.startswith("AWS Access Key ID [None]: AWS Secret Access Key [None]: ")
        kept = configparser.ConfigParser()
        kept.read_string(opened.output("cat ~/.aws/credentials"))
        assert kept["default"]["aws_access_key_id"] == "AKIAIOSFODNN7EXAMPLE"
        assert opened.output("stat -c %a ~/.aws/credentials") == "600"
        assert opened.output("aws configure get region") == "us-west-2"
        assert opened.output("aws s3 ls") == "2024-01-02 03:04:05 lab-bucket"
        assert "Credential=AKIAIOSFODNN7EXAMPLE/" in opened.gate.seen[0].headers["Authorization"]


def test_credentials_from_files_profiles_and_environment():
    with bench(BUCKETS) as opened:
        opened.output(
            "mkdir .aws; printf '[other]\\naws_access_key_id=AKIAFILE\\n"
            "aws_secret_access_key=x\\n' > .aws/credentials"
        )
        opened.output("aws --profile other s3 ls")
        opened.output("AWS_ACCESS_KEY_ID=AKIAENV AWS_SECRET_ACCESS_KEY=x aws s3 ls")
        signed = [seen.headers["Authorization"] for seen in opened.gate.seen]
    assert ["Credential=AKIAFILE/" in signed[0], "Credential=AKIAENV/" in signed[1]] == [True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_the_host_are_never_used(monkeypatch, tmp_path, kind):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id=AKIAHOST\naws_secret_access_key=x\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / ".aws" / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOSTENV")
    with bench(isolation=kind) as opened:
        assert "Unable to locate credentials" in opened.run("aws s3 ls")[2]


@pytest.mark.parametrize(
    ("configured_region", "asked"),
    [
        pytest.param("", f"https://s3.{REGION}.amazonaws.com/", id="of-the-instance"),
        pytest.param("eu-west-1", "https://s3.eu-west-1.amazonaws.com/", id="configured"),
    ],
)
def test_region(configured_region, asked):
    with bench() as opened:
        configured(opened, configured_region)
        opened.run("aws s3 ls")
        opened.run("AWS_DEFAULT_REGION=eu-central-1 aws s3 ls")
        opened.run("aws --region ap-south-1 s3 ls")
        urls = [seen.url for seen in opened.gate.seen]
    assert urls[0] == asked
    assert "https://s3.eu-central-1.amazonaws.com/" in urls
    assert "https://s3.ap-south-1.amazonaws.com/" in urls


@pytest.mark.parametrize("kind", KINDS)
def test_list_copy_and_remove(kind):
    put = Reply("PUT", f"{BUCKET}NAME.txt", headers={"ETag": '"e"'})
    head = Reply("HEAD", f"{BUCKET}a.txt", headers=OBJECT | {"Content-Length": "3"})
    get = Reply("GET", f"{BUCKET}a.txt", headers=OBJECT, body=b"abc")
    delete = Reply("DELETE", f"{BUCKET}a.txt", 204)
    with bench(LISTING, put, head, get, delete, isolation=kind) as opened:
        configured(opened)
        assert opened.output("aws s3 ls s3://lab").split()[-2:] == ["3", "a.txt"]
        opened.output("sudo touch NAME.txt; aws s3 cp NAME.txt s3://lab")
        assert [(s.method, s.body) for s in opened.gate.seen][-1][0] == "PUT"
        opened.output("echo content | aws s3 cp - s3://lab/NAME.txt")
        assert b"content\n" in opened.gate.seen[-1].body
        opened.output("aws s3 rm s3://lab --recursive")
        assert opened.gate.seen[-1].method == "DELETE"
        opened.output("aws s3 sync s3://lab copied")
        assert opened.output("cat copied/a.txt; stat -c %a copied/a.txt") == "abc644"


def test_copy_to_standard_output_and_pipe():
    head = Reply("HEAD", f"{BUCKET}a.txt", headers=OBJECT | {"Content-Length": "3"})
    get = Reply("GET", f"{BUCKET}a.txt", headers=OBJECT, body=b"abc")
    with bench(head, get) as opened:
        configured(opened)
        assert opened.output("aws s3 cp s3://lab/a.txt - | tr a-z A-Z") == "ABC"
        assert opened.output("aws s3 cp s3://lab/a.txt /tmp/a --quiet; cat /tmp/a") == "abc"
        assert opened.output("aws s3api head-object --bucket lab --key a.txt --query ETag") == (
            '"\\"900150983cd24fb0d6963f7d28e17f72\\""'
        )


@pytest.mark.parametrize("kind", KINDS)
def test_denied_and_no_way_out(kind):
    with bench(DENIED, isolation=kind) as opened:
        configured(opened)
        rc, _, stderr = opened.run("aws s3 ls s3://lab")
        assert rc == 255
        assert "(AccessDenied) when calling the ListObjectsV2 operation: with an" in stderr
        rc, _, stderr = opened.run("aws sts get-caller-identity", timeout=5)
        assert rc == 255
        assert 'Connect timeout on endpoint URL: "https://sts.us-west-2.amazonaws.com/"' in stderr


def test_other_services_and_output_formats():
    with bench(IDENTITY) as opened:
        configured(opened)
        assert json.loads(opened.output("aws sts get-caller-identity"))["Account"] == "111122223333"
        said = opened.output("aws sts get-caller-identity --query Arn --output text")
        assert said == "arn:aws:iam::111122223333:user/admin"
        assert "Connect timeout" in opened.run("aws ec2 describe-vpcs")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("", id="no-command"),
        pytest.param("--version", id="version"),
        pytest.param("s4 ls", id="no-such-service"),
        pytest.param("s3 cp", id="missing-argument"),
        pytest.param("s3 cp nonesuch s3://lab", id="no-file"),
        pytest.param("s3 ls --nonesuch", id="unknown-option"),
        pytest.param("--profile none s3 ls", id="no-profile"),
        pytest.param("s3 ls", id="no-credentials"),
        pytest.param("s3api get-object --bucket lab", id="missing-key"),
        pytest.param("configure list", id="configure-list"),
        pytest.param("configure get region", id="nothing-configured"),
        pytest.param("configure set region eu-west-1 --profile p", id="set"),
        pytest.param("configure < /dev/null", id="no-answers"),
        pytest.param("s3api list-buckets --query [", id="bad-query"),
        pytest.param("ec2 describe-vpcs --filters nonsense", id="bad-shorthand"),
        pytest.param("s3 ls help | head -c 0", id="no-reader"),
    ],
)
def test_same_as_a_newly_started_aws(arguments, tmp_path):
    variables = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
    cold = subprocess.run(
        ["bash", "-c", f"{Path(sys.executable).with_name('aws')} {arguments}"],
        env=variables | {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    exports = "; ".join(f"export {name}={value}" for name, value in variables.items())
    with bench() as opened:
        warm = opened.run(f"{exports}; aws {arguments}")
    assert warm == (cold.returncode, cold.stdout.decode(), cold.stderr.decode())


def test_a_reader_that_goes_away_ends_it_quietly():
    many = "".join(f"<Bucket><Name>bucket-{n}</Name></Bucket>" for n in range(20_000))
    reply = Reply(
        "GET",
        BUCKETS.url_part,
        headers=XML,
        body=(
            f"<ListAllMyBucketsResult {NAMESPACE}><Buckets>{many}"
            "</Buckets></ListAllMyBucketsResult>"
        ).encode(),
    )
    with bench(reply) as opened:
        configured(opened)
        said = opened.output(
            "aws s3api list-buckets --query Buckets[].[Name] --output text 2> /dev/null | head -1"
        )
    assert said == "bucket-0"


def test_the_command_s_user_owns_what_it_writes():
    get = Reply("GET", f"{BUCKET}a.txt", headers=OBJECT, body=b"abc")
    head = Reply("HEAD", f"{BUCKET}a.txt", headers=OBJECT | {"Content-Length": "3"})
    with bench(get, head) as opened:
        configured(opened)
        opened.output("aws s3 cp --quiet s3://lab/a.txt /tmp/mine")
        opened.output("sudo cp -r .aws /root; sudo aws s3 cp --quiet s3://lab/a.txt /tmp/roots")
        assert opened.output("stat -c %U /tmp/mine /tmp/roots") == "ec2-user\nroot"
        rc, _, stderr = opened.run("aws s3 cp s3://lab/a.txt /etc/a.txt")
        assert rc == 1
        assert "Permission denied" in stderr


def test_end_of_the_client_ends_the_command():
    with bench() as opened:
        configured(opened)
        rc, _, _ = opened.run("timeout -s KILL 0.3 aws configure < <(sleep 5)")
        assert rc == 137
        assert opened.output("sleep 0.2; pgrep -cu ec2-user python || true") == "0"


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_in_what_python_shows(kind, caplog):
    caplog.set_level("DEBUG")
    with bench(BUCKETS, isolation=kind) as opened:
        configured(opened)
        assert "not-a-secret" not in repr(opened.terminal)
    assert "not-a-secret" not in caplog.text


def test_awscli_s_own_files_are_there_but_ours_are_not():
    import pytest_vpcep

    with bench() as opened:
        assert opened.run(f"test -e {Path(pytest_vpcep.__file__).parent}")[0] == 1
