"""No secret in anything a run prints or writes: not in reports, logs, caches, files of its own.

An inner run keeps every secret that is made in a file outside, at pytest's most talkative; then
its output and every file it left are searched for each of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

SCENARIOS = Path(__file__).parent.parent / "scenarios"
TALKATIVE = (
    "-v",
    "-rA",
    "--showlocals",
    "--log-level=DEBUG",
    "--log-file=run.log",
    "--log-file-level=DEBUG",
    "--junitxml=run.xml",
    "-o",
    "junit_logging=all",
)
#: A ``conftest.py`` that notes every secret access key and session token there is.
NOTES = """
from pytest_vpcep.cloud import credentials
from pytest_vpcep.lab import access_key

def _noting(kind, *fields):
    make = kind.__init__

    def make_and_note(made, *args, **kwargs):
        make(made, *args, **kwargs)
        with open({notes!r}, "a") as notes:
            notes.writelines(f"{{getattr(made, field)}}\\n" for field in fields)

    kind.__init__ = make_and_note

_noting(credentials.Credential, "secret_access_key", "session_token")
_noting(access_key.AccessKey, "secret_access_key")
"""
#: Tests that fail where a secret is at hand.
FAILING = """
import json
import pytest
from pytest_vpcep.cloud.terminal import Terminal
from pytest_vpcep.cloud.terminal.command import RunningCommand
from pytest_vpcep.snapshot import save

def test_with_the_key_among_its_locals(lab):
    key, cloud, root = lab.reach(4).access_key, lab.cloud, lab.cloud.root
    credential, session = lab.instance.credential(), lab.instance.session
    credentials = session.get_credentials()
    snapshot = lab.cloud.snapshot()
    save(snapshot, "snapshot.json")
    assert [key, cloud, root, credential, session, credentials, snapshot] == []

def test_an_assertion_on_the_key(lab):
    assert lab.reach(3).access_key == lab.cloud.administrator

def test_the_terminal_s_configuration(lab, terminal):
    lab.reach(4)
    result = terminal.run("aws configure list; aws sts get-caller-identity")
    assert result.failed

def test_the_answers_cannot_be_typed(lab, monkeypatch):
    monkeypatch.setattr(lab.cloud, "type_into", lambda *_: {}["typing"])
    lab.reach(4)

def test_the_command_they_are_typed_into_breaks(lab, monkeypatch):
    monkeypatch.setattr(RunningCommand, "result", lambda *_: {}["result"])
    lab.connect = lambda: None
    lab.create_access_key()
    lab.configure_terminal()

def test_the_command_they_are_typed_into_fails(lab, monkeypatch):
    lab.reach(3)
    terminal = lab.terminal
    terminal.run("mkdir -p .aws; chmod 500 .aws; touch .aws/config; chmod 000 .aws")
    terminal.run("ln -s /proc/1/none .aws")
    lab.configure_terminal()

def test_the_key_is_made_twice(lab, console):
    iam = console.session.client("iam")
    made = [iam.create_access_key for _ in range(3)]
    for make in made:
        make(UserName="nobody")

def test_a_session_of_a_role(lab, console):
    iam, ec2 = console.session.client("iam"), console.session.client("ec2")
    ec2_itself = {"Service": "ec2.amazonaws.com"}
    may = {"Effect": "Allow", "Principal": ec2_itself, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [may]}
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust))
    iam.create_instance_profile(InstanceProfileName="role")
    iam.add_role_to_instance_profile(InstanceProfileName="role", RoleName="role")
    ec2.associate_iam_instance_profile(
        IamInstanceProfile={"Name": "role"}, InstanceId=lab.topology.instance
    )
    credential, s3 = lab.instance.credential(), lab.instance.session.client("s3")
    assert credential.session_token
    s3.list_buckets()

def test_the_gate_breaks(lab, console, monkeypatch):
    monkeypatch.setattr("pytest_vpcep.cloud.gate.operation_of", lambda *_: {}["operation"])
    console.session.client("s3").list_buckets()

def test_the_signature_s_check_breaks(lab, console, monkeypatch):
    monkeypatch.setattr("pytest_vpcep.cloud.signature.hmac.compare_digest", lambda *_: {}["same"])
    console.session.client("s3").list_buckets()
"""


def _leaks(folder: Path, printed: str, secrets: set[str]) -> list[str]:
    """Where a secret is to be found: in which file or on which line, and whose it is not said."""
    written = {"output": printed} | {
        str(file.relative_to(folder)): file.read_text(errors="replace")
        for file in folder.rglob("*")
        if file.is_file()
    }
    return [
        f"{place}:{number}: {line.replace(form, '<SECRET>')[:400]}"
        for place, text in written.items()
        for secret in secrets
        for form in {secret, quote(secret, safe=""), escape(secret)}
        if form in text
        for number, line in enumerate(text.splitlines(), 1)
        if form in line
    ]


def _run(pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory, *args: str):
    notes = tmp_path_factory.mktemp("notes") / "secrets"
    conftest = pytester.path / "conftest.py"
    kept = conftest.read_text() if conftest.exists() else ""
    conftest.write_text(kept + NOTES.format(notes=str(notes)))
    result = pytester.runpytest_subprocess(*TALKATIVE, *args)
    # The shortest is an access key's secret, of 40 characters; shorter ones are no secrets.
    secrets = {line for line in notes.read_text().split() if len(line) >= 40}
    printed = "\n".join(result.outlines + result.errlines)
    return result, secrets, _leaks(pytester.path, printed, secrets)


@pytest.mark.needs("bwrap")
def test_the_scenarios_leave_no_secret_behind(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
):
    for name in ("conftest.py", "test_lab.py", "test_instance_role.py"):
        shutil.copy(SCENARIOS / name, pytester.path)
    # The others handle no secret that these do not.
    handled = ("-k", "key or secret or role or clean_up or before_the_route or root")
    result, secrets, leaks = _run(pytester, tmp_path_factory, *handled)
    assert result.ret == 0
    assert len(secrets) > 2 * result.parseoutcomes()["passed"]
    assert not leaks, "\n".join(leaks)


@pytest.mark.needs("bwrap")
@pytest.mark.parametrize("style", ["long", "full"])
def test_failures_leave_no_secret_behind(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory, style: str
):
    pytester.makepyfile(FAILING)
    options = ("--tb=long",) if style == "long" else ("--full-trace",)
    result, secrets, leaks = _run(pytester, tmp_path_factory, *options)
    result.assert_outcomes(failed=FAILING.count("def test_"))
    assert len(secrets) > 2 * FAILING.count("def test_")
    assert not leaks, "\n".join(leaks)


def test_what_was_searched_for_would_be_found(pytester: pytest.Pytester):
    secret = "a/secret+with&signs"
    for form in (secret, quote(secret, safe=""), escape(secret)):
        (pytester.path / "file").write_text(f"first\nsecond {form}\n")
        assert _leaks(pytester.path, "", {secret}) == ["file:2: second <SECRET>"]
    assert _leaks(pytester.mkdir("empty"), f"it is {secret}", {secret}) == [
        "output:1: it is <SECRET>"
    ]
