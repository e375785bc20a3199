"""The plugin as its users meet it: options, header, messages, and labs among other tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Imported here, so that no inner run in this process imports moto and boto3 again.
from pytest_vpcep import reporting  # noqa: F401
from pytest_vpcep.cloud import host_support

NO_CACHE = ("-p", "no:cacheprovider")
#: A user's tests: short, of every fixture, and one that knows nothing of labs.
USERS_TESTS = """
import pytest

@pytest.mark.step(1)
def test_root_sees_the_bucket(lab, root):
    listed = root.session.client("s3").list_buckets()["Buckets"]
    assert lab.bucket in [one["Name"] for one in listed]

@pytest.mark.step(4)
def test_the_terminal_lists_it(lab, terminal):
    lab.reach(4)
    assert terminal.run(f"aws s3 ls s3://{lab.bucket}").succeeded

@pytest.mark.step(6)
def test_the_console_is_denied(lab, console, instance):
    lab.reach(6)
    assert console.attempt("s3:ListBucket", lab.bucket).denied
    assert instance.attempt("s3:ListBucket", lab.bucket).via == lab.topology.internet_gateway

def test_of_something_else():
    assert True
"""
REVERSED = """
def pytest_collection_modifyitems(items):
    items.reverse()
"""
#: A ``sitecustomize`` under which some distributions are not installed.
WITHOUT = """
import sys
from importlib.machinery import PathFinder

GONE = {gone!r}

class Without(PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return None if fullname.partition(".")[0] in GONE else super().find_spec(fullname, path)

    @classmethod
    def find_distributions(cls, *args, **kwargs):
        found = super().find_distributions(*args, **kwargs)
        return (one for one in found if not any(name in one.metadata["Name"] for name in GONE))

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""


def _shown(result: pytest.RunResult) -> str:
    return "\n".join(result.outlines)


def test_the_options_are_one_group_with_their_ini_settings(pytester: pytest.Pytester):
    shown = _shown(pytester.runpytest_inprocess("--help", *NO_CACHE))
    (group,) = re.findall(r"^VPC endpoints: .*\n((?:  .*\n)+)", shown, re.MULTILINE)
    assert re.findall(r"^  (--[\w-]+)", group, re.MULTILINE) == [
        "--vpcep-region",
        "--vpcep-isolation",
    ]
    assert set(re.findall(r"^  (vpcep_\w+) ", shown, re.MULTILINE)) == {
        "vpcep_region",
        "vpcep_isolation",
    }


@pytest.mark.parametrize(
    ("arguments", "region", "isolation"),
    [
        pytest.param((), "us-east-1", "bubblewrap|directory", id="default"),
        pytest.param(("--vpcep-region=eu-west-1",), "eu-west-1", "", id="region"),
        pytest.param(("-o", "vpcep_region=ap-south-1"), "ap-south-1", "", id="region-ini"),
        pytest.param(
            ("-o", "vpcep_region=eu-west-1", "--vpcep-region=eu-west-2"),
            "eu-west-2",
            "",
            id="option-before-ini",
        ),
        pytest.param(("--vpcep-isolation=directory",), "us-east-1", "directory", id="isolation"),
        pytest.param(
            ("-o", "vpcep_isolation=directory"), "us-east-1", "directory", id="isolation-ini"
        ),
    ],
)
def test_the_header_says_cloud_region_and_isolation(
    pytester: pytest.Pytester, arguments: tuple[str, ...], region: str, isolation: str
):
    shown = _shown(pytester.runpytest_inprocess(*NO_CACHE, *arguments))
    expected = rf"^vpcep: simulated cloud \(moto 5\.\S+\), Region {region}, isolation {isolation}"
    assert re.search(expected, shown, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        pytest.param((), "commands run on this machine itself: no bwrap", id="auto"),
        pytest.param(
            ("--vpcep-isolation=bubblewrap",),
            "isolation bubblewrap is not to be had: no bwrap",
            id="asked-for",
        ),
        pytest.param(("--vpcep-isolation=directory",), None, id="directory-asked-for"),
    ],
)
def test_the_header_warns_where_terminals_are_not_kept_apart(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    warning: str | None,
):
    found = host_support.Isolation(host_support.DIRECTORY, "no bwrap")
    monkeypatch.setattr(host_support, "isolation", lambda: found)
    shown = _shown(pytester.runpytest_inprocess(*NO_CACHE, *arguments))
    assert re.findall(r"^vpcep: warning: (.*)", shown, re.MULTILINE) == [warning] * bool(warning)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(
            ("--vpcep-region=eu-nowhere-1",), "AWS has no Region 'eu-nowhere-1'", id="region"
        ),
        pytest.param(
            ("-o", "vpcep_region=us-east-1a"), "AWS has no Region 'us-east-1a'", id="region-ini"
        ),
        pytest.param(("--vpcep-region=",), "AWS has no Region ''", id="region-empty"),
        *(
            pytest.param(
                (f"--vpcep-region={region}",),
                f"moto has no data on the instance types of {region}",
                id=f"region-without-instance-types-{region}",
            )
            for region in ("cn-north-1", "us-gov-west-1", "us-iso-east-1", "mx-central-1")
        ),
        pytest.param(
            ("--vpcep-isolation=docker",), "argument --vpcep-isolation: invalid choice", id="option"
        ),
        pytest.param(
            ("-o", "vpcep_isolation=docker"),
            "vpcep_isolation = 'docker': give one of auto, bubblewrap, directory",
            id="isolation-ini",
        ),
    ],
)
def test_a_wrong_value_is_one_clear_line(
    pytester: pytest.Pytester, arguments: tuple[str, ...], says: str
):
    result = pytester.runpytest_inprocess(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sum(says in line for line in result.errlines) == 1
    assert "Traceback" not in "\n".join(result.errlines)


def test_the_step_marker_is_known(pytester: pytest.Pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.step(1)\ndef test_it(): pass")
    pytester.runpytest_inprocess("--strict-markers", *NO_CACHE).assert_outcomes(passed=1)
    shown = _shown(pytester.runpytest_inprocess("--markers", *NO_CACHE))
    assert "@pytest.mark.step(n): the step of the lab, 1 to 9" in shown


def test_importing_the_plugin_loads_no_cloud():
    heavy = ("boto3", "botocore", "moto", "testinfra", "awscli", "pytest_vpcep.cloud")
    code = f"import pytest_vpcep.plugin, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_run_without_a_lab_loads_no_cloud_even_where_tests_fail(pytester: pytest.Pytester):
    pytester.makeconftest("""
        import sys
        def pytest_unconfigure():
            heavy = ("boto3", "botocore", "moto", "awscli", "pytest_vpcep.lab")
            print("loaded:", [name for name in heavy if name in sys.modules])
    """)
    pytester.makepyfile("def test_it(): assert False")
    result = pytester.runpytest_subprocess(*NO_CACHE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["loaded: []"])


@pytest.mark.parametrize(
    ("name", "gone", "remedy"),
    [
        pytest.param("moto", ["moto"], "pip install 'moto[", id="moto"),
        pytest.param("awscli", ["awscli"], "pip install 'awscli", id="awscli"),
        pytest.param("testinfra", ["testinfra"], "pip install 'pytest-testinfra", id="testinfra"),
    ],
)
def test_what_is_missing_is_one_line_for_each_test(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    gone: list[str],
    remedy: str,
):
    pytester.makepyfile(sitecustomize=WITHOUT.format(gone=gone))
    pytester.makepyfile("def test_one(lab): pass\ndef test_two(lab): pass\ndef test_other(): pass")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    result = pytester.runpytest_subprocess(*NO_CACHE)
    result.assert_outcomes(errors=2, passed=1)
    told = [line for line in result.outlines if line.startswith("vpcep: the lab needs")]
    assert len(told) == 2
    assert all(f"needs {name}, which is missing: {remedy}" in line for line in told)
    assert "Traceback" not in _shown(result)
    assert "/settings.py" not in _shown(result)


@pytest.mark.needs("bwrap")
def test_a_user_s_tests_pass_in_any_order_and_in_two_workers(pytester: pytest.Pytester):
    pytester.makepyfile(USERS_TESTS)
    pytester.makeconftest(REVERSED)
    pytester.runpytest_inprocess("--strict-markers", *NO_CACHE).assert_outcomes(passed=4)
    pytester.runpytest_subprocess("-n", "2", *NO_CACHE).assert_outcomes(passed=4)


@pytest.mark.needs("bwrap")
def test_two_runs_at_once_do_not_meet(pytester: pytest.Pytester):
    pytester.makepyfile(USERS_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", *NO_CACHE, "-k", "terminal or console"]
    runs = [
        subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for run in runs:
        shown, _ = run.communicate(timeout=120)
        assert "2 passed" in shown
        assert run.returncode == 0


def test_a_part_of_the_tests_can_be_run_again(pytester: pytest.Pytester):
    pytester.makepyfile(
        USERS_TESTS.replace("assert True", "assert False").replace(".denied", ".allowed")
    )
    options = ("-k", "root or console or else")
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=1, failed=2, deselected=1)
    pytester.runpytest_inprocess("--lf", *options).assert_outcomes(failed=2)
    first = pytester.runpytest_inprocess("--maxfail=1", *options)
    first.assert_outcomes(passed=1, failed=1, deselected=1)


def test_without_bubblewrap_what_asks_for_it_fails_with_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    pytester.makepyfile(
        "def test_it(terminal): assert terminal.check_output('echo hello') == 'hello'"
    )
    programs = pytester.mkdir("programs")
    for program in ("sh", "bash", "env", "true"):
        for folder in os.get_exec_path():
            if Path(folder, program).exists():
                (programs / program).symlink_to(Path(folder, program))
                break
    monkeypatch.setenv("PATH", f"{programs}:{Path(sys.executable).parent}")
    trusted = pytester.runpytest_subprocess(*NO_CACHE)
    trusted.assert_outcomes(passed=1)
    trusted.stdout.fnmatch_lines(["vpcep: warning: commands run on this machine itself: *"])
    refused = pytester.runpytest_subprocess("--vpcep-isolation=bubblewrap", *NO_CACHE)
    refused.assert_outcomes(errors=1)
    (told,) = (line for line in refused.outlines if line.startswith("E  "))
    assert told.endswith("bubblewrap is not installed (apt install bubblewrap)")
