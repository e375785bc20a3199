"""The private root: what a command finds in it, and what of the host it does not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from terminals import bench

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shared():
    with bench() as opened:
        yield opened


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("id -un; id -u; id -g", "ec2-user\n1000\n1000", id="user"),
        pytest.param("hostname; cat /etc/hostname", "ip-10-0-0-12\nip-10-0-0-12", id="hostname"),
        pytest.param("getent hosts ip-10-0-0-12 | cut -d' ' -f1", "10.0.0.12", id="own-address"),
        pytest.param("pwd; echo $HOME; echo ~", "\n".join(["/home/ec2-user"] * 3), id="home"),
        pytest.param("echo a b | tr a-z A-Z | rev", "B A", id="pipe"),
        pytest.param("cat <<< text > f; cat f f; rm f", "text\ntext", id="files"),
        pytest.param("wc -c", "0", id="empty-standard-input"),
        pytest.param("echo 'ünï' | wc -m", "4", id="utf-8"),
        pytest.param("stat -c '%U %a' /tmp /root /home/ec2-user", None, id="modes"),
        pytest.param("stat -fc %T /tmp", "tmpfs", id="tmp-in-memory"),
        pytest.param("python3 -c 'print(6 * 7)'", "42", id="system-python"),
    ],
)
def test_a_command_finds(shared, command, said):
    expected = "root 1777\nroot 711\nec2-user 700" if said is None else said
    assert shared.output(command) == expected


def test_the_environment_is_its_own(shared, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-host")
    names = {line.partition("=")[0] for line in shared.output("env").splitlines()}
    own = {"HOME", "USER", "LOGNAME", "SHELL", "PATH", "LANG", "TERM"}
    assert names - {"PWD", "SHLVL", "_"} == own


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(REPOSITORY, id="repository"),
        pytest.param(REPOSITORY / "pyproject.toml", id="repository-file"),
        pytest.param(Path(sys.prefix, "pyvenv.cfg"), id="virtual-environment-settings"),
        pytest.param(Path.home() / ".bashrc", id="dot-files"),
        pytest.param("/etc/shadow", id="shadow"),
        pytest.param("/var/log", id="logs"),
        pytest.param("/sys/kernel", id="sys"),
        pytest.param("/mnt", id="mounts"),
        pytest.param("/opt/vpcep/../../proc/1/root/etc/shadow", id="root-of-pid-1"),
    ],
)
def test_the_host_is_not_there(shared, path):
    assert shared.run(f"sudo test -e {path}")[0] == 1


def test_files_of_the_host_are_not_in_tmp(shared, tmp_path):
    (tmp_path / "f").write_text("of the host")
    assert shared.run(f"cat {tmp_path}/f")[0] == 1


@pytest.mark.parametrize("path", ["/usr/bin/new", "/usr/lib/new", os.__file__])
def test_the_system_is_read_only_even_for_root(shared, path):
    rc, _, stderr = shared.run(f"sudo touch {path}")
    assert rc == 1
    assert "Read-only file system" in stderr


def test_only_processes_of_the_terminal_are_seen(shared):
    seen = shared.output("cat /proc/[0-9]*/comm").splitlines()
    assert set(seen) <= {"bwrap", "head", "cat", "bash"} | {s for s in seen if "python" in s}
    assert str(os.getpid()) not in shared.output("ls /proc").split()
    assert str(REPOSITORY) not in shared.output("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("mount -t tmpfs none /mnt", id="mount"),
        pytest.param("umount /proc", id="unmount"),
        pytest.param("mount -o remount,rw /usr", id="remount"),
        pytest.param("hostname other", id="hostname"),
        pytest.param("chroot / true", id="chroot"),
        pytest.param("mknod /tmp/null c 1 3", id="device"),
        pytest.param("unshare --user true", id="user-namespace"),
        pytest.param("python3 -c 'import os; os.setuid(65533)'", id="invoking-user"),
        pytest.param('python3 -c \'open("/proc/sys/kernel/panic", "w")\'', id="sysctl"),
        pytest.param("kill -9 1; kill -0 1 && false", id="kill-init"),
    ],
)
def test_root_may_not(shared, command):
    assert shared.run(f"sudo sh -c {command!r}" if ";" in command else f"sudo {command}")[0] != 0
    assert shared.output("true") == ""


@pytest.mark.parametrize(
    "address", ["93.184.215.14:443", "8.8.8.8:53", "127.0.0.1:22", "169.254.169.253:53"]
)
def test_plain_tcp_reaches_nothing(shared, address):
    host, _, port = address.partition(":")
    rc, _, stderr = shared.run(f"exec 3<>/dev/tcp/{host}/{port}")
    assert rc == 1
    assert "Network is unreachable" in stderr or "Connection refused" in stderr


def test_the_gate_of_the_host_is_no_tcp_port_inside(shared):
    port = shared.gate.address.rpartition(":")[2]
    assert "refused" in shared.run(f"exec 3<>/dev/tcp/127.0.0.1/{port}")[2]


def test_files_stay_between_commands_of_a_terminal_and_nowhere_else():
    with bench() as one, bench(hostname="ip-10-0-0-13") as other:
        one.output("echo mine > /tmp/f; echo mine > ~/f; sudo cp /tmp/f /root/f")
        assert one.output("cat /tmp/f ~/f; sudo cat /root/f") == "mine\nmine\nmine"
        assert other.output("ls /tmp ~; sudo ls -A /root").count("f") == 0
        assert other.output("hostname") == "ip-10-0-0-13"
        one.output("sleep 300 > /dev/null 2>&1 &")
        assert "sleep" not in other.output("cat /proc/[0-9]*/comm")
    assert not Path("/tmp/f").exists()  # noqa: S108


def test_memory_files_have_a_limit(shared):
    rc, _, stderr = shared.run("head -c 600M /dev/zero > /tmp/big; s=$?; rm /tmp/big; exit $s")
    assert rc == 1
    assert "No space left" in stderr


def test_a_bomb_of_processes_stays_in_the_terminal(shared):
    script = "for i in $(seq 600); do sleep 30 & done 2>&1 | grep -m1 -o 'Resource.*unavailable'"
    rc, stdout, _ = shared.run(script, timeout=20)
    assert "Resource temporarily unavailable" in stdout, rc
    assert shared.run("sudo pkill -9 sleep")[0] in (0, 1)
