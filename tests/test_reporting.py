"""What a failed test's report says, to the letter: one file for each case in ``explanations/``.

Ids are replaced by stable names. ``VPCEP_WRITE_EXPLANATIONS=1 pytest tests/test_reporting.py``
writes the files anew; read what changed before keeping it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_vpcep import reporting
from pytest_vpcep.cloud.simulated import SimulatedCloud
from pytest_vpcep.errors import TerminalError
from pytest_vpcep.lab import Lab

EXPLANATIONS = Path(__file__).parent / "explanations"
WRITE = "VPCEP_WRITE_EXPLANATIONS"

_ID = re.compile(r"\b(acl|eni|i|igw|pl|rtb|sg|subnet|vpc|vpce)-[0-9a-f]{8,17}\b")


@pytest.fixture
def lab(cloud: SimulatedCloud) -> Lab:
    """A lab whose administrator's key is in the terminal, with what set it up forgotten."""
    made = Lab(cloud).reach(1)
    made.create_access_key()
    cloud.journal.clear()
    return made


def _locked(lab: Lab) -> None:
    """Steps 5 and 6, for which nobody has to be at the terminal."""
    lab.create_endpoint()
    lab.put_bucket_policy()


def _listing_denied_before_the_route(lab: Lab) -> None:
    _locked(lab)
    assert lab.instance.attempt("s3:ListBucket", lab.bucket).allowed


def _listing_allowed_over_the_endpoint(lab: Lab) -> None:
    _locked(lab)
    lab.associate_route_table()
    assert lab.instance.attempt("s3:ListBucket", lab.bucket).denied


def _listing_denied_by_the_endpoint_policy(lab: Lab) -> None:
    _locked(lab)
    lab.associate_route_table()
    lab.set_endpoint_policy("Deny")
    assert lab.instance.attempt("s3:ListBucket", lab.bucket).allowed


def _listing_denied_to_the_console(lab: Lab) -> None:
    _locked(lab)
    lab.associate_route_table()
    assert lab.console.attempt("s3:ListBucket", lab.bucket).allowed


def _sts_unreachable_from_a_private_subnet(lab: Lab) -> None:
    lab.create_endpoint()
    made = lab.add_private_subnet("private", "10.0.1.0/24")
    lab.associate_route_table(made.route_table)
    private = lab.add_instance("private", made.subnet)
    assert private.attempt("sts:GetCallerIdentity", "*").allowed


def _instance_connect_refused(lab: Lab) -> None:
    lab.console.session.client("ec2").revoke_security_group_ingress(
        GroupId=lab.topology.security_group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            }
        ],
    )
    lab.reach(2)


def stable(text: str, lab: Lab) -> str:
    """The text with its ids numbered in the order they appear, and addresses and names fixed."""
    seen: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        kind = found[1]
        count = sum(1 for known in seen.values() if known.startswith(f"{kind}-"))
        return seen.setdefault(found[0], f"{kind}-{count + 1}")

    text = _ID.sub(name, text)
    text = text.replace(lab.names.lab, "vpcep-lab").replace(lab.cloud.account, "111122223333")
    return re.sub(r"\b54\.214\.\d+\.\d+\b", "198.51.100.1", text)


CASES: dict[str, Callable[[Lab], None]] = {
    fail.__name__.removeprefix("_"): fail
    for fail in (
        _listing_denied_before_the_route,
        _listing_allowed_over_the_endpoint,
        _listing_denied_by_the_endpoint_policy,
        _listing_denied_to_the_console,
        _sts_unreachable_from_a_private_subnet,
        _instance_connect_refused,
    )
}


@pytest.mark.parametrize("case", CASES)
def test_a_failure_is_explained_to_the_letter(lab: Lab, case: str):
    with pytest.raises((AssertionError, TerminalError)) as caught:
        CASES[case](lab)
    sections = reporting.sections(lab, caught.value)
    shown = stable("".join(f"--- {title}\n{text}\n" for title, text in sections), lab)
    golden = EXPLANATIONS / f"{case}.txt"
    if os.environ.get(WRITE):
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_the_remedy_before_the_route_is_to_associate_the_route_table(lab: Lab):
    with pytest.raises(AssertionError) as caught:
        _listing_denied_before_the_route(lab)
    shown = dict(reporting.sections(lab, caught.value))["vpcep: why, of the last one"]
    table, endpoint = lab.topology.route_table, lab.endpoint
    assert f"- associate route table {table} with endpoint {endpoint}" in shown


def test_every_explanation_belongs_to_a_case():
    assert {file.stem for file in EXPLANATIONS.iterdir()} == set(CASES)


def test_a_decision_repeated_is_one_line(lab: Lab):
    for _ in range(3):
        lab.console.attempt("s3:ListBucket", lab.bucket)
    shown = dict(reporting.sections(lab, AssertionError()))["vpcep: the latest decisions"]
    assert shown.endswith(f"s3:ListBucket on {lab.topology.bucket_arn} from console (3 times)")


def test_an_error_that_says_itself_what_is_wrong_gets_no_allowed_decision(lab: Lab):
    lab.console.attempt("s3:ListBucket", lab.bucket)
    titles = [title for title, _ in reporting.sections(lab, KeyError("x"))]
    assert titles == ["vpcep: the latest decisions", "vpcep: what is configured"]


def test_a_lab_not_set_up_has_nothing_configured(cloud: SimulatedCloud):
    assert reporting.sections(Lab(cloud), AssertionError()) == []
