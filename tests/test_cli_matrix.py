"""``vpcep matrix`` by ``main([...])`` and as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli_snapshot import ADMINISTRATOR, BUCKET, snapshot_document

from pytest_vpcep import cli


@pytest.fixture
def snapshot_file(tmp_path: Path) -> Path:
    """An administrator at the console, an instance without a way out, and a bucket."""
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(snapshot_document()))
    return path


def matrix(snapshot: Path, *more: str) -> list[str]:
    return ["matrix", "--snapshot", str(snapshot), *more]


def test_a_table_by_default(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(matrix(snapshot_file)) == 0
    out = capsys.readouterr().out
    assert out.startswith("4 requests: 2 allowed, 2 unreachable\n")
    assert "NO_ROUTE_TO_DESTINATION" in out


def test_as_json(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--action", "s3:PutObject", "--action", "s3:GetObject", "--key", "k", "--from"]
    arguments = [*asked, "console", "i-1", "--principal", ADMINISTRATOR, "--bucket", BUCKET]
    assert cli.main(matrix(snapshot_file, "--format", "json", *arguments)) == 0
    requests = json.loads(capsys.readouterr().out)["requests"]
    assert [(one["from"], one["action"], one["outcome"]) for one in requests] == [
        ("console", "s3:PutObject", "allowed"),
        ("console", "s3:GetObject", "allowed"),
        ("i-1", "s3:PutObject", "unreachable"),
        ("i-1", "s3:GetObject", "unreachable"),
    ]
    assert {one["resource"] for one in requests} == {f"arn:aws:s3:::{BUCKET}/k"}
    assert {one["principal"] for one in requests} == {ADMINISTRATOR}


def test_as_html_into_a_file(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = snapshot_file.with_suffix(".html")
    assert cli.main(matrix(snapshot_file, "--format", "html", "-o", str(page))) == 0
    assert capsys.readouterr().out == ""
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--from", "i-9"], "no instance or network interface i-9", id="place"),
        pytest.param(["--bucket", "none"], "there is no bucket none", id="bucket"),
        pytest.param(["--principal", f"{ADMINISTRATOR}2"], "there is no principal", id="principal"),
        pytest.param(["--action", "s3:*"], "no S3 action on a bucket or object", id="action"),
        pytest.param(["-o", "."], ".: Is a directory; name a file", id="folder"),
        pytest.param(["-o", "none/matrix"], "none/matrix: No such file", id="no folder"),
    ],
)
def test_error_is_one_line_and_exit_code_2(
    snapshot_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(snapshot_file.parent)
    assert cli.main(matrix(snapshot_file, *arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("vpcep: error: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_a_format_there_is_not(snapshot_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(matrix(snapshot_file, "--format", "csv"))
    assert ended.value.code == 2
    assert "invalid choice: 'csv'" in capsys.readouterr().err


def test_help_has_an_example_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["matrix", "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert "example:\n  vpcep matrix " in out
    assert "exit code: 0" in out


def test_neither_boto3_nor_moto_is_loaded(snapshot_file: Path) -> None:
    script = (
        "import sys; from pytest_vpcep.cli import main; code = main(); "
        "loaded = {'boto3', 'botocore', 'moto', 'pytest'} & set(sys.modules); "
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    command = [sys.executable, "-c", script, *matrix(snapshot_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_names_that_no_encoding_has_are_written(snapshot_file: Path) -> None:
    strange = json.loads(snapshot_file.read_text())
    strange["s3"]["Buckets"] = {"\ud800": {"Policy": None}}
    snapshot_file.write_text(json.dumps(strange))
    for form in ("table", "json", "html"):
        out = snapshot_file.with_name(f"matrix.{form}")
        assert cli.main(matrix(snapshot_file, "--format", form, "-o", str(out))) == 0
        assert "\\ud800" in out.read_text(encoding="utf-8")
