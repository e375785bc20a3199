"""What the matrix asks, of whom, and how it is shown."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from matrix_accounts import (
    ACCOUNT,
    ADMINISTRATOR,
    ALL,
    ENDPOINT,
    FULL,
    PUBLIC,
    account,
    identities,
    instance_session,
    network,
    pairs_of_instances,
)

from pytest_vpcep.access import RequestOutcome, access_matrix
from pytest_vpcep.access.context import instance_context
from pytest_vpcep.access.matrix import Cell, Matrix
from pytest_vpcep.access.matrix_html import html_lines
from pytest_vpcep.access.matrix_text import json_lines, table_lines
from pytest_vpcep.errors import RequestError
from pytest_vpcep.snapshot import Snapshot

ONLY_OVER_THE_ENDPOINT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyOverTheEndpoint",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::lab", "arn:aws:s3:::lab/*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ENDPOINT}},
        }
    ],
}


def lab(**changes: Any) -> Snapshot:
    """Pairs of instances, one bucket that is for the endpoint alone, and one for everybody."""
    buckets = {"lab": {"Policy": ONLY_OVER_THE_ENDPOINT}, "logs": {"Policy": None}}
    made = account(network(pairs_of_instances(), FULL), buckets, identities([ALL, ALL]))
    return replace(made, **changes)


def cell(matrix: Matrix, place: str, bucket: str, action: str = "s3:ListBucket") -> Cell:
    (row,) = (number for number, asker in enumerate(matrix.askers) if asker.place == place)
    (found,) = (
        matrix.cells[row][number]
        for number, column in enumerate(matrix.columns)
        if (column.bucket, column.action) == (bucket, action)
    )
    return found


class TestWhoAsks:
    def test_every_instance_and_the_console(self):
        places = [asker.place for asker in access_matrix(lab()).askers]
        assert places == ["console", *(f"i-{number}" for number in range(8))]

    def test_an_instance_asks_as_its_role(self):
        (asker,) = access_matrix(lab(), places=["i-1"]).askers
        assert asker.principal == instance_session("app", 1)
        assert asker.name(ACCOUNT) == "role/team/app"
        assert instance_context(lab(), "i-1", instance_session("app", 1)) == {
            "ec2:SourceInstanceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1",
            "aws:Ec2InstanceSourceVpc": "vpc-1",
            "aws:Ec2InstanceSourcePrivateIPv4": "10.0.0.1",
        }

    def test_an_interface_asks_as_the_instance_it_is_attached_to(self):
        matrix = access_matrix(lab(), places=["eni-1", "i-1"])
        assert matrix.askers[0] == replace(matrix.askers[1], place="eni-1")
        assert matrix.cells[0] == matrix.cells[1]

    def test_without_a_role_it_is_anonymous_and_said_so(self):
        (asker,) = access_matrix(lab(), places=["i-7"]).askers
        assert (asker.principal, asker.role) == ("anonymous", None)
        assert asker.name(ACCOUNT) == "anonymous (no instance profile)"

    def test_an_unknown_instance_profile_leaves_the_outcome_open(self):
        unknown = {**identities([ALL, ALL])["GetAccountAuthorizationDetails"], "RoleDetailList": []}
        matrix = access_matrix(lab(iam={"GetAccountAuthorizationDetails": unknown}))
        found = cell(matrix, "i-0", "lab")
        assert found.outcome is RequestOutcome.UNDETERMINED
        assert found.via == ENDPOINT
        assert "instance-profile/app is not in the snapshot" in found.reason
        isolated = cell(matrix, "i-0", "logs")
        assert isolated.reason == found.reason

    def test_from_the_console_every_user_asks(self):
        (asker,) = access_matrix(lab(), places=["console"]).askers
        assert asker.principal == ADMINISTRATOR

    def test_nobody_known_at_the_console(self):
        (asker,) = access_matrix(lab(iam={}), places=["console"]).askers
        assert asker.principal is None
        assert "no IAM user" in cell(access_matrix(lab(iam={})), "console", "lab").reason

    def test_whoever_is_given(self):
        given = (ADMINISTRATOR, "anonymous", ADMINISTRATOR)
        matrix = access_matrix(lab(), places=["console", "i-0"], principals=given)
        asked = [(asker.place, asker.principal) for asker in matrix.askers]
        assert asked == [
            ("console", ADMINISTRATOR),
            ("console", "anonymous"),
            ("i-0", ADMINISTRATOR),
            ("i-0", "anonymous"),
        ]

    def test_instances_without_interface_are_left_out_and_named(self):
        snapshot = lab()
        gone = {"InstanceId": "i-gone", "State": {"Name": "terminated"}}
        reservations = [
            *snapshot.ec2["DescribeInstances"]["Reservations"],
            {"Instances": [gone]},
        ]
        described = {**snapshot.ec2, "DescribeInstances": {"Reservations": reservations}}
        matrix = access_matrix(lab(ec2=described))
        assert matrix.left_out == ("i-gone",)
        assert "no network interface: i-gone (terminated)" in "".join(table_lines(matrix))
        assert "no network interface: i-gone (terminated)" in "".join(html_lines(matrix))
        assert access_matrix(lab(ec2=described), places=["i-0"]).left_out == ()


class TestWhatIsAsked:
    def test_listing_and_reading_by_default(self):
        columns = access_matrix(lab(), places=["console"]).columns
        assert [(column.bucket, column.action, column.resource) for column in columns] == [
            ("lab", "s3:ListBucket", "arn:aws:s3:::lab"),
            ("lab", "s3:GetObject", "arn:aws:s3:::lab/*"),
            ("logs", "s3:ListBucket", "arn:aws:s3:::logs"),
            ("logs", "s3:GetObject", "arn:aws:s3:::logs/*"),
        ]

    def test_other_actions_buckets_and_keys(self):
        actions = ["s3:PutObject", "s3:getbucketpolicy"]
        columns = access_matrix(lab(), buckets=["logs"], actions=actions, key="a/b").columns
        assert [column.resource for column in columns] == [
            "arn:aws:s3:::logs/a/b",
            "arn:aws:s3:::logs",
        ]

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            pytest.param({"actions": ["s3:*"]}, "no S3 action on a bucket", id="wildcard"),
            pytest.param({"actions": ["s3:ListAllMyBuckets"]}, "no S3 action", id="on-neither"),
            pytest.param({"actions": ["ec2:RunInstances"]}, "no S3 action", id="other-service"),
            pytest.param({"actions": ["GetObject"]}, "no S3 action", id="no-service"),
            pytest.param({"buckets": ["nobodys"]}, "no bucket nobodys", id="bucket"),
            pytest.param({"places": ["i-99"]}, "no instance or network interface", id="place"),
            pytest.param({"principals": [f"{ADMINISTRATOR}2"]}, "no principal", id="principal"),
        ],
    )
    def test_questions_that_make_no_sense(self, asked, said):
        with pytest.raises(RequestError, match=said):
            access_matrix(lab(), **asked)

    def test_no_buckets_at_all(self):
        with pytest.raises(RequestError, match="has no buckets"):
            access_matrix(lab(s3={"Buckets": {}}))


class TestOutcomes:
    """The lab's own: over the endpoint allowed, any other way denied."""

    @pytest.mark.parametrize(
        ("place", "bucket", "expected"),
        [
            pytest.param("i-0", "lab", ("allowed", ENDPOINT, None), id="endpoint"),
            pytest.param("i-2", "lab", ("denied", "igw-1", "explicitDeny"), id="internet"),
            pytest.param("i-4", "lab", ("denied", "nat-1", "explicitDeny"), id="nat"),
            pytest.param("console", "lab", ("denied", None, "explicitDeny"), id="console"),
            pytest.param("i-7", "logs", ("denied", ENDPOINT, "implicitDeny"), id="anonymous"),
            pytest.param("i-2", "logs", ("allowed", "igw-1", None), id="no-policy"),
        ],
    )
    def test_each_way(self, place, bucket, expected):
        found = cell(access_matrix(lab()), place, bucket)
        assert (found.outcome, found.via, found.code) == expected

    def test_the_reason_names_the_statement(self):
        found = cell(access_matrix(lab()), "i-2", "lab")
        assert found.reason == (
            'explicit deny in the bucket policy of lab, statement 1 "OnlyOverTheEndpoint"'
        )
        assert cell(access_matrix(lab()), "i-7", "logs").reason == "no bucket policy allows it"

    def test_an_instance_that_does_not_run(self):
        instances = [{**pairs_of_instances()[0], "state": "stopped"}] * 2
        matrix = access_matrix(lab(ec2=network(instances, FULL)))
        found = cell(matrix, "i-0", "lab")
        assert (found.outcome, found.code) == ("unreachable", "BAD_STATE")
        assert "i-0 is stopped" in found.reason
        assert [len(block.askers) for block in matrix.blocks()] == [1, 2]

    def test_a_reason_of_many_names_none_of_them(self):
        instances = [{**pairs_of_instances()[2], "public": None}] * 12
        matrix = access_matrix(lab(ec2=network(instances, FULL)), places=["i-1", "i-11"])
        (block,) = matrix.blocks()
        assert matrix.cells[0][0].reason.startswith("network interface eni-1 has no public")
        assert block.cells[0].reason.startswith("its network interface has no public")
        assert "eni-" not in block.cells[0].reason


class TestTable:
    def test_rows_that_are_alike_are_shown_together(self):
        lines = "".join(table_lines(access_matrix(lab()))).splitlines()
        assert lines[0] == "36 requests: 22 allowed, 14 denied"
        titles = lines[2].split()
        assert titles == ["FROM", "AS", "BUCKET", "ACTION", "OUTCOME", "WAY", "WHY"]
        rows = [re.split(r" {2,}", line.strip()) for line in lines[4:]]
        assert rows[0][:6] == [
            "console",
            "user/admin",
            "lab",
            "s3:ListBucket, s3:GetObject",
            "denied",
            "internet",
        ]
        pair = next(number for number, row in enumerate(rows) if row[0] == "i-0")
        assert rows[pair][1:] == [
            "role/team/app",
            "lab",
            "s3:ListBucket, s3:GetObject",
            "allowed",
            ENDPOINT,
        ]
        assert rows[pair + 1] == [
            "i-1",
            "logs",
            "s3:ListBucket, s3:GetObject",
            "allowed",
            ENDPOINT,
        ]

    def test_columns_stand_below_each_other(self):
        lines = "".join(table_lines(access_matrix(lab()))).splitlines()[2:]
        starts = [lines[0].index(title) for title in ("BUCKET", "OUTCOME")]
        for line in filter(None, lines):
            for start in starts:
                assert line[start - 2 : start].strip() == ""


class TestJson:
    def test_every_request_is_there(self):
        matrix = access_matrix(lab())
        document = json.loads("".join(json_lines(matrix)))
        assert document["format"] == "vpcep-matrix/1"
        assert document["outcomes"] == {
            "allowed": 22,
            "denied": 14,
            "unreachable": 0,
            "undetermined": 0,
        }
        requests = document["requests"]
        assert len(requests) == sum(map(len, matrix.cells))
        assert requests[0] == {
            "from": "console",
            "principal": ADMINISTRATOR,
            "action": "s3:ListBucket",
            "resource": "arn:aws:s3:::lab",
            "outcome": "denied",
            "via": None,
            "code": "explicitDeny",
            "reason": cell(matrix, "console", "lab").reason,
        }

    def test_each_request_has_a_line_of_its_own(self):
        lines = "".join(json_lines(access_matrix(lab(), places=["i-0"]))).splitlines()
        assert [json.loads(line.rstrip(","))["from"] for line in lines[1:-1]] == ["i-0"] * 4


class Page(HTMLParser):
    """What a browser would make of the page: its tags, the table's cells, links and targets."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


class TestHtml:
    def test_it_needs_nothing_from_elsewhere(self):
        text = "".join(html_lines(access_matrix(lab())))
        page = Page(text)
        assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
        assert not re.search(r"https?:|url\(|@import|src=", text)

    def test_headers_say_what_they_head(self):
        matrix = access_matrix(lab())
        page = Page("".join(html_lines(matrix)))
        heads = page.of("th")
        assert all(head.get("scope") for head in heads)
        assert [head["colspan"] for head in heads if head["scope"] == "colgroup"] == ["2", "2"]
        rows = [head for head in heads if head["scope"] == "row"]
        assert len(rows) == len(list(matrix.blocks()))
        # One cell for each request of a block, and one for who asks.
        assert len(page.of("td")) == len(rows) * (len(matrix.columns) + 1)
        assert page.of("html") == [{"lang": "en"}]
        assert page.of("caption")

    def test_every_reason_linked_to_is_there(self):
        page = Page("".join(html_lines(access_matrix(lab()))))
        links = {str(link["href"]).removeprefix("#") for link in page.of("a")}
        assert links
        assert links == {item["id"] for item in page.of("li")}

    def test_without_reasons_none_are_listed(self):
        matrix = access_matrix(lab(), places=["i-0"])
        assert "Reasons" not in "".join(html_lines(matrix))

    def test_names_are_text_not_markup(self):
        buckets = {"<script>alert(1)</script>": {"Policy": None}}
        text = "".join(html_lines(access_matrix(lab(s3={"Buckets": buckets}))))
        assert "<script" not in text
        assert "<script>alert(1)</script>" in Page(text).text

    def test_many_alike_open_on_demand(self):
        instances = [pairs_of_instances()[0]] * 9
        matrix = access_matrix(lab(ec2=network(instances, FULL)))
        page = Page("".join(html_lines(matrix)))
        assert len(page.of("details")) == 1
        assert "and 8 alike" in page.text
        assert {f"i-{number}" for number in range(9)} <= set(page.text)

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_text_stands_out_from_its_ground(self, scheme):
        """At least 4.5:1: "Contrast (Minimum)", Web Content Accessibility Guidelines 2.2."""
        text = "".join(html_lines(access_matrix(lab(), places=["i-0"])))
        light, dark = text.split("@media")
        found = light if scheme == "light" else dark
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", found))
        pairs = [(name, f"{name}-ground") for name in RequestOutcome]
        for ink, ground in [*pairs, ("text", "page"), ("text", "head"), ("faint", "page")]:
            assert contrast(colours[ink], colours[ground]) >= 4.5


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_addresses_tell_apart_only_where_a_policy_asks() -> None:
    """The pair behind the internet gateway differs for the one bucket that asks for addresses."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": PUBLIC[0]}},
    }
    asks = {"Policy": {"Version": "2012-10-17", "Statement": [statement]}}
    matrix = access_matrix(lab(s3={"Buckets": {"asks": asks, "logs": {"Policy": None}}}))
    assert cell(matrix, "i-2", "asks").outcome is RequestOutcome.DENIED
    assert cell(matrix, "i-3", "asks").outcome is RequestOutcome.ALLOWED
    assert cell(matrix, "i-2", "logs") is cell(matrix, "i-3", "logs")
