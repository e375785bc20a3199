"""Cases as JSON Lines: the contract's forms in and out."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from policy_questions import ACCOUNT, OBJECT, USER, statement

from pytest_vpcep.policy.json_lines import decide_lines

ALL = {"Version": "2012-10-17", "Statement": [statement()]}
LOCKED = {"Version": "2012-10-17", "Statement": [statement("Deny", Principal="*")]}
REQUEST = {
    "principal": USER,
    "action": "s3:GetObject",
    "resource": OBJECT,
    "resource_account": ACCOUNT,
    "context": {"aws:SourceVpce": "vpce-1", "aws:TagKeys": ["a", "b"]},
}


def judge(**case):
    """The answer to one case, and whether it could be judged."""
    ((answer, judged),) = decide_lines([json.dumps(case)])
    return answer, judged


def test_a_denial():
    answer, judged = judge(
        id="c1", request=REQUEST, policies={"identity": [ALL], "resource": LOCKED}
    )
    assert judged
    assert answer == {
        "id": "c1",
        "decision": "explicitDeny",
        "decided_by": "resource",
        "statement": {"index": 0, "sid": None},
        "message": f"User: {USER} is not authorized to perform: s3:GetObject on resource: "
        f'"{OBJECT}" with an explicit deny in a resource-based policy',
    }


def test_an_allowed_request():
    answer, judged = judge(id=7, request=REQUEST, policies={"identity": [ALL]})
    assert judged
    assert answer == {
        "id": 7,
        "decision": "allowed",
        "decided_by": "identity",
        "statement": {"index": 0, "sid": None},
        "message": None,
    }


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param({}, id="absent"),
        pytest.param(
            {
                "identity": [],
                "permissions_boundary": None,
                "session": [],
                "resource": None,
                "vpc_endpoint": None,
                "scps": [],
                "rcps": [],
            },
            id="empty",
        ),
        pytest.param({"identity": None, "scps": None, "rcps": None, "session": None}, id="null"),
    ],
)
def test_types_that_are_absent_do_not_apply(policies):
    answer, judged = judge(id="c", request=REQUEST, policies=policies)
    assert judged
    assert (answer["decision"], answer["decided_by"], answer["statement"]) == (
        "implicitDeny",
        "identity",
        None,
    )


@pytest.mark.parametrize(
    ("policies", "decided_by"),
    [
        pytest.param({"permissions_boundary": LOCKED}, "permissions_boundary", id="boundary"),
        pytest.param({"session": [LOCKED]}, "session", id="session"),
        pytest.param({"vpc_endpoint": LOCKED}, "vpc_endpoint", id="endpoint"),
        pytest.param({"scps": [[ALL], [LOCKED]]}, "scp", id="SCP"),
        pytest.param({"rcps": [[LOCKED]]}, "rcp", id="RCP"),
        pytest.param({"identity": [LOCKED]}, "identity", id="identity"),
    ],
)
def test_each_type_is_read(policies, decided_by):
    unprincipled = json.loads(json.dumps(policies))
    if decided_by not in ("vpc_endpoint", "rcp"):
        text = json.dumps(unprincipled).replace(', "Principal": "*"', "")
        unprincipled = json.loads(text)
    answer, judged = judge(id="c", request=REQUEST, policies=unprincipled)
    assert judged, answer
    assert (answer["decision"], answer["decided_by"]) == ("explicitDeny", decided_by)


def test_what_aws_leaves_open_is_said():
    unknown_owner = {**REQUEST, "resource_account": None}
    answer, judged = judge(id="c", request=unknown_owner, policies={"identity": [ALL]})
    assert judged
    assert "account" in answer["undetermined"]


@pytest.mark.parametrize(
    ("line", "code", "part"),
    [
        pytest.param(line, code, part, id=label)
        for label, line, code, part in (
            ("no JSON", "{", "InvalidCase", "not JSON"),
            ("too deep", "[" * 100_000, "InvalidCase", "not JSON"),
            ("no object", "[]", "InvalidCase", "not a JSON object"),
            ("no request", '{"id": "c"}', "InvalidCase", "request is missing"),
            ("no action", {"request": {"principal": USER, "resource": "*"}}, "InvalidCase",
             "request.action"),
            ("wildcard action", {"request": {**REQUEST, "action": "s3:*"}}, "InvalidCase",
             "service:Operation"),
            ("action without service", {"request": {**REQUEST, "action": "GetObject"}},
             "InvalidCase", "service:Operation"),
            ("unknown request field", {"request": {**REQUEST, "region": "x"}}, "InvalidCase",
             "region"),
            ("number as account", {"request": {**REQUEST, "resource_account": 1}}, "InvalidCase",
             "resource_account"),
            ("unknown principal", {"request": {**REQUEST, "principal": "alice"}}, "InvalidCase",
             "principal"),
            ("context of a list", {"request": {**REQUEST, "context": []}}, "InvalidCase",
             "request.context"),
            ("number in context", {"request": {**REQUEST, "context": {"k": 1}}}, "InvalidCase",
             "request.context['k']"),
            ("policies of a list", {"request": REQUEST, "policies": []}, "InvalidCase", "policies"),
            ("unknown type", {"request": REQUEST, "policies": {"acl": []}}, "InvalidCase", "acl"),
            ("identity of one", {"request": REQUEST, "policies": {"identity": ALL}}, "InvalidCase",
             "policies.identity"),
            ("levels of one", {"request": REQUEST, "policies": {"scps": ALL}}, "InvalidCase",
             "policies.scps"),
            ("level of one", {"request": REQUEST, "policies": {"scps": [ALL]}}, "InvalidCase",
             "policies.scps[]"),
            ("empty policy", {"request": REQUEST, "policies": {"identity": [{}]}},
             "MalformedPolicy", "Missing required field Statement"),
            ("policy of a number", {"request": REQUEST, "policies": {"resource": 1}},
             "MalformedPolicy", "first byte"),
            ("identity with Principal", {"request": REQUEST, "policies": {"identity": [LOCKED]}},
             "MalformedPolicy", "should not specify a principal"),
            ("resource without Principal", {"request": REQUEST, "policies": {"resource": ALL}},
             "MalformedPolicy", "Missing required field Principal"),
            ("identity without Resource",
             {"request": REQUEST,
              "policies": {"identity": [{"Statement": {"Effect": "Allow", "Action": "*"}}]}},
             "MalformedPolicy", "Missing required field Resource"),
        )
    ],
)  # fmt: skip
def test_what_cannot_be_judged(line, code, part):
    text = line if isinstance(line, str) else json.dumps({"id": "c", **line})
    ((answer, judged),) = decide_lines([text])
    assert not judged
    assert set(answer) == {"id", "error"}
    assert answer["error"]["code"] == code
    assert part in answer["error"]["message"]


def test_order_is_kept_and_blank_lines_are_passed_over():
    lines = [json.dumps({"id": n, "request": REQUEST}) for n in range(3)]
    answers = [
        answer["id"] for answer, _ in decide_lines([lines[0], "\n", lines[1], " ", lines[2]])
    ]
    assert answers == [0, 1, 2]


def test_a_policy_may_be_given_as_text():
    answer, judged = judge(id="c", request=REQUEST, policies={"identity": [json.dumps(ALL)]})
    assert (judged, answer["decision"]) == (True, "allowed")


def test_the_engine_loads_at_once_and_without_the_clouds():
    """``vpcep explain`` has half a second in all, an interpreter's start included."""
    code = (
        "import sys, pytest_vpcep.policy.json_lines;"
        "sys.exit(bool({'boto3', 'botocore', 'moto', 'pytest'} & set(sys.modules)))"
    )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    assert time.perf_counter() - started < 5
