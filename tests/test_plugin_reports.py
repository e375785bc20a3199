"""What the plugin adds to a failed test's report, and what it leaves out of its traceback."""

from __future__ import annotations

import re

import boto3
import pytest

# Imported here, so that no inner run in this process imports moto and boto3 again.
from pytest_vpcep import reporting  # noqa: F401
from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.errors import LabError, SnapshotError
from pytest_vpcep.lab import Lab, topology

NO_CACHE = ("-p", "no:cacheprovider")


def _shown(result: pytest.RunResult) -> str:
    return "\n".join(result.outlines)


def test_a_lab_fixture_of_someone_else_is_left_alone(pytester: pytest.Pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def lab():
            return "a laboratory"

        def test_it(lab):
            assert lab == "ours"
    """)
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(failed=1)
    assert "vpcep: the latest" not in _shown(result)


def test_a_lab_that_a_user_takes_further_is_explained(pytester: pytest.Pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.fixture
        def lab(lab):
            return lab.reach(1)

        def test_it(lab):
            assert lab.console.attempt("s3:ListBucket", lab.bucket).denied
    """)
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*vpcep: why, of the last one*", "ALLOWED: s3:ListBucket on *"])


def _unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "create_public_subnet", lambda *a: _private(topology, *a))


def _private(topology, session, names, what, cidr, vpc, _gateway):
    return topology.create_private_subnet(session, names, what, cidr, vpc)


@pytest.mark.parametrize("style", ["long", "native"])
def test_our_own_errors_end_with_their_sentence_and_show_no_code_of_ours(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, style: str
):
    _unreachable(monkeypatch)
    pytester.makepyfile("def test_it(lab):\n    lab.reach(2)")
    result = pytester.runpytest_inprocess(f"--tb={style}", *NO_CACHE)
    result.assert_outcomes(failed=1)
    shown = _shown(result)
    trace = shown[shown.index("= FAILURES =") : shown.index("vpcep: ", shown.index("FAILURES"))]
    assert re.search(r"TerminalError: cannot connect to i-\w+: \w+: network interface", trace)
    assert "lab.reach(2)" in trace
    assert not re.search(r"/(lab|instances|simulated)\.py", trace)


def test_the_way_in_is_shown_where_connecting_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    _unreachable(monkeypatch)
    pytester.makepyfile("def test_it(terminal): pass")
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*vpcep: the way in*", "- EC2 Instance Connect in us-east-1 opens tcp 22*", "x IGW_*"]
    )


def test_every_line_is_there_on_request(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    _unreachable(monkeypatch)
    pytester.makepyfile("def test_it(lab): lab.reach(2)")
    shown = _shown(pytester.runpytest_inprocess("--full-trace", *NO_CACHE))
    assert re.search(r"/lab\.py:\d+: ", shown)


def test_an_error_of_aws_shows_no_code_of_botocore(pytester: pytest.Pytester):
    pytester.makepyfile("""
        def test_it(lab, console):
            console.session.client("s3").get_object(Bucket=lab.bucket, Key="none")
    """)
    shown = _shown(pytester.runpytest_inprocess(*NO_CACHE))
    assert "NoSuchKey" in shown
    assert "botocore/client.py" not in shown


def test_an_error_in_our_code_keeps_every_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Lab, "connect", lambda _: {}["missing"])
    monkeypatch.setattr(Lab, "leftovers", lambda lab: {}[lab.bucket])
    pytester.makepyfile("def test_it(lab): lab.leftovers()")
    shown = _shown(pytester.runpytest_inprocess("--tb=short", *NO_CACHE))
    assert re.search(r"test_plugin_reports\.py:\d+: in <lambda>", shown)


def test_a_report_that_cannot_be_explained_says_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    def unreadable(_: SimulatedCloud) -> None:
        raise SnapshotError("DescribeVpcs: not of AWS's shape")

    monkeypatch.setattr(SimulatedCloud, "snapshot", unreadable)
    pytester.makepyfile("def test_it(lab): assert lab is None")
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*vpcep: no explanation*", "DescribeVpcs: not of AWS's shape"])


MOCKED = """
import boto3, pytest
from moto import mock_aws

@pytest.fixture
def mine():
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")

def test_begun_before_the_lab(mine, lab, console):
    mine.create_bucket(Bucket="mine")
    assert [one["Name"] for one in mine.list_buckets()["Buckets"]] == ["mine"]
    assert console.session.client("s3").list_objects_v2(Bucket=lab.bucket)["KeyCount"] == 2
    assert console.attempt("s3:ListBucket", lab.bucket).allowed

def test_after_it(mine):
    assert mine.list_buckets()["Buckets"] == []

def test_begun_within_the_lab(lab, console):
    with mock_aws():
        console.session.client("s3").list_objects_v2(Bucket=lab.bucket)
"""


def test_moto_s_own_mock_may_begin_before_a_lab_and_not_within_it(pytester: pytest.Pytester):
    pytester.makepyfile(MOCKED)
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*vpcep: the lab is gone*", "moto was reset since *mock_aws()*"])


def test_a_lab_that_could_not_be_made_is_not_said_to_be_lost(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    def refuse(session: boto3.Session, _: topology.Names) -> None:
        session.client("ec2").describe_vpcs()
        raise LabError("no instance to be had")

    monkeypatch.setattr(topology, "set_up", refuse)
    pytester.makepyfile("def test_it(lab): pass")
    result = pytester.runpytest_inprocess(*NO_CACHE)
    result.assert_outcomes(errors=1)
    shown = _shown(result)
    assert "the lab is gone" not in shown
    result.stdout.fnmatch_lines(["*LabError: no instance to be had"])
