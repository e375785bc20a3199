"""Condition operators, set qualifiers, ``IfExists`` and missing keys, case by case."""

from __future__ import annotations

import pytest
from policy_questions import ALLOWED, holds

OPERATORS = "IAM JSON policy elements: Condition operators"
ELEMENT = "IAM JSON policy elements: Condition"
SEVERAL = "Conditions with multiple context keys or values"
SETS = "Set operators for multivalued context keys"
GLOBAL = "AWS global condition context keys"

VPCE, TEAM, AGE, TIME = (
    "aws:SourceVpce",
    "aws:PrincipalTag/team",
    "aws:MultiFactorAuthAge",
    "aws:CurrentTime",
)
TLS, IP, ARN, TAGS = "aws:SecureTransport", "aws:SourceIp", "aws:SourceArn", "aws:TagKeys"
TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"


def case(page, operator, key, values, given, expected, name=""):
    """One operator on one key; ``given`` is the request's value, None where it has none."""
    label = name or f"{operator}-{values}-{given}-{expected}"
    return pytest.param(page, {operator: {key: values}}, key, given, expected, id=label)


STRINGS = [
    case(OPERATORS, "StringEquals", TEAM, "red", "red", True),
    case(OPERATORS, "StringEquals", TEAM, "red", "Red", False),
    case(OPERATORS, "StringEquals", TEAM, "r*", "red", False),
    case(OPERATORS, "StringEquals", TEAM, "r*", "r*", True),
    case(OPERATORS, "StringEquals", TEAM, "red", None, False),
    case(OPERATORS, "StringEquals", TEAM, "", "", True),
    case(SEVERAL, "StringEquals", TEAM, ["blue", "red"], "red", True),
    case(SEVERAL, "StringEquals", TEAM, ["blue", "green"], "red", False),
    case(OPERATORS, "StringNotEquals", TEAM, "red", "blue", True),
    case(OPERATORS, "StringNotEquals", TEAM, "red", "red", False),
    case(OPERATORS, "StringNotEquals", TEAM, "red", "RED", True),
    case(OPERATORS, "StringNotEquals", TEAM, "red", None, True),
    case(SEVERAL, "StringNotEquals", TEAM, ["red", "blue"], "red", False),
    case(SEVERAL, "StringNotEquals", TEAM, ["red", "blue"], "green", True),
    case(OPERATORS, "StringEqualsIgnoreCase", TEAM, "RED", "red", True),
    case(OPERATORS, "StringEqualsIgnoreCase", TEAM, "RED", "reds", False),
    case(OPERATORS, "StringEqualsIgnoreCase", TEAM, "red", None, False),
    case(OPERATORS, "StringNotEqualsIgnoreCase", TEAM, "RED", "red", False),
    case(OPERATORS, "StringNotEqualsIgnoreCase", TEAM, "RED", "blue", True),
    case(OPERATORS, "StringNotEqualsIgnoreCase", TEAM, "RED", None, True),
    case(OPERATORS, "StringLike", TEAM, "re*", "red", True),
    case(OPERATORS, "StringLike", TEAM, "re*", "re", True),
    case(OPERATORS, "StringLike", TEAM, "re*", "Red", False),
    case(OPERATORS, "StringLike", TEAM, "r?d", "red", True),
    case(OPERATORS, "StringLike", TEAM, "r?d", "rd", False),
    case(OPERATORS, "StringLike", TEAM, "?", "", False),
    case(OPERATORS, "StringLike", TEAM, "*", "", True),
    case(OPERATORS, "StringLike", TEAM, "*e*", "red", True),
    case(OPERATORS, "StringLike", TEAM, "red", "reds", False),
    case(OPERATORS, "StringLike", TEAM, "*/a/*", "x/a/b/a/", True),
    case(OPERATORS, "StringLike", TEAM, "re*", None, False),
    case(OPERATORS, "StringNotLike", TEAM, "re*", "red", False),
    case(OPERATORS, "StringNotLike", TEAM, "re*", "blue", True),
    case(OPERATORS, "StringNotLike", TEAM, "re*", None, True),
    case(SEVERAL, "StringNotLike", TEAM, ["re*", "bl*"], "blue", False),
]
NUMBERS = [
    case(OPERATORS, "NumericEquals", AGE, "10", "10", True),
    case(OPERATORS, "NumericEquals", AGE, 10, "10", True, "unquoted number"),
    case(OPERATORS, "NumericEquals", AGE, "10", "10.0", True),
    case(OPERATORS, "NumericEquals", AGE, "10", "11", False),
    case(OPERATORS, "NumericEquals", AGE, "10", "ten", False),
    case(OPERATORS, "NumericEquals", AGE, "10", None, False),
    case(OPERATORS, "NumericNotEquals", AGE, "10", "11", True),
    case(OPERATORS, "NumericNotEquals", AGE, "10", "10.00", False),
    case(OPERATORS, "NumericNotEquals", AGE, "10", None, True),
    case(OPERATORS, "NumericLessThan", AGE, "10", "9.99", True),
    case(OPERATORS, "NumericLessThan", AGE, "10", "10", False),
    case(OPERATORS, "NumericLessThan", AGE, "10", "9", True),
    case(OPERATORS, "NumericLessThanEquals", AGE, "10", "10", True),
    case(OPERATORS, "NumericLessThanEquals", AGE, "10", "10.1", False),
    case(OPERATORS, "NumericGreaterThan", AGE, "-1", "0", True),
    case(OPERATORS, "NumericGreaterThan", AGE, "-1", "-1", False),
    case(OPERATORS, "NumericGreaterThan", AGE, "9", "10", True, "compared as numbers"),
    case(OPERATORS, "NumericGreaterThanEquals", AGE, "10", "10", True),
    case(OPERATORS, "NumericGreaterThanEquals", AGE, "10", "9", False),
    case(OPERATORS, "NumericGreaterThanEquals", AGE, "10", None, False),
]
DATES = [
    case(OPERATORS, "DateEquals", TIME, "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateEquals", TIME, "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateEquals", TIME, "2024-01-01", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateEquals", TIME, "2024", "2024-01-01T00:00:00Z", True, "a year alone"),
    case(OPERATORS, "DateEquals", TIME, "1704067200", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateEquals", TIME, "2024-01-*", "2024-01-01T00:00:00Z", False),
    case(OPERATORS, "DateNotEquals", TIME, "2024-01-01", "2024-01-02T00:00:00Z", True),
    case(OPERATORS, "DateNotEquals", TIME, "2024-01-01", "2024-01-01T00:00:00Z", False),
    case(OPERATORS, "DateNotEquals", TIME, "2024-01-01", None, True),
    case(OPERATORS, "DateLessThan", TIME, "2024-01-01", "2023-12-31T23:59:59Z", True),
    case(OPERATORS, "DateLessThan", TIME, "2024-01-01", "2024-01-01T00:00:00Z", False),
    case(OPERATORS, "DateLessThanEquals", TIME, "2024-01-01", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateLessThanEquals", TIME, "2024-01-01", "2024-01-01T00:00:00.5Z", False),
    case(OPERATORS, "DateGreaterThan", TIME, "2024-01-01", "2024-01-01T00:00:01Z", True),
    case(OPERATORS, "DateGreaterThan", TIME, "2024-01-01", "2024-01-01T00:00:00Z", False),
    case(OPERATORS, "DateGreaterThanEquals", TIME, "2024-01-01", "2024-01-01T00:00:00Z", True),
    case(OPERATORS, "DateGreaterThanEquals", TIME, "2024-13-01", "2024-12-01T00:00:00Z", False),
    case(OPERATORS, "DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:01Z", None, False),
]
BOOLEANS = [
    case(OPERATORS, "Bool", TLS, "true", "true", True),
    case(OPERATORS, "Bool", TLS, True, "true", True, "unquoted Boolean"),
    case(OPERATORS, "Bool", TLS, "false", "true", False),
    case(OPERATORS, "Bool", TLS, "True", "true", True),
    case(OPERATORS, "Bool", TLS, "yes", "yes", False),
    case(OPERATORS, "Bool", "aws:MultiFactorAuthPresent", "false", None, False),
    case(OPERATORS, "BoolIfExists", "aws:MultiFactorAuthPresent", "false", None, True),
]
BINARY = [
    case(OPERATORS, "BinaryEquals", TEAM, "QmluYXJ5VmFsdWVJbkJhc2U2NA==", None, False),
    case(OPERATORS, "BinaryEquals", TEAM, "b25l", "b25l", True),
    case(OPERATORS, "BinaryEquals", TEAM, "b25l", "dHdv", False),
    case(OPERATORS, "BinaryEquals", TEAM, "b25l", "B25L", False),
    case(OPERATORS, "BinaryEquals", TEAM, "?!", "?!", False, "no base-64"),
]
ADDRESSES = [
    case(OPERATORS, "IpAddress", IP, "203.0.113.0/24", "203.0.113.255", True),
    case(OPERATORS, "IpAddress", IP, "203.0.113.0/24", "203.0.114.0", False),
    case(OPERATORS, "IpAddress", IP, "203.0.113.9", "203.0.113.9", True),
    case(OPERATORS, "IpAddress", IP, "203.0.113.9", "203.0.113.8", False),
    case(OPERATORS, "IpAddress", IP, "0.0.0.0/0", "203.0.113.9", True),
    case(OPERATORS, "IpAddress", IP, "0.0.0.0/0", "2001:db8::1", False),
    case(OPERATORS, "IpAddress", IP, "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
    case(OPERATORS, "IpAddress", IP, "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", False),
    case(OPERATORS, "IpAddress", IP, ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::7", True),
    case(OPERATORS, "IpAddress", IP, "203.0.113.77/24", "203.0.113.1", True, "host bits"),
    case(OPERATORS, "IpAddress", IP, "203.0.113.0/33", "203.0.113.1", False),
    case(OPERATORS, "IpAddress", IP, "203.0.113.0/24", "nowhere", False),
    case(OPERATORS, "IpAddress", IP, "203.0.113.0/24", None, False),
    case(OPERATORS, "NotIpAddress", IP, "203.0.113.0/24", "198.51.100.1", True),
    case(OPERATORS, "NotIpAddress", IP, "203.0.113.0/24", "203.0.113.1", False),
    case(OPERATORS, "NotIpAddress", IP, "203.0.113.0/24", "2001:db8::1", True),
    case(OPERATORS, "NotIpAddress", IP, "203.0.113.0/24", None, True),
    case(SEVERAL, "NotIpAddress", IP, ["10.0.0.0/8", "203.0.113.0/24"], "10.1.1.1", False),
    case(GLOBAL, "IpAddress", "aws:VpcSourceIp", "10.0.0.0/16", "10.0.1.5", True),
]
ARNS = [
    case(OPERATORS, operator, ARN, pattern, given, expected)
    for operator in ("ArnEquals", "ArnLike")
    for pattern, given, expected in (
        (TOPIC, TOPIC, True),
        ("arn:aws:sns:*:123456789012:t?pic", TOPIC, True),
        ("arn:aws:sns:*:123456789012:Topic", TOPIC, False),
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/d.txt",
            False,
        ),
        ("arn:aws:sns:*", TOPIC, False),
        ("arn:aws:sns:us-east-1:123456789012:topic", "no ARN", False),
        ("arn:*:*:*:*:*", TOPIC, True),
        ("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:1:log-group:a:b", True),
    )
] + [
    case(OPERATORS, "ArnNotEquals", ARN, TOPIC, TOPIC, False),
    case(OPERATORS, "ArnNotEquals", ARN, TOPIC, f"{TOPIC}2", True),
    case(OPERATORS, "ArnNotEquals", ARN, TOPIC, None, True),
    case(OPERATORS, "ArnNotLike", ARN, "arn:aws:sns:*:*:*", TOPIC, False),
    case(OPERATORS, "ArnNotLike", ARN, "arn:aws:sqs:*:*:*", TOPIC, True),
    case(
        OPERATORS,
        "StringLike",
        ARN,
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/d.txt",
        True,
        "StringLike crosses colons",
    ),
]
NULL = [
    case(OPERATORS, "Null", "aws:TokenIssueTime", "true", None, True),
    case(OPERATORS, "Null", "aws:TokenIssueTime", "true", "2024-01-01T00:00:00Z", False),
    case(OPERATORS, "Null", "aws:TokenIssueTime", "false", None, False),
    case(OPERATORS, "Null", "aws:TokenIssueTime", False, "2024-01-01T00:00:00Z", True, "unquoted"),
    case(SETS, "Null", TAGS, "true", (), True, "empty set is null"),
]
IF_EXISTS = [
    case(OPERATORS, f"{operator}IfExists", key, value, None, True)
    for operator, key, value in (
        ("StringEquals", TEAM, "red"),
        ("StringLike", TEAM, "r*"),
        ("NumericLessThan", AGE, "10"),
        ("DateLessThan", TIME, "2024-01-01"),
        ("IpAddress", IP, "10.0.0.0/8"),
        ("ArnLike", ARN, TOPIC),
        ("BinaryEquals", TEAM, "b25l"),
        ("StringNotEquals", TEAM, "red"),
    )
] + [
    case(OPERATORS, "StringEqualsIfExists", TEAM, "red", "blue", False),
    case(OPERATORS, "StringEqualsIfExists", TEAM, "red", "red", True),
    case(OPERATORS, "StringNotEqualsIfExists", TEAM, "red", "red", False),
    case(OPERATORS, "NumericLessThanIfExists", AGE, "10", "11", False),
    case(OPERATORS, "ForAnyValue:StringLikeIfExists", TAGS, "t*", None, True),
]
SET_QUALIFIERS = [
    case(SETS, "ForAllValues:StringEquals", TAGS, ["env", "team"], ("env",), True),
    case(SETS, "ForAllValues:StringEquals", TAGS, ["env", "team"], ("env", "team"), True),
    case(SETS, "ForAllValues:StringEquals", TAGS, ["env", "team"], ("env", "cost"), False),
    case(SETS, "ForAllValues:StringEquals", TAGS, ["env"], None, True),
    case(SETS, "ForAllValues:StringEquals", TAGS, ["env"], (), True),
    case(SETS, "ForAllValues:StringLike", TAGS, "e*", ("env", "ever"), True),
    case(SETS, "ForAllValues:StringNotEquals", TAGS, "env", ("team", "cost"), True),
    case(SETS, "ForAllValues:StringNotEquals", TAGS, "env", ("team", "env"), False),
    case(SETS, "ForAllValues:StringNotLike", TAGS, ["e*", "t*"], ("cost", "team"), False),
    case(SETS, "ForAnyValue:StringEquals", TAGS, ["env", "team"], ("cost", "env"), True),
    case(SETS, "ForAnyValue:StringEquals", TAGS, ["env", "team"], ("cost", "name"), False),
    case(SETS, "ForAnyValue:StringEquals", TAGS, ["env"], None, False),
    case(SETS, "ForAnyValue:StringEquals", TAGS, ["env"], (), False),
    case(SETS, "ForAnyValue:StringNotEquals", TAGS, "env", ("env", "team"), True),
    case(SETS, "ForAnyValue:StringNotEquals", TAGS, "env", ("env",), False),
    case(SETS, "ForAnyValue:StringNotEquals", TAGS, "env", None, False),
    case(SETS, "forallvalues:stringequals", TAGS, "env", ("env",), True, "case of operators"),
]


@pytest.mark.parametrize(
    ("page", "condition", "key", "given", "expected"),
    [
        *STRINGS,
        *NUMBERS,
        *DATES,
        *BOOLEANS,
        *BINARY,
        *ADDRESSES,
        *ARNS,
        *NULL,
        *IF_EXISTS,
        *SET_QUALIFIERS,
    ],
)
def test_operator(page, condition, key, given, expected):
    evaluation = holds(condition, {} if given is None else {key: given})
    assert evaluation.allowed is expected, page
    assert evaluation.undetermined is None


@pytest.mark.parametrize(
    ("page", "condition", "context", "expected"),
    [
        pytest.param(
            SEVERAL,
            {"StringEquals": {TEAM: "red", VPCE: "vpce-1"}},
            {TEAM: "red", VPCE: "vpce-1"},
            True,
            id="all keys of an operator hold",
        ),
        pytest.param(
            SEVERAL,
            {"StringEquals": {TEAM: "red", VPCE: "vpce-1"}},
            {TEAM: "red", VPCE: "vpce-2"},
            False,
            id="one key of an operator fails",
        ),
        pytest.param(
            SEVERAL,
            {"StringEquals": {TEAM: "red"}, "Bool": {TLS: "true"}},
            {TEAM: "red", TLS: "false"},
            False,
            id="one operator fails",
        ),
        pytest.param(
            SEVERAL,
            {"StringEquals": {TEAM: "red"}, "Bool": {TLS: "true"}},
            {TEAM: "red", TLS: "true"},
            True,
            id="all operators hold",
        ),
        pytest.param(
            SETS,
            {"ForAllValues:StringEquals": {TAGS: "env"}, "Null": {TAGS: "false"}},
            {},
            False,
            id="Null guards ForAllValues",
        ),
        pytest.param(
            ELEMENT, {"StringEquals": {"AWS:sourcevpce": "vpce-1"}}, {VPCE: "vpce-1"}, True,
            id="case of a key in the policy",
        ),
        pytest.param(
            ELEMENT, {"StringEquals": {VPCE: "vpce-1"}}, {"aws:SOURCEVPCE": "vpce-1"}, True,
            id="case of a key in the request",
        ),
        pytest.param(
            GLOBAL, {"StringEquals": {"aws:PrincipalTag/Team": "red"}}, {TEAM: "red"}, True,
            id="case of a tag key",
        ),
        pytest.param(ELEMENT, {}, {}, True, id="empty element"),
    ],
)  # fmt: skip
def test_conditions_together(page, condition, context, expected):
    assert holds(condition, context).allowed is expected, page


@pytest.mark.parametrize(
    ("operator", "values", "unsettled"),
    [
        pytest.param("StringEquals", ("env", "team"), True, id="readings differ"),
        pytest.param("StringEquals", ("env", "env"), False, id="readings agree"),
        pytest.param("StringNotEquals", ("env", "team"), True, id="negated"),
        pytest.param("ForAnyValue:StringEquals", ("env", "team"), False, id="qualified"),
    ],
)
def test_several_values_without_set_operator_are_undetermined(operator, values, unsettled):
    """From "Single-valued vs. multivalued context keys": such keys require a set operator."""
    evaluation = holds({operator: {TAGS: "env"}}, {TAGS: values})
    assert (evaluation.undetermined is not None) is unsettled


def test_a_condition_that_holds_lets_the_statement_decide():
    evaluation = holds({"StringEquals": {TEAM: "red"}}, {TEAM: "red"})
    assert (evaluation.outcome, evaluation.statement.index) == (ALLOWED, 0)
