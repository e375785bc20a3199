"""Endpoint and identity-based policies as EC2 and IAM take them; any policy, there and back."""

from __future__ import annotations

import json

import pytest
from policy_questions import USER, statement

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import (
    parse_policy,
    validate_endpoint_policy,
    validate_identity_policy,
)

ENDPOINT = "Control access to VPC endpoints using endpoint policies"
GRAMMAR = "Grammar of the IAM JSON policy language"
QUOTAS = "IAM and AWS STS quotas"
SEEN = "public issue threads"


def text(*statements, **elements):
    """A policy of some statements, as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | elements)


@pytest.mark.parametrize(
    ("document", "gateway"),
    [
        pytest.param('{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", '
                     '"Resource": "*"}]}', True, id="default"),
        pytest.param(text(statement("Deny", Principal="*")), True, id="deny"),
        pytest.param(text(statement(Principal={"AWS": "*"})), True, id="everyone in a map"),
        pytest.param(text(statement(Principal={"AWS": USER})), False, id="user, interface"),
    ],
)  # fmt: skip
def test_endpoint_policy_accepted(document, gateway):
    assert validate_endpoint_policy(document, gateway=gateway).statements, ENDPOINT


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        pytest.param("not json", "InvalidPolicyDocument",
                     "The Policy Document is not valid. Policies must be valid JSON and the first "
                     "byte must be '{'", id="no JSON"),
        pytest.param('{"Statement": [}', "InvalidPolicyDocument",
                     "The Policy Document is not valid. Syntax error at position (1,15)",
                     id="syntax"),
        pytest.param(b'{"\xff": 1}', "InvalidPolicyDocument",
                     "The Policy Document is not valid. Syntax error at position (1,0)",
                     id="not UTF-8"),
        pytest.param("{}", "InvalidPolicyDocument",
                     "The Policy Document is not valid. Missing required field Statement",
                     id="empty"),
        pytest.param(text(statement()), "InvalidPolicyDocument",
                     "The Policy Document is not valid. Missing required field Principal",
                     id="no Principal"),
        pytest.param('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}',
                     "InvalidPolicyDocument",
                     "The Policy Document is not valid. Missing required field Resource",
                     id="no Resource"),
        pytest.param(text(statement(Principal={"AWS": USER})), "InvalidPolicyDocument",
                     "The Policy Document is not valid. Invalid principal in policy",
                     id="user on a gateway"),
        pytest.param(text(statement(NotPrincipal="*")), "InvalidPolicyDocument",
                     "The Policy Document is not valid. Invalid principal in policy",
                     id="NotPrincipal on a gateway"),
        pytest.param(text(statement(Principal="*", Sid="x" * 20_480)), "InvalidParameter",
                     "The policy document exceeds the limit of 20480 characters.", id="too long"),
    ],
)  # fmt: skip
def test_endpoint_policy_refused(document, code, message):
    with pytest.raises(PolicyRefused) as refusal:
        validate_endpoint_policy(document, gateway=True)
    assert (refusal.value.code, refusal.value.message) == (code, message), ENDPOINT


def test_endpoint_policy_of_20480_characters_is_accepted():
    """From "Control access to VPC endpoints ...": 20,480 characters, with white space."""
    document = text(statement(Principal="*"))
    assert validate_endpoint_policy(document + " " * (20_480 - len(document)), gateway=True)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(text(statement()), id="administrator"),
        pytest.param(text(statement(Sid="A1"), statement("Deny", Sid="B2")), id="Sids"),
        pytest.param(text(statement(Resource="arn:aws:s3:::photos/*")), id="ARN"),
    ],
)
def test_identity_policy_accepted(document):
    assert validate_identity_policy(document).statements, GRAMMAR


@pytest.mark.parametrize(
    ("page", "document", "message"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("no JSON", SEEN, "{", "Syntax errors in policy."),
            ("Id", GRAMMAR, text(statement(), Id="x"), "Syntax errors in policy."),
            ("Principal", SEEN, text(statement(Principal="*")),
             "Policy document should not specify a principal."),
            ("no Action", SEEN, '{"Statement": {"Effect": "Allow", "Resource": "*"}}',
             "Policy statement must contain actions."),
            ("no Resource", SEEN, '{"Statement": {"Effect": "Allow", "Action": "*"}}',
             "Policy statement must contain resources."),
            ("action without service", SEEN, text(statement(Action="GetObject")),
             "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
            ("resource without ARN", SEEN, text(statement(Resource="photos")),
             'Resource photos must be in ARN format or "*".'),
            ("Sid twice", SEEN, text(statement(Sid="a"), statement(Sid="a")),
             "Statement IDs (SID) in a single policy must be unique."),
            ("Sid with a space", GRAMMAR, text(statement(Sid="a b")),
             "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
             "regular expression [0-9A-Za-z]*"),
            ("no Effect", GRAMMAR, '{"Statement": {"Action": "*", "Resource": "*"}}',
             "Syntax errors in policy."),
        )
    ],
)  # fmt: skip
def test_identity_policy_refused(page, document, message):
    with pytest.raises(PolicyRefused) as refusal:
        validate_identity_policy(document)
    assert (refusal.value.code, refusal.value.message) == ("MalformedPolicyDocument", message), page


def test_identity_policy_size_leaves_white_space_out():
    """From "IAM and AWS STS quotas": white space does not count towards 6,144 characters."""
    assert validate_identity_policy(text(statement()) + " " * 10_000)
    with pytest.raises(PolicyRefused, match="LimitExceeded: Cannot exceed quota for PolicySize"):
        validate_identity_policy(text(statement(Sid="x" * 6_144)).encode())


FULL = {
    "Version": "2012-10-17",
    "Id": "P",
    "Statement": [
        {
            "Sid": "one",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": [USER], "Service": ["ec2.amazonaws.com"]},
            "NotAction": ["s3:Get*"],
            "NotResource": ["arn:aws:s3:::a/${aws:username}"],
            "Condition": {
                "StringLike": {"aws:PrincipalTag/Team": ["a*", "b"]},
                "Null": {"aws:SourceVpce": ["true"]},
            },
        },
        {"Effect": "Allow", "Principal": "*", "Action": ["*"], "Resource": ["*"]},
    ],
}


@pytest.mark.parametrize("form", [FULL, json.dumps(FULL), json.dumps(FULL).encode()])
def test_every_element_survives_there_and_back(form):
    read = parse_policy(form, name="full")
    assert json.loads(read.to_json()) == FULL
    assert parse_policy(read.to_json(), name="full") == read
    assert read.name == "full"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"Statement": [{"Effect": object()}]}, id="no JSON type"),
        pytest.param({"Statement": {1: 2}}, id="key of no text"),
        pytest.param({"Statement": float("nan")}, id="not a number"),
        pytest.param('{"Statement": NaN}', id="NaN in text"),
        pytest.param("[" * 100_000, id="brackets"),
        pytest.param('{"Statement":' * 5_000, id="nested objects"),
        pytest.param('{"a":' * 50 + "1" + "}" * 50, id="deeper than any policy"),
        pytest.param('{"Statement": ' + "1" * 5_000 + "}", id="a very long number"),
    ],
)
def test_what_is_no_policy_is_refused(form):
    with pytest.raises(PolicyRefused):
        parse_policy(form)
