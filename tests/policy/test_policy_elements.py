"""``Action``, ``Resource``, ``Principal`` and their ``Not`` forms: what each covers."""

from __future__ import annotations

import pytest
from policy_questions import (
    ACCOUNT,
    EXPLICIT,
    FEDERATED,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    USER,
    allow,
    deny,
    policy,
    request,
    statement,
)

from pytest_vpcep.policy import Policies, evaluate

ACTION = "IAM JSON policy elements: Action"
NOT_ACTION = "IAM JSON policy elements: NotAction"
RESOURCE = "IAM JSON policy elements: Resource"
NOT_RESOURCE = "IAM JSON policy elements: NotResource"
PRINCIPAL = "AWS JSON policy elements: Principal"
NOT_PRINCIPAL = "AWS JSON policy elements: NotPrincipal"
VARIABLES = "IAM policy elements: Variables and tags"
ALL = allow()


@pytest.mark.parametrize(
    ("page", "elements", "action", "expected"),
    [
        pytest.param(*row, id=f"{row[1]}-{row[2]}")
        for row in (
            (ACTION, {"Action": "s3:GetObject"}, "s3:GetObject", True),
            (ACTION, {"Action": "S3:getobject"}, "s3:GetObject", True),
            (ACTION, {"Action": "s3:GetObject"}, "S3:GETOBJECT", True),
            (ACTION, {"Action": "s3:GetObject"}, "s3:GetObjectAcl", False),
            (ACTION, {"Action": "s3:GetObject*"}, "s3:GetObjectAcl", True),
            (ACTION, {"Action": "s3:*Object"}, "s3:PutObject", True),
            (ACTION, {"Action": "s3:*Object"}, "s3:PutObjectAcl", False),
            (ACTION, {"Action": "s3:?etObject"}, "s3:GetObject", True),
            (ACTION, {"Action": "s3:?etObject"}, "s3:etObject", False),
            (ACTION, {"Action": "iam:*AccessKey*"}, "iam:CreateAccessKey", True),
            (ACTION, {"Action": "s3:*"}, "s3express:CreateSession", False),
            (ACTION, {"Action": "*"}, "ec2:RunInstances", True),
            (ACTION, {"Action": "*:*"}, "ec2:RunInstances", True),
            (ACTION, {"Action": ["ec2:*", "s3:*"]}, "s3:GetObject", True),
            (NOT_ACTION, {"NotAction": "iam:*"}, "s3:GetObject", True),
            (NOT_ACTION, {"NotAction": "s3:*"}, "s3:GetObject", False),
            (NOT_ACTION, {"NotAction": ["iam:*", "S3:GET*"]}, "s3:GetObject", False),
        )
    ],
)
def test_action(page, elements, action, expected):
    granted = Policies(identity=(allow(**elements),))
    assert evaluate(request(USER, action), granted).allowed is expected, page


@pytest.mark.parametrize(
    ("page", "elements", "resource", "expected"),
    [
        pytest.param(*row, id=f"{row[1]}-{row[2]}")
        for row in (
            (RESOURCE, {"Resource": "*"}, "arn:aws:s3:::photos/a", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos"}, "arn:aws:s3:::photos", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos"}, "arn:aws:s3:::photos/a", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*"}, "arn:aws:s3:::photos", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*"}, "arn:aws:s3:::photos/a/b", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*/c"}, "arn:aws:s3:::photos/a/b/c", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*/test/*"},
             "arn:aws:s3:::photos/1///test///object.jpg", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*/test/*"},
             "arn:aws:s3:::photos/1-test/object.jpg", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*/test/*"},
             "arn:aws:s3:::photos/test/object.jpg", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos*"}, "arn:aws:s3:::photos-2/a", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/a?c"}, "arn:aws:s3:::photos/abc", True),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/a?c"}, "arn:aws:s3:::photos/ac", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/A"}, "arn:aws:s3:::photos/a", False),
            (RESOURCE, {"Resource": "arn:aws:s3:::photos/*.jpg"}, "arn:aws:s3:::photos/a:b.jpg",
             True),
            (RESOURCE, {"Resource": "arn:aws:s3:::*"}, "arn:aws:s3:::photos/a", True),
            (RESOURCE, {"Resource": "arn:aws:s3*"}, "arn:aws:s3:::photos/a", True),
            (RESOURCE, {"Resource": "arn:aws:sqs:*:*:jobs"}, f"arn:aws:sqs:r:{ACCOUNT}:jobs", True),
            (RESOURCE, {"Resource": "arn:aws:sqs:us-*-1:*:jobs"},
             f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs", True),
            (RESOURCE, {"Resource": "arn:aws:sqs:us-*-1:1:jobs"},
             "arn:aws:sqs:us-west:2:a-1:1:jobs", False),
            (RESOURCE, {"Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}, "arn:aws:s3:::b/x",
             True),
            (NOT_RESOURCE, {"NotResource": "arn:aws:s3:::photos/*"}, "arn:aws:s3:::photos/a",
             False),
            (NOT_RESOURCE, {"NotResource": "arn:aws:s3:::photos/*"}, "arn:aws:s3:::photos", True),
            (NOT_RESOURCE, {"NotResource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]}, "arn:aws:s3:::b",
             False),
            (VARIABLES, {"Resource": "arn:aws:s3:::photos/${aws:username}/*"},
             "arn:aws:s3:::photos/alice/x", True),
            (VARIABLES, {"Resource": "arn:aws:s3:::photos/${aws:username}/*"},
             "arn:aws:s3:::photos/bob/x", False),
            (VARIABLES, {"Resource": "arn:aws:s3:::photos/${aws:userid}/*"},
             "arn:aws:s3:::photos/${aws:userid}/x", False),
            (VARIABLES, {"NotResource": "arn:aws:s3:::photos/${aws:userid}/*"},
             "arn:aws:s3:::photos/x", True),
            (VARIABLES, {"Resource": "arn:aws:s3:::b-${aws:PrincipalTag/team, 'company-wide'}"},
             "arn:aws:s3:::b-company-wide", True),
            (VARIABLES, {"Resource": "arn:aws:s3:::photos/x${*}y"}, "arn:aws:s3:::photos/x*y",
             True),
            (VARIABLES, {"Resource": "arn:aws:s3:::photos/x${*}y"}, "arn:aws:s3:::photos/xzy",
             False),
        )
    ],
)  # fmt: skip
def test_resource(page, elements, resource, expected):
    granted = Policies(identity=(allow(**elements),))
    assert evaluate(request(USER, "s3:GetObject", resource), granted).allowed is expected, page


@pytest.mark.parametrize(
    ("written", "principal", "covered"),
    [
        pytest.param(*row, id=f"{row[0]}-{row[1].rpartition(':')[2]}")
        for row in (
            ("*", USER, True),
            ("*", "anonymous", True),
            ("*", SERVICE, True),
            ({"AWS": "*"}, ROOT, True),
            ({"AWS": USER}, USER, True),
            ({"AWS": USER.upper()}, USER, False),
            ({"AWS": [ROLE, USER]}, USER, True),
            ({"AWS": ACCOUNT}, USER, True),
            ({"AWS": ACCOUNT}, SESSION, True),
            ({"AWS": ACCOUNT}, FEDERATED, True),
            ({"AWS": ROOT}, ROOT, True),
            ({"AWS": int(ACCOUNT)}, USER, True),
            ({"AWS": OTHER_ACCOUNT}, USER, False),
            ({"AWS": ROLE}, SESSION, True),
            ({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}, SESSION, False),
            ({"AWS": SESSION}, SESSION, True),
            ({"AWS": SESSION}, ROLE, False),
            ({"AWS": FEDERATED}, FEDERATED, True),
            ({"AWS": USER}, "anonymous", False),
            ({"AWS": USER}, ROOT, False),
            ({"AWS": "123456789"}, USER, False),
            ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a/b/reader"}, SESSION, True),
            ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader/x"}, SESSION, False),
            ({"Service": SERVICE}, SERVICE, True),
            ({"Service": ["ec2.amazonaws.com", SERVICE]}, SERVICE, True),
            ({"Service": SERVICE}, USER, False),
            ({"Federated": "graph.facebook.com"}, USER, False),
            ({"CanonicalUser": "79a5"}, USER, False),
            ({"AWS": USER, "Service": SERVICE}, SERVICE, True),
        )
    ],
)
def test_principal(written, principal, covered):
    """Asked with a ``Deny``, which applies to whomever its ``Principal`` covers."""
    locked = deny(Principal=written)
    outcome = evaluate(request(principal), Policies(resource=locked)).outcome
    assert (outcome is EXPLICIT) is covered, PRINCIPAL


@pytest.mark.parametrize(
    ("listed", "principal", "denied", "certain"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("user and account", [USER, ROOT], USER, False, True),
            ("user without account", [USER], USER, False, False),
            ("account alone", [ROOT], USER, True, True),
            ("another user", [USER + "2", ROOT], USER, True, True),
            ("session, role and account", [SESSION, ROLE, ROOT], SESSION, False, True),
            ("session without role", [SESSION, ROOT], SESSION, False, False),
            ("role and account", [ROLE, ROOT], SESSION, False, False),
            ("root", [ROOT], ROOT, False, True),
            ("anonymous", [USER, ROOT], "anonymous", True, True),
            ("service", [USER, ROOT], SERVICE, True, True),
        )
    ],
)
def test_not_principal_with_deny(listed, principal, denied, certain):
    locked = policy(statement(Principal="*"), statement("Deny", NotPrincipal={"AWS": listed}))
    evaluation = evaluate(request(principal), Policies(resource=locked))
    assert (evaluation.outcome is EXPLICIT) is denied, NOT_PRINCIPAL
    assert (evaluation.undetermined is None) is certain


def test_not_principal_with_deny_and_a_permissions_boundary():
    """From "AWS JSON policy elements: NotPrincipal": it always denies whoever has a boundary."""
    locked = policy(statement(Principal="*"), statement("Deny", NotPrincipal={"AWS": [USER, ROOT]}))
    assert evaluate(request(), Policies(resource=locked)).allowed
    bounded = Policies(resource=locked, permissions_boundary=ALL)
    assert evaluate(request(), bounded).outcome is EXPLICIT


@pytest.mark.parametrize(
    ("principal", "allowed"),
    [
        pytest.param(USER, False, id="the one listed"),
        pytest.param(SESSION, True, id="someone else"),
        pytest.param("anonymous", True, id="anonymous too"),
    ],
)
def test_not_principal_with_allow(principal, allowed):
    """From "AWS JSON policy elements: NotPrincipal": all but those listed are allowed."""
    granted = allow(NotPrincipal={"AWS": USER})
    assert evaluate(request(principal), Policies(resource=granted)).allowed is allowed


def test_a_resource_based_statement_without_principal_covers_nobody():
    """From "AWS JSON policy elements: Principal": resource-based policies have to have one."""
    assert not evaluate(request("anonymous"), Policies(resource=ALL)).allowed


@pytest.mark.parametrize(
    ("key", "principal", "value"),
    [
        pytest.param(*row, id=f"{row[0]}-{row[1].rpartition(':')[2]}")
        for row in (
            ("aws:PrincipalArn", USER, USER),
            ("aws:PrincipalArn", SESSION, ROLE),
            ("aws:PrincipalArn", FEDERATED, FEDERATED),
            ("aws:PrincipalArn", ROOT, ROOT),
            ("aws:PrincipalAccount", SESSION, ACCOUNT),
            ("aws:PrincipalType", USER, "User"),
            ("aws:PrincipalType", SESSION, "AssumedRole"),
            ("aws:PrincipalType", FEDERATED, "FederatedUser"),
            ("aws:PrincipalType", ROOT, "Account"),
            ("aws:PrincipalType", "anonymous", "Anonymous"),
            ("aws:username", USER, "alice"),
            ("aws:username", SESSION, None),
            ("aws:username", f"arn:aws:iam::{ACCOUNT}:user/team/bob", "bob"),
            ("aws:ResourceAccount", "anonymous", ACCOUNT),
            ("s3:ResourceAccount", USER, ACCOUNT),
            ("aws:PrincipalAccount", "anonymous", None),
        )
    ],
)
def test_context_that_follows(key, principal, value):
    """From "IAM policy elements: Variables and tags", table of principal key values."""
    operator = {"Null": {key: "true"}} if value is None else {"StringEquals": {key: value}}
    locked = deny(Principal="*", Condition=operator)
    assert evaluate(request(principal), Policies(resource=locked)).outcome is EXPLICIT


def test_context_of_the_request_wins_over_what_follows():
    with_path = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
    locked = deny(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": with_path}})
    asked = request(SESSION, aws__PrincipalArn=with_path)
    assert evaluate(asked, Policies(resource=locked)).outcome is EXPLICIT
