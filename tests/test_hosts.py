"""``--hosts=vpcep://...``: testinfra's own way to name the instance's terminal."""

from __future__ import annotations

import pytest

TESTS = """
def test_who(host):
    assert host.user().name == "ec2-user"

def test_configured(host):
    assert host.check_output("aws s3 ls").strip().endswith("-bucket")
    assert host.file("/tmp/touched-in-the-terminal.txt").user == "root"
"""


@pytest.mark.needs("bwrap")
@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_instance_of_a_lab_of_the_run_s_own(pytester, workers):
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("--hosts=vpcep://instance", "-n", workers)
    result.assert_outcomes(passed=2)


def test_an_instance_that_has_no_terminal_is_one_clear_error(pytester):
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("--hosts=vpcep://i-unknown")
    result.stdout.fnmatch_lines(["*no terminal is open on instance 'i-unknown'*"])
    assert result.ret != 0
    assert "INTERNALERROR" not in result.stdout.str()
