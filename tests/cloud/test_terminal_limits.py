"""Time limits, the end of what a command started, and the end of terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from terminals import bench, new_instance_id

from pytest_vpcep.cloud.terminal import Terminal, open_terminals
from pytest_vpcep.errors import CloudError, TerminalError

KINDS = [pytest.param("bubblewrap", marks=pytest.mark.needs("bwrap")), "directory"]


def processes_with(mark: str) -> list[int]:
    """Find processes of the host whose command line holds `mark`."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                command = (directory / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in command:
                found.append(int(directory.name))
    return found


def gone(mark: str) -> bool:
    """Wait until no such process is left."""
    deadline = time.monotonic() + 5
    while processes_with(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def unique(number: int) -> str:
    """Make a sleeping time that marks a process of this test run."""
    return f"{number}.{os.getpid()}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("sleep {0}", id="foreground"),
        pytest.param("sleep {0} & sleep {0}", id="background"),
        pytest.param("setsid sleep {0} & sleep {0}", id="own-session"),
        pytest.param("(setsid setsid sleep {0} &) ; sleep {0}", id="orphan"),
        pytest.param("trap '' TERM INT HUP; sleep {0}; sleep {0}", id="ignores-signals"),
        pytest.param("sudo sleep {0}", id="sudo"),
        pytest.param("sleep {0} | cat", id="pipe"),
    ],
)
def test_time_limit_ends_the_whole_tree(kind, command):
    mark = unique(301)
    with bench(isolation=kind) as opened:
        started = time.monotonic()
        rc, stdout, stderr = opened.run(f"echo first; {command.format(mark)}", timeout=0.3)
        assert time.monotonic() - started < 2
        assert (rc, stdout) == (124, "first\n")
        assert stderr == "vpcep: the command was ended after its time limit of 0.3 seconds\n"
        assert gone(mark)
        assert opened.output("echo still here") == "still here"


@pytest.mark.parametrize("kind", KINDS)
def test_background_processes_live_on_and_end_with_the_terminal(kind):
    mark = unique(302)
    with bench(isolation=kind) as opened:
        assert opened.output(f"setsid sleep {mark} & echo started") == "started"
        assert processes_with(mark)
        assert opened.output(f"pgrep -f 'sleep {mark}' | wc -l") >= "1"
    assert gone(mark)


def test_output_without_end_is_cut():
    with bench() as opened:
        rc, stdout, stderr = opened.run("yes", timeout=30)
    assert rc == 124
    assert len(stdout) < 70 * 1024 * 1024
    assert stderr == "vpcep: the command was ended after 64 MiB of output\n"


def test_much_output_and_much_input_pass():
    with bench() as opened:
        typed = b"0123456789abcde\n" * 200_000
        rc, stdout, _ = opened.terminal.run("tee /dev/stderr", input=typed)
        assert (rc, stdout) == (0, typed)


def test_input_that_is_not_read_is_no_error():
    with bench() as opened:
        assert opened.run("exec 0<&-; echo done", input=b"x" * 1_000_000)[:2] == (0, "done\n")


@pytest.mark.parametrize("kind", KINDS)
def test_commands_run_side_by_side(kind):
    from concurrent.futures import ThreadPoolExecutor

    with bench(isolation=kind) as opened, ThreadPoolExecutor(8) as pool:
        said = pool.map(lambda n: opened.output(f"sleep 0.05; echo {n}"), range(16))
        assert list(said) == [str(n) for n in range(16)]


@pytest.mark.parametrize("kind", KINDS)
def test_closed_terminal_refuses_and_is_forgotten(kind):
    with bench(isolation=kind) as opened:
        terminal = opened.terminal
        assert open_terminals[terminal.instance_id] is terminal
    assert terminal.instance_id not in open_terminals
    terminal.close()
    with pytest.raises(TerminalError, match="is closed"):
        terminal.run("true")


def test_root_that_ends_the_terminal_is_one_clear_error():
    with bench() as opened:
        with pytest.raises(TerminalError, match="ended"):
            opened.run("sudo sh -c 'kill -9 -1'; sleep 5")
        with pytest.raises(TerminalError, match=r"ended|closed"):
            opened.run("true")


OPEN_AND_WAIT = """
import sys, time
sys.path[:] = sys.argv[4].split("\\n")
from pytest_vpcep.cloud.terminal import Terminal
terminal = Terminal("i-1", region="us-east-1", hostname="ip-10-0-0-1", gate="http://127.0.0.1:9",
                    isolation=sys.argv[1])
terminal.run(f"echo $TMPDIR; (setsid sleep {sys.argv[2]} > /dev/null 2>&1 &)")
print(terminal.run("echo $HOME").stdout.decode(), end="", flush=True)
if sys.argv[3] == "wait":
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", ["kill", "exit"])
def test_nothing_outlives_the_test_process(kind, end):
    mark = unique(303 if end == "kill" else 304) + ("1" if kind == "directory" else "")
    how = "wait" if end == "kill" else "exit"
    arguments = [sys.executable, "-c", OPEN_AND_WAIT, kind, mark, how, "\n".join(sys.path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        home = process.stdout.readline().decode().strip()
        if end == "kill":
            assert processes_with(f"sleep\0{mark}")
            process.send_signal(signal.SIGKILL)
        _, stderr = process.communicate(timeout=20)
    assert stderr == b""
    assert gone(mark)
    deadline = time.monotonic() + 5
    while kind == "directory" and Path(home).exists():
        assert time.monotonic() < deadline, f"{home} is left over"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"hostname": "a b"}, "hostname 'a b': expected", id="hostname"),
        pytest.param({"isolation": "docker"}, "expected 'bubblewrap' or 'directory'", id="kind"),
        pytest.param({"gate": "nowhere"}, "gate address 'nowhere': expected http", id="gate"),
    ],
)
def test_bad_options_are_one_clear_error(options, said):
    good = {"region": "us-east-1", "hostname": "ip-10-0-0-1", "gate": "http://127.0.0.1:9"}
    with pytest.raises(CloudError, match=said):
        Terminal(new_instance_id(), **good | options)


def test_one_terminal_per_instance():
    with bench() as opened, pytest.raises(TerminalError, match="is open already"):
        Terminal(
            opened.terminal.instance_id, region="us-east-1", hostname="a", gate="http://127.0.0.1:9"
        )


def test_nul_in_a_command_is_refused():
    with bench() as opened, pytest.raises(TerminalError, match="NUL"):
        opened.run("echo \0")
