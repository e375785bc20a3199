"""The commands, by ``main([...])`` and as a process: output, exit codes, one line per error."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from cli_snapshot import ACCOUNT, ADMINISTRATOR, BUCKET, snapshot_document
from moto import mock_aws

from pytest_vpcep import cli
from pytest_vpcep.snapshot import load

COMMAND = "import sys; from pytest_vpcep.cli import main; sys.exit(main())"

ALLOWED = {
    "id": "c1",
    "request": {
        "principal": "arn:aws:iam::111122223333:user/alice",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resource_account": "111122223333",
    },
    "policies": {
        "identity": [
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        ]
    },
}
DENIED = {**ALLOWED, "id": "c2", "policies": {}}


def lines(*cases: Any) -> str:
    return "".join(json.dumps(case) + "\n" for case in cases)


@pytest.fixture
def snapshot_file(tmp_path: Path) -> Path:
    """A subnet without any route out, an instance in it, and a bucket that all may use."""
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(snapshot_document()))
    return path


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account on moto, and credentials for it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


def explain(snapshot: Path, *more: str, vantage: str = "console") -> list[str]:
    return [
        *("explain", "--snapshot", str(snapshot), "--from", vantage),
        *("--principal", ADMINISTRATOR, "--action", "s3:GetObject"),
        *("--resource", f"arn:aws:s3:::{BUCKET}/key", *more),
    ]


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize(
    ("cases", "decisions", "code"),
    [
        pytest.param([ALLOWED, DENIED], ["allowed", "implicitDeny"], 0, id="all judged"),
        pytest.param(
            [DENIED, {"id": "c3"}, ALLOWED], ["implicitDeny", None, "allowed"], 1, id="one"
        ),
        pytest.param([], [], 0, id="none"),
    ],
)
def test_decide_file(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cases: list[Any],
    decisions: list[str | None],
    code: int,
) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(lines(*cases))
    assert cli.main(["decide", str(path)]) == code
    judged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("decision") for line in judged] == decisions
    assert [line["id"] for line in judged] == [case["id"] for case in cases]


@pytest.mark.parametrize("arguments", [["decide"], ["decide", "-"]], ids=["none", "dash"])
def test_decide_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines(ALLOWED)))
    assert cli.main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["decision"] == "allowed"


def test_bytes_that_are_no_text_spoil_their_own_line_only() -> None:
    command = [sys.executable, "-c", COMMAND, "decide"]
    cases = b'{"id": "\xff"}\n' + lines(ALLOWED).encode()
    done = subprocess.run(command, input=cases, capture_output=True, check=False)
    judged = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert done.stderr == b""
    assert "error" in judged[0]
    assert judged[1]["decision"] == "allowed"


def test_explain_in_words(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(explain(snapshot_file)) == 0
    out = capsys.readouterr().out
    assert "s3:GetObject" in out
    assert ADMINISTRATOR in out


@pytest.mark.parametrize(
    ("vantage", "outcome"),
    [
        pytest.param("console", "allowed", id="console"),
        pytest.param("i-1", "unreachable", id="instance"),
        pytest.param("eni-1", "unreachable", id="interface"),
    ],
)
def test_explain_as_json(
    snapshot_file: Path, capsys: pytest.CaptureFixture[str], vantage: str, outcome: str
) -> None:
    assert cli.main(explain(snapshot_file, "--json", vantage=vantage)) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == outcome
    assert {"path", "context", "decision", "remedies"} < set(document)


def test_explain_takes_context(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--context", "aws:SourceIp=203.0.113.7", "--context", "s3:x=1", "--context", "s3:x=2"]
    assert cli.main(explain(snapshot_file, "--json", *given)) == 0
    context = json.loads(capsys.readouterr().out)["context"]
    assert context["aws:SourceIp"] == "203.0.113.7"
    assert context["s3:x"] == ["1", "2"]


@pytest.mark.usefixtures("moto_account")
def test_snapshot_collects_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lab.json"
    assert cli.main(["snapshot", "-o", str(path), "--region", "eu-west-1"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{path}: account {ACCOUNT}, eu-west-1: 1 VPCs, 0 instances")
    assert captured.err == ""
    assert load(path).region == "eu-west-1"


@pytest.mark.usefixtures("moto_account")
def test_snapshot_says_what_was_not_permitted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import boto3
    from botocore.awsrequest import AWSResponse

    session = boto3.Session(region_name="us-east-1")
    session.client("s3").create_bucket(Bucket=BUCKET)
    error = {"Code": "AccessDenied", "Message": "with an explicit deny"}
    parsed = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}
    session.events.register(
        "before-call.s3.GetBucketPolicy",
        lambda **_event: (AWSResponse("", 403, {}, None), parsed),
    )
    monkeypatch.setattr(boto3, "Session", lambda **_options: session)
    assert cli.main(["snapshot", "-o", str(tmp_path / "lab.json")]) == 0
    captured = capsys.readouterr()
    assert captured.out.endswith("1 buckets, 1 calls not permitted\n")
    place = f"s3.Buckets.{BUCKET}.Policy"
    assert f"not permitted: {place}: GetBucketPolicy: AccessDenied: with an" in captured.err
    assert "from the instance's terminal, or by the account's root user" in captured.err


@pytest.mark.usefixtures("moto_account")
def test_progress_is_shown_on_a_terminal_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    cli.main(["snapshot", "-o", str(tmp_path / "lab.json"), "--region", "us-east-1"])
    shown = terminal.getvalue()
    assert "collecting: 1 calls, GetCallerIdentity" in shown
    assert shown.endswith("\r\033[K")


def test_show_policy_asks_nothing_of_aws(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--bucket", BUCKET, "--vpc", "vpc-1", "vpc-2", "--region", "cn-north-1"]
    assert cli.main(["snapshot", "--show-policy", *arguments]) == 0
    policy = json.loads(capsys.readouterr().out)
    by_action = {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert by_action["s3:GetBucketPolicy"] == f"arn:aws-cn:s3:::{BUCKET}"
    assert by_action["ec2:DescribeVpcs"] == "*"
    assert by_action["ec2:DescribeVpcAttribute"] == [
        "arn:aws-cn:ec2:cn-north-1:*:vpc/vpc-1",
        "arn:aws-cn:ec2:cn-north-1:*:vpc/vpc-2",
    ]


@pytest.mark.usefixtures("moto_account")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["decide", "none.jsonl"], "none.jsonl: No such file", id="no cases"),
        pytest.param(["decide", "."], ".: Is a directory; name a file", id="folder of cases"),
        pytest.param(["snapshot"], "no file to write to; give one with -o FILE", id="no -o"),
        pytest.param(
            ["snapshot", "-o", "x", "--profile", "nobody"],
            "(nobody) could not be found",
            id="profile",
        ),
        pytest.param(["snapshot", "-o", "x"], "no Region; give one with --region", id="no Region"),
        pytest.param(
            ["snapshot", "-o", "x", "--region", "us-east-1", "--vpc", "vpc-9"],
            "there is no VPC vpc-9",
            id="no such VPC",
        ),
        pytest.param(explain(Path("none.json")), "none.json: No such file", id="no snapshot"),
    ],
)
def test_error_is_one_line_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("vpcep: error: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(["--from", "i-9"], "no instance or network interface i-9", id="vantage"),
        pytest.param(["--principal", f"{ADMINISTRATOR}2"], "there is no principal", id="principal"),
        pytest.param(["--action", "GetObject"], "write it as service:Operation", id="action"),
        pytest.param(["--context", "aws:SourceIp"], "write it as KEY=VALUE", id="no value"),
        pytest.param(["--context", "SourceIp=1"], "write it as KEY=VALUE", id="no key"),
    ],
)
def test_question_that_makes_no_sense(
    snapshot_file: Path, capsys: pytest.CaptureFixture[str], change: list[str], message: str
) -> None:
    assert cli.main(explain(snapshot_file, *change)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no command"),
        pytest.param(["nothing"], id="unknown command"),
        pytest.param(["explain"], id="no options"),
        pytest.param(["decide", "a", "b"], id="too many files"),
    ],
)
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: vpcep" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["decide", "snapshot", "explain"])
def test_help_has_an_example_and_the_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"example:\n  vpcep {command} " in out
    assert "exit code: 0" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"vpcep {version('pytest-vpcep')}\n"


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.StringIO):
        def __next__(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())
    assert cli.main(["decide"]) == 128 + signal.SIGINT


def test_reader_that_has_had_enough(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(lines(*[ALLOWED] * 2000))
    command = [sys.executable, "-c", COMMAND, "decide", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_explain_as_a_process_loads_neither_boto3_nor_moto(snapshot_file: Path) -> None:
    script = (
        "import sys; from pytest_vpcep.cli import main; code = main(); "
        "loaded = {'boto3', 'botocore', 'moto', 'pytest'} & set(sys.modules); "
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    for arguments in (explain(snapshot_file), ["decide", os.devnull]):
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_output_that_the_terminal_cannot_write(snapshot_file: Path) -> None:
    strange = json.loads(snapshot_file.read_text())
    strange["s3"]["Buckets"] = {"\ud800": {"Policy": None}}
    snapshot_file.write_text(json.dumps(strange))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run(*explain(snapshot_file, "--resource", "arn:aws:s3:::ümlaut/k"), env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xfcmlaut" in done.stdout
