"""testinfra's ``host`` over a terminal."""

from __future__ import annotations

import pytest
import testinfra
from terminals import bench

from pytest_vpcep.cloud.terminal import backend
from pytest_vpcep.errors import TerminalError


@pytest.fixture(scope="module")
def host():
    backend.register()
    with bench() as opened:
        yield testinfra.get_host(f"vpcep://{opened.terminal.instance_id}")


def test_run_quotes_arguments(host):
    result = host.run("printf '%%s-' %s %s", "a b", "$HOME")
    assert (result.rc, result.stdout, result.stderr) == (0, "a b-$HOME-", "")
    assert host.check_output("id -un") == "ec2-user"
    assert host.run("exit 3").failed
    assert host.run_expect([3], "exit 3").rc == 3
    assert host.run("printf ünï").stdout == "ünï"
    assert host.run("sleep 5", timeout=0.2).rc == 124
    assert host.run("cat", input=b"typed").stdout == "typed"


def test_files_and_users(host):
    host.run_test("sudo touch /tmp/NAME.txt")
    file = host.file("/tmp/NAME.txt")  # noqa: S108
    assert (file.exists, file.is_file, file.size) == (True, True, 0)
    assert (file.user, file.group, file.mode) == ("root", "root", 0o644)
    assert host.file("/etc/hostname").content_string == "ip-10-0-0-12\n"
    assert not host.file("/etc/shadow").exists
    user = host.user("ec2-user")
    assert (user.exists, user.uid, user.home) == (True, 1000, "/home/ec2-user")
    assert host.group("wheel").exists
    assert host.process.filter(comm="head")
    assert host.exists("aws")
    assert host.environment()["HOME"] == "/home/ec2-user"


def test_sudo_of_testinfra(host):
    with host.sudo():
        assert host.check_output("id -u") == "0"
        assert host.user().name == "root"
    with host.sudo("ec2-user"):
        assert host.check_output("id -un") == "ec2-user"
    as_root = testinfra.get_host(f"{host.backend.get_pytest_id()}?sudo=true")
    assert as_root.check_output("id -un") == "root"


def test_names(host):
    name = host.backend.get_pytest_id()
    assert name == f"vpcep://{host.backend.hostname}"
    assert host.backend.get_connection_type() == "vpcep"


def test_results_show_no_secret(host, caplog):
    caplog.set_level("DEBUG")
    result = host.run("echo wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert "wJalrXUtnFEMI" in result.stdout
    assert "wJalrXUtnFEMI" not in repr(result) + caplog.text
    assert repr(result).endswith(": exit status 0>")


def test_unknown_instance_is_one_clear_error():
    backend.register()
    with pytest.raises(TerminalError, match="no terminal is open on instance 'i-none'"):
        testinfra.get_host("vpcep://i-none")
