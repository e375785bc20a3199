"""Policy variables in conditions: values, default values, escapes, and what has no value."""

from __future__ import annotations

import pytest
from policy_questions import holds

VARIABLES = "IAM policy elements: Variables and tags"

TEAM, AGE, TLS, ARN, TAGS = (
    "aws:PrincipalTag/team",
    "aws:MultiFactorAuthAge",
    "aws:SecureTransport",
    "aws:SourceArn",
    "aws:TagKeys",
)


@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        pytest.param(
            {"StringEquals": {TEAM: "${aws:username}"}}, {TEAM: "alice"}, True, id="value"
        ),
        pytest.param(
            {"StringEquals": {TEAM: "${AWS:UserName}"}}, {TEAM: "alice"}, True, id="case of its key"
        ),
        pytest.param(
            {"StringLike": {TEAM: "${aws:username}-*"}}, {TEAM: "alice-1"}, True, id="and wildcard"
        ),
        pytest.param(
            {"StringEquals": {TEAM: "${aws:userid, 'anonymous'}"}},
            {TEAM: "anonymous"},
            True,
            id="default value",
        ),
        pytest.param(
            {"StringEquals": {TEAM: "${aws:username, 'nobody'}"}},
            {TEAM: "nobody"},
            False,
            id="default value is not needed",
        ),
        pytest.param(
            {"StringEquals": {TEAM: "${aws:userid}"}}, {TEAM: "${aws:userid}"}, False,
            id="no value, no match",
        ),
        pytest.param(
            {"StringNotEquals": {TEAM: "${aws:userid}"}}, {TEAM: "red"}, True,
            id="no value, inverted operator matches",
        ),
        pytest.param(
            {"StringNotLike": {TEAM: "${aws:userid}*"}}, {TEAM: "red"}, True,
            id="no value, inverted wildcard operator matches",
        ),
        pytest.param({"StringLike": {TEAM: "a${*}b"}}, {TEAM: "a*b"}, True, id="literal asterisk"),
        pytest.param({"StringLike": {TEAM: "a${*}b"}}, {TEAM: "axb"}, False, id="no wildcard"),
        pytest.param({"StringLike": {TEAM: "a${?}b*"}}, {TEAM: "a?bcd"}, True, id="literal ?"),
        pytest.param({"StringLike": {TEAM: "a${?}b"}}, {TEAM: "axb"}, False, id="no wildcard ?"),
        pytest.param({"StringEquals": {TEAM: "${$}{x}"}}, {TEAM: "${x}"}, True, id="literal $"),
        pytest.param(
            {"StringLike": {TEAM: "${aws:PrincipalTag/star}"}},
            {TEAM: "anything", "aws:PrincipalTag/star": "*"},
            False,
            id="a value's own asterisk is no wildcard",
        ),
        pytest.param(
            {"ArnLike": {ARN: "arn:aws:iam::111122223333:user/${aws:username}"}},
            {ARN: "arn:aws:iam::111122223333:user/alice"},
            True,
            id="in an ARN operator",
        ),
        pytest.param(
            {"Bool": {TLS: "${aws:PrincipalTag/tls}"}},
            {TLS: "true", "aws:PrincipalTag/tls": "true"},
            True,
            id="in Bool",
        ),
        pytest.param(
            {"NumericEquals": {AGE: "${aws:PrincipalTag/age}"}},
            {AGE: "1", "aws:PrincipalTag/age": "1"},
            False,
            id="not in a numeric operator",
        ),
        pytest.param(
            {"StringEquals": {TEAM: "${aws:TagKeys}"}},
            {TEAM: "env", TAGS: ("env", "cost")},
            False,
            id="a key of several values has no one value",
        ),
        pytest.param({"StringEquals": {TEAM: "${open"}}, {TEAM: "${open"}, True, id="never closed"),
    ],
)  # fmt: skip
def test_variable_in_a_condition(condition, context, expected):
    assert holds(condition, context).allowed is expected, VARIABLES


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_variables_are_literal_in_the_older_version(version):
    """From "IAM JSON policy elements: Version": earlier, a variable is a literal string."""
    condition = {"StringEquals": {TEAM: "${aws:username}"}}
    as_variable = holds(condition, {TEAM: "alice"}, version=version)
    as_text = holds(condition, {TEAM: "${aws:username}"}, version=version)
    assert (as_variable.allowed, as_text.allowed) == (
        (True, False) if version == "2012-10-17" else (False, True)
    )
