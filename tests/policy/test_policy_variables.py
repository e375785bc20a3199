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


NAMED = {"aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": "2"}
A, B = "${aws:PrincipalTag/a}", "${aws:PrincipalTag/b}"


@pytest.mark.parametrize(
    ("value", "text", "matches"),
    [
        pytest.param(*row, id=f"{row[0]} {row[1]}")
        for row in (
            (A, "1", True),
            (f"x{A}y", "x1y", True),
            (f"{A}{B}", "12", True),
            (f"{A}-{B}-{A}", "1-2-1", True),
            (f"{A}-{B}", "1-1", False),
            ("${ aws:PrincipalTag/a }", "1", True),
            ("${none, 'd'}", "d", True),
            ("${none,'d'}", "d", True),
            ("${ none , 'd' }", "d", True),
            ("x${none, 'd'}y", "xdy", True),
            ("${none, ''}", "", True),
            ("${none, 'a}b'}", "a}b", True),
            ("${none, 'a}b'}c", "a}bc", True),
            ("${none, 'a,b'}", "a,b", True),
            ("${none, 'it}", "it", False),
            ("${none, d}", "d", False),
            ("${none, '}", "'", False),
            ("${aws:PrincipalTag/a, 'd'}", "1", True),
            (f"{A} 'b'", "1 'b'", True),
            (f"'{A}'", "'1'", True),
            (f"it's {A} or {B}'s", "it's 1 or 2's", True),
            ("${*}${?}${$}", "*?$", True),
            ("a${*}", "a*", True),
            ("${*}b", "*b", True),
            (f"{A}${{*}}{B}", "1*2", True),
            ("${}", "${}", False),
            ("$", "$", True),
            ("a${", "a${", True),
            ("${a", "${a", True),
            ("$a}", "$a}", True),
            (f"{A}${{", "1${", True),
        )
    ],
)
@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
def test_text_with_variables(operator, value, text, matches):
    evaluation = holds({operator: {TEAM: value}}, {TEAM: text, **NAMED})
    assert evaluation.allowed is matches, VARIABLES


@pytest.mark.parametrize("qualifier", ["ForAllValues", "ForAnyValue"])
def test_variables_under_a_set_operator(qualifier):
    condition = {f"{qualifier}:StringLike": {TAGS: "${aws:username}-*"}}
    assert holds(condition, {TAGS: ("alice-1", "alice-2")}).allowed
    assert not holds(condition, {TAGS: ("bob-1",)}).allowed
