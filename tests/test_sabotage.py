"""The scenarios on labs gone wrong: exactly the tests that should fail do, and say why.

Each mistake is made in what the lab does (``sabotages.py``), and the lab's own scenarios run on
it: the tests of the step that it belongs to and of later ones, and the two before it. Where every
later test fails because its step cannot be reached, or where no later one has to do with the
mistake, the run ends with the step that shows it, to save time.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sabotages

# Imported here, so that no inner run imports moto and boto3 again.
from pytest_vpcep import reporting  # noqa: F401

SCENARIOS = Path(__file__).parent.parent / "scenarios"
_EARLIER = 2

pytestmark = pytest.mark.needs("bwrap")

LISTED = "test_the_console_lists_the_bucket_and_its_objects"
CLOSED = "test_the_bucket_is_in_the_lab_s_region_and_blocks_public_access"
ROUTED_OUT = "test_the_subnet_s_route_table_leads_to_the_internet_gateway"
PUBLIC = "test_the_instance_has_a_public_address_and_no_key_pair"
TAGGED = "test_everything_is_tagged_with_the_lab"
ADMINISTRATOR_S = "test_the_access_key_is_the_administrator_s"
ACTIVE = "test_the_access_key_is_active_and_its_secret_stays_hidden"
THREE_OBJECTS = "test_the_terminal_lists_the_bucket_and_three_objects"
CONSOLE_SEES = "test_the_console_sees_what_the_terminal_uploaded"
GATEWAY = "test_the_endpoint_is_a_gateway_to_s3_in_the_lab_s_vpc"
NO_ROUTE_YET = "test_no_route_leads_to_the_new_endpoint"
NOTHING_CHANGED = "test_an_endpoint_without_a_route_changes_nothing"
CONSOLE_DENIED = "test_the_bucket_policy_denies_the_console"
ROOT = "test_root_may_still_read_replace_and_delete_the_bucket_policy"
DENIED_BEFORE = "test_before_the_route_the_terminal_is_denied"
ROUTE_ADDED = "test_the_association_adds_the_route_to_the_endpoint"
OVER_ENDPOINT = "test_after_the_route_the_terminal_uses_s3_over_the_endpoint"
POLICY_STOPS = "test_an_endpoint_policy_that_denies_stops_everything"
SET_BACK = "test_the_endpoint_policy_set_back_lets_the_terminal_in_again"
STAYS_DENIED = "test_the_console_stays_denied_throughout"
NOT_EMPTY = "test_a_bucket_with_objects_is_not_removed"
ONLY_TERMINAL = "test_only_the_terminal_can_remove_the_bucket"
NOTHING_LEFT = "test_the_clean_up_leaves_nothing_behind"
KEY_DELETED = "test_the_clean_up_deletes_the_access_key"

CLEAN_UP = (NOTHING_LEFT, KEY_DELETED)
#: What fails where the terminal is kept from the bucket even over the endpoint.
KEPT_OUT = (OVER_ENDPOINT, SET_BACK, NOT_EMPTY, *CLEAN_UP)
#: What fails where the terminal's requests never cross the endpoint.
NEVER_OVER_ENDPOINT = (POLICY_STOPS, *KEPT_OUT)
#: What fails where the console, or anyone outside the VPC, is not denied.
NOT_DENIED = (CONSOLE_DENIED, DENIED_BEFORE, STAYS_DENIED, ONLY_TERMINAL)


@dataclass(frozen=True)
class Sabotaged:
    """A mistake and what has to come of it.

    Args:
        step: the step it belongs to.
        mistake: makes it.
        says: what each failing test's output has to hold, a regular expression.
        fails: the tests that fail, by name.
        unreached: steps of which every test fails, since the lab does not get there.
        last: the last step whose tests are run.

    """

    step: int
    mistake: sabotages.Mistake
    says: str
    fails: tuple[str, ...]
    unreached: range = range(0)
    last: int = 9


CASES = [
    Sabotaged(
        1, sabotages.one_object_only, "notes-on-", (LISTED, THREE_OBJECTS, CONSOLE_SEES), last=4
    ),
    Sabotaged(1, sabotages.public_access_not_blocked, "BlockPublicAcls", (CLOSED,), last=3),
    Sabotaged(1, sabotages.nothing_tagged, "assert set", (TAGGED,), last=3),
    Sabotaged(
        1,
        sabotages.no_internet_gateway_route,
        r"NO_ROUTE_TO_DESTINATION|'0\.0\.0\.0/0'",
        (ROUTED_OUT,),
        unreached=range(2, 10),
        last=3,
    ),
    Sabotaged(
        2,
        sabotages.no_public_address,
        r"no public IPv4 address|get\(.PublicIpAddress.\)",
        (PUBLIC,),
        unreached=range(2, 10),
        last=4,
    ),
    Sabotaged(2, sabotages.no_ssh_rule, "SG_HAS_NO_RULES", (), unreached=range(2, 10), last=4),
    Sabotaged(
        2,
        sabotages.no_ephemeral_ports_out,
        "x SUBNET_ACL_RESTRICTION: ",
        (),
        unreached=range(2, 10),
        last=4,
    ),
    Sabotaged(
        3,
        sabotages.inactive_access_key,
        "'Inactive'|no active access key|InvalidAccessKeyId",
        (ACTIVE, ADMINISTRATOR_S),
        unreached=range(4, 10),
        last=6,
    ),
    Sabotaged(
        3,
        sabotages.access_key_of_another_user,
        "user/guest",
        (ADMINISTRATOR_S,),
        unreached=range(4, 10),
        last=5,
    ),
    Sabotaged(
        4,
        sabotages.wrong_access_key_id_typed,
        "InvalidAccessKeyId",
        (),
        unreached=range(4, 10),
        last=5,
    ),
    Sabotaged(
        4, sabotages.wrong_secret_typed, "SignatureDoesNotMatch", (), unreached=range(4, 10), last=5
    ),
    Sabotaged(
        4, sabotages.nothing_uploaded, r"assert 2 == 3", (THREE_OBJECTS, CONSOLE_SEES), last=5
    ),
    Sabotaged(
        5,
        sabotages.interface_endpoint,
        r"endpoint vpce-\w+: Interface",
        (GATEWAY, ROUTE_ADDED, *NEVER_OVER_ENDPOINT),
    ),
    Sabotaged(
        5,
        sabotages.endpoint_of_dynamodb,
        r"endpoint vpce-\w+: Gateway, com\.amazonaws\.us-east-1\.dynamodb",
        (GATEWAY, *NEVER_OVER_ENDPOINT),
    ),
    Sabotaged(
        5,
        sabotages.endpoint_with_its_route_table_ticked,
        r"of subnet-\w+: .*pl-\w+ -> vpce-",
        (NO_ROUTE_YET, NOTHING_CHANGED, DENIED_BEFORE),
        last=8,
    ),
    Sabotaged(
        6,
        sabotages.deny_covers_objects_only,
        r'"Effect": "Deny".*"Resource": "arn:aws:s3:::[-\w]+/\*"',
        NOT_DENIED,
    ),
    Sabotaged(
        6,
        sabotages.allow_instead_of_deny,
        '"Effect": "Allow".*"StringEquals": {"aws:sourceVpce"',
        NOT_DENIED,
    ),
    Sabotaged(
        6,
        sabotages.deny_of_a_few_actions,
        r'"Action": \["s3:GetObject", "s3:PutObject"\]',
        NOT_DENIED,
    ),
    Sabotaged(
        6,
        sabotages.placeholder_bucket_name,
        "MalformedPolicy.*Policy has invalid resource",
        (CONSOLE_DENIED, ROOT),
        unreached=range(7, 10),
        last=7,
    ),
    Sabotaged(6, sabotages.placeholder_endpoint_id, '"aws:sourceVpce": "vpce-1a2b3c4d"', KEPT_OUT),
    Sabotaged(
        7,
        sabotages.route_table_never_associated,
        "route tables: none",
        (ROUTE_ADDED, *NEVER_OVER_ENDPOINT),
    ),
    Sabotaged(
        7,
        sabotages.another_route_table_associated,
        r"of no subnet: .*pl-\w+ -> vpce-",
        (ROUTE_ADDED, *NEVER_OVER_ENDPOINT),
    ),
    Sabotaged(
        8,
        sabotages.endpoint_policy_left_on_deny,
        "explicit deny in a VPC endpoint policy",
        (SET_BACK, NOT_EMPTY, *CLEAN_UP),
    ),
    Sabotaged(
        8,
        sabotages.endpoint_policy_never_saved,
        "VPC endpoint policy: allowed",
        (POLICY_STOPS,),
    ),
    Sabotaged(9, sabotages.bucket_forgotten, r"the clean-up left vpcep-\w+-bucket", CLEAN_UP),
    Sabotaged(9, sabotages.endpoint_forgotten, r"the clean-up left vpce-\w+", CLEAN_UP),
    Sabotaged(
        9,
        sabotages.access_key_forgotten,
        "the clean-up left .KIA",
        ("test_the_clean_up_leaves_nothing_behind", KEY_DELETED),
    ),
    Sabotaged(9, sabotages.cleaned_up_from_the_console, "send it from instance i-", CLEAN_UP),
    # No mistake, and so nothing may fail.
    Sabotaged(6, sabotages.bucket_policy_over_the_vpc, "", ()),
]


@dataclass
class SabotagedRun:
    """A plugin of the inner run, which makes the mistake in each test and picks the tests.

    Args:
        case: the mistake.

    """

    case: Sabotaged
    step_of: dict[str, int] = field(default_factory=dict)
    failed: dict[str, pytest.TestReport] = field(default_factory=dict)

    @pytest.fixture(autouse=True)
    def _sabotage(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.case.mistake(monkeypatch)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        earlier = [item for item in items if _step(item) < self.case.step]
        shown = [item for item in items if self.case.step <= _step(item) <= self.case.last]
        items[:] = earlier[-_EARLIER:] + shown
        self.step_of.update({item.name: _step(item) for item in items})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed[report.nodeid.rpartition("::")[2]] = report

    @property
    def expected(self) -> set[str]:
        unreached = {name for name, step in self.step_of.items() if step in self.case.unreached}
        return (set(self.case.fails) | unreached) & set(self.step_of)


def _step(item: pytest.Item) -> int:
    marker = item.get_closest_marker("step")
    assert marker is not None, f"{item.name} names no step"
    return int(marker.args[0])


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case.step}-{case.mistake.__name__}") for case in CASES]
)
def test_exactly_these_tests_fail_and_name_the_cause(pytester: pytest.Pytester, case: Sabotaged):
    for name in ("conftest.py", "test_lab.py"):
        shutil.copy(SCENARIOS / name, pytester.path)
    run = SabotagedRun(case)
    pytester.inline_run("-p", "no:cacheprovider", "--tb=short", plugins=[run])
    assert set(run.failed) == run.expected
    for name, report in run.failed.items():
        shown = "\n".join([report.longreprtext, *(text for _, text in report.sections)])
        assert re.search(case.says, shown), f"{name} does not name the cause:\n{shown}"


def test_every_step_has_at_least_two_mistakes():
    steps = [case.step for case in CASES if case.says]
    assert all(steps.count(step) >= 2 for step in range(1, 10))


def test_every_test_of_the_lab_fails_for_some_mistake():
    source = (SCENARIOS / "test_lab.py").read_text()
    marked = re.findall(r"^@pytest\.mark\.step\((\d)\)\ndef (test_\w+)", source, re.MULTILINE)
    step_of = {name: int(step) for step, name in marked}
    seen_failing = {
        name
        for case in CASES
        for name, step in step_of.items()
        if step <= case.last and (name in case.fails or step in case.unreached)
    }
    assert seen_failing == set(step_of)
