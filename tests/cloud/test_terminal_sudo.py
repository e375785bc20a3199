"""sudo in the terminal, as the lab uses it, and what it refuses."""

from __future__ import annotations

import pytest
from terminals import bench

from pytest_vpcep.cloud.terminal.sudo import Order, SudoRefused, parse


@pytest.fixture(scope="module")
def shared():
    with bench() as opened:
        yield opened


def test_a_file_touched_with_sudo_belongs_to_root(shared):
    shared.output("sudo touch /tmp/NAME.txt")
    assert shared.output("stat -c '%U %G %u %s' /tmp/NAME.txt") == "root root 0 0"
    assert shared.run("echo more >> /tmp/NAME.txt")[0] == 1
    assert shared.output("cat /tmp/NAME.txt") == ""


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("sudo id -u", "0", id="root"),
        pytest.param("sudo -n -- id -u", "0", id="options-end"),
        pytest.param("sudo -u ec2-user id -un", "ec2-user", id="user"),
        pytest.param("sudo --user=nobody id -un", "nobody", id="long-option"),
        pytest.param("sudo -u '#1000' id -un", "ec2-user", id="user-by-id"),
        pytest.param("sudo A=1 sh -c 'echo $A'", "1", id="assignment"),
        pytest.param("A=1 sudo sh -c 'echo -$A-'", "--", id="environment-reset"),
        pytest.param("A=1 sudo -E sh -c 'echo -$A-'", "-1-", id="environment-kept"),
        pytest.param("sudo sh -c 'echo $HOME $USER $SUDO_USER'", "/root root ec2-user", id="names"),
        pytest.param("echo in | sudo tr a-z A-Z", "IN", id="standard-input"),
        pytest.param("sudo sh -c 'exit 7' || echo $?", "7", id="exit-status"),
        pytest.param("sudo sh -c 'kill -9 $$' || echo $?", "137", id="signal"),
        pytest.param("cd /usr; sudo pwd", "/usr", id="directory"),
        pytest.param("echo 'id -u' | sudo -s", "0", id="shell-on-input"),
        pytest.param("sudo -i echo hello", "hello", id="login-shell"),
        pytest.param("sudo sudo id -u", "0", id="nested"),
        pytest.param("sudo -v && echo ok", "ok", id="validate"),
        pytest.param(
            "sudo chown nobody /tmp && stat -c %U /tmp; sudo chown root /tmp", "nobody", id="chown"
        ),
        pytest.param("umask 077; sudo touch /tmp/u; stat -c %a /tmp/u", "600", id="umask"),
    ],
)
def test_sudo(shared, command, said):
    assert shared.output(command) == said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("sudo", "usage: sudo", id="nothing"),
        pytest.param("sudo -e /etc/hosts", "option -e not recognized", id="edit"),
        pytest.param("sudo -u", "option -u requires argument", id="no-user"),
        pytest.param("sudo -u mallory id", "sudo: unknown user mallory", id="unknown-user"),
        pytest.param("sudo nonesuch", "sudo: nonesuch: command not found", id="no-command"),
        pytest.param("sudo /etc", "Permission denied", id="directory"),
    ],
)
def test_sudo_refuses(shared, command, said):
    rc, stdout, stderr = shared.run(command)
    assert (rc, stdout) == (1, "")
    assert said in stderr
    assert "Traceback" not in stderr


def test_parse_keeps_the_command_s_own_options():
    order = parse(["-nE", "-u", "nobody", "A=1", "B=", "ls", "-u", "C=2"])
    assert order == Order("nobody", ("ls", "-u", "C=2"), {"A": "1", "B": ""}, keep_environment=True)


def test_parse_refuses_unknown_long_options():
    with pytest.raises(SudoRefused, match="--chroot"):
        parse(["--chroot=/", "ls"])
