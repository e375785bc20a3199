"""Hosts that cannot have a full private root: one user only, or no bubblewrap at all."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest
from standin_gate import Reply, standin_gate
from terminals import BUCKETS, bench, configured

from pytest_vpcep.cloud import host_support
from pytest_vpcep.cloud.terminal import Terminal, isolation, workshop_process
from pytest_vpcep.errors import TerminalError

ONE_USER = """
from pytest_vpcep.cloud.terminal import private_root
private_root._map_users = private_root._map_one_user
"""


@pytest.fixture
def one_user(monkeypatch):
    """Run the workshop as on a host without subordinate user ids."""
    workshop_process.end()
    lines = workshop_process._BOOT.splitlines(keepends=True)
    monkeypatch.setattr(workshop_process, "_BOOT", "".join(lines[:-1]) + ONE_USER + lines[-1])
    yield
    workshop_process.end()


@pytest.mark.usefixtures("one_user")
def test_one_user_is_root_by_turns():
    with bench(BUCKETS) as opened:
        assert (
            opened.output("id -un; sudo id -un; sudo -u nobody id -un") == "ec2-user\nroot\nnobody"
        )
        opened.output("sudo touch /tmp/NAME.txt")
        assert opened.output("stat -c %U /tmp/NAME.txt; sudo stat -c %U /tmp/NAME.txt") == (
            "ec2-user\nroot"
        )
        assert "CapEff:\t0000000000000000" in opened.output("cat /proc/self/status")
        configured(opened)
        assert opened.output("aws s3 ls") == "2024-01-02 03:04:05 lab-bucket"
        assert opened.run("sleep 5", timeout=0.2)[0] == 124


def test_opening_terminals_changes_nothing_of_the_host():
    def owners() -> list[tuple[str, int, int, int]]:
        paths = [Path("/"), Path("/home"), Path("/root"), Path("/tmp"), *Path("/etc").iterdir()]  # noqa: S108
        found = [(str(path), path.lstat()) for path in paths]
        return [(path, s.st_uid, s.st_gid, s.st_mode) for path, s in found]

    before = owners()
    for _ in range(8):
        with bench() as opened:
            opened.output("sudo true")
    assert owners() == before


def test_directory_keeps_to_itself(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-host")
    with bench(isolation="directory") as opened:
        home = Path(opened.output("echo $HOME"))
        assert opened.output("pwd") == str(home)
        assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700
        assert opened.output("dirname $TMPDIR") == str(home.parent)
        names = {line.partition("=")[0] for line in opened.output("env").splitlines()}
        assert "AWS_SECRET_ACCESS_KEY" not in names
        assert opened.output("sudo -u root sh -c 'id -u; echo $USER $HOME'").splitlines() == [
            str(os.getuid()),
            f"root {home}",
        ]
        opened.output("sudo touch $TMPDIR/NAME.txt; echo kept > f")
        assert opened.output("cat f; ls $TMPDIR") == "kept\nNAME.txt"
    assert not home.parent.exists()


def test_directory_refuses_commands_of_others():
    with bench(isolation="directory") as opened, pytest.raises(TerminalError, match="bubblewrap"):
        opened.terminal.run_untrusted("true")


def test_private_root_takes_commands_of_others():
    with bench() as opened:
        assert opened.terminal.run_untrusted("cat", input=b"in").stdout == b"in"


@pytest.fixture
def support(monkeypatch):
    """Give `isolation` without what it remembers, before and after."""
    host_support.isolation.cache_clear()
    yield monkeypatch
    host_support.isolation.cache_clear()


@pytest.mark.usefixtures("support")
@pytest.mark.needs("bwrap")
def test_isolation_here():
    assert isolation() == host_support.Isolation("bubblewrap", "")


def test_without_bubblewrap(support, tmp_path):
    support.setenv("PATH", str(tmp_path))
    assert isolation().kind == "directory"
    assert "bubblewrap is not installed" in isolation().reason
    with (
        pytest.raises(TerminalError, match="isolation 'bubblewrap': bubblewrap is not installed"),
        bench(isolation="bubblewrap"),
    ):
        pass


def test_with_a_bubblewrap_that_may_not(support, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    support.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert isolation().kind == "directory"
    assert "No permissions to create new namespace" in isolation().reason


def test_a_failing_bubblewrap_is_one_clear_error(tmp_path, monkeypatch):
    workshop_process.end()
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: out of luck' >&2\nexit 1\n")
    program.chmod(0o755)
    host_support.isolation()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    try:
        with (
            pytest.raises(TerminalError, match="cannot be opened: bubblewrap: out of luck"),
            bench(isolation="bubblewrap"),
        ):
            pass
    finally:
        workshop_process.end()


NO_MAP = """
from pytest_vpcep.cloud.terminal import private_root
from pytest_vpcep.errors import TerminalError
def refuse(pid):
    raise TerminalError("no map for you")
private_root._map_users = refuse
"""


def test_a_failing_user_map_leaves_no_process(monkeypatch):
    workshop_process.end()
    lines = workshop_process._BOOT.splitlines(keepends=True)
    monkeypatch.setattr(workshop_process, "_BOOT", "".join(lines[:-1]) + NO_MAP + lines[-1])
    hostname = f"ip-{os.getpid()}"
    try:
        with pytest.raises(TerminalError, match="no map for you"), bench(hostname=hostname):
            pass
        workshop = workshop_process._started[0]._process.pid
        deadline = time.monotonic() + 5
        while children := Path(f"/proc/{workshop}/task/{workshop}/children").read_text():
            assert time.monotonic() < deadline, children
            time.sleep(0.01)
    finally:
        workshop_process.end()


def test_without_awscli_is_one_clear_error(monkeypatch):
    workshop_process.end()
    boot = workshop_process._BOOT.splitlines(keepends=True)
    block = "sys.modules['awscli'] = None\n"
    monkeypatch.setattr(workshop_process, "_BOOT", "".join(boot[:-1]) + block + boot[-1])
    try:
        with pytest.raises(TerminalError, match=r"install awscli 1\.46"), bench():
            pass
    finally:
        workshop_process.end()


def test_prewarm_comes_back_at_once_and_starts_one_process():
    workshop_process.end()
    workshop_process.prewarm()
    first = workshop_process._started[0]
    workshop_process.prewarm()
    assert workshop_process._started == [first]
    with bench() as opened:
        assert opened.output("echo ready") == "ready"


def test_a_gate_on_a_unix_socket(tmp_path):
    with standin_gate([BUCKETS], tmp_path / "gate") as gate:
        terminal = Terminal("i-unix", region="us-west-2", hostname="a", gate=gate.address)
        with terminal:
            keys = "AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=b"
            assert terminal.run(f"{keys} aws s3 ls").stdout.endswith(b" lab-bucket\n")


def test_large_objects_pass_both_ways():
    size = 9 * 1024 * 1024
    url = "https://lab.s3.us-west-2.amazonaws.com/big"
    headers = {"ETag": '"e"', "Last-Modified": "Tue, 02 Jan 2024 03:04:05 GMT"}
    body = os.urandom(size)
    start = Reply(
        "POST",
        f"{url}?uploads",
        body=(
            b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
        ),
    )
    end = Reply("POST", f"{url}?uploadId", body=b"<CompleteMultipartUploadResult/>")
    get = Reply("GET", url, headers=headers, body=body)
    with bench(start, end, Reply("PUT", url, headers=headers), get) as opened:
        configured(opened)
        opened.output("aws s3api get-object --bucket lab --key big /tmp/big > /dev/null")
        opened.output("aws s3 cp --quiet /tmp/big s3://lab/big")
        sent = sorted((len(s.body), s.url) for s in opened.gate.seen if s.method == "PUT")
        assert sum(length for length, _ in sent) >= size
        assert (
            opened.output("sha256sum < /tmp/big | cut -c1-64")
            == subprocess.run(
                ["sha256sum"], input=body, capture_output=True, check=True
            ).stdout.decode()[:64]
        )
