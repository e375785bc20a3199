"""``vpcep draw``: what it prints or writes, and what it says of bad input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from picture_decisions import over_the_internet
from picture_snapshots import ADMINISTRATOR, BUCKET
from picture_svg import parsed, shows

from pytest_vpcep.cli import main
from pytest_vpcep.snapshot import save


@pytest.fixture
def lab(tmp_path: Path) -> tuple[str, str]:
    """The lab's snapshot as a file, and its instance."""
    decision = over_the_internet()
    path = tmp_path / "lab.json"
    save(decision.snapshot, path)
    return str(path), decision.vantage


def question(vantage: str) -> list[str]:
    asked = ["--action", "s3:ListBucket", "--resource", f"arn:aws:s3:::{BUCKET}"]
    return ["--from", vantage, "--principal", ADMINISTRATOR, *asked]


def test_the_topology_is_printed(lab: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "--snapshot", lab[0]]) == 0
    assert shows(capsys.readouterr().out, lab[1])


def test_a_path_is_written_to_a_file(
    lab: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "path.svg"
    assert main(["draw", "--snapshot", lab[0], *question(lab[1]), "-o", str(out)]) == 0
    assert capsys.readouterr() == ("", "")
    written = out.read_text(encoding="utf-8")
    parsed(written)
    assert shows(written, "denied: s3:ListBucket")


@pytest.mark.parametrize("asked", [[], question("console")], ids=["topology", "path"])
def test_mermaid(
    lab: tuple[str, str], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["draw", "--snapshot", lab[0], *asked, "--format", "mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart TB\n")


def test_only_one_vpc(lab: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    (vpc,) = over_the_internet().snapshot.topology.vpcs
    assert main(["draw", "--snapshot", lab[0], "--vpc", vpc]) == 0
    assert shows(capsys.readouterr().out, vpc)
    assert main(["draw", "--snapshot", lab[0], "--vpc", "vpc-0none"]) == 2
    assert "there is no VPC vpc-0none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--from", "console"], "--from without --principal, --action", id="half"),
        pytest.param(question("i-0none"), "there is no instance", id="unknown-vantage"),
        pytest.param(["-o", "/nowhere/at/all.svg"], "name a file that can be written", id="folder"),
    ],
)
def test_bad_input_gives_one_line_with_the_remedy(
    lab: tuple[str, str],
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["draw", "--snapshot", lab[0], *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vpcep: error: ")
    assert said in err
    assert err.count("\n") == 1


def test_other_commands_do_not_load_what_draws() -> None:
    code = (
        "import sys; from pytest_vpcep.cli import _parser; _parser(); "
        "print([name for name in ('graphlay', 'boto3', 'pytest_vpcep.access') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
