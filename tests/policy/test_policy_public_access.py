"""Whether a bucket policy is public, for block public access."""

from __future__ import annotations

import pytest
from policy_questions import ACCOUNT, OTHER_ACCOUNT, USER, policy, statement

from pytest_vpcep.policy import is_public

PAGE = 'Blocking public access to your Amazon S3 storage, "The meaning of "public""'
POINTS = "arn:aws:s3:us-west-2:123456789012:accesspoint"


def condition(operator, key, value):
    return {"Principal": "*", "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("elements", "public"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("everyone", {"Principal": "*"}, True),
            ("everyone in a map", {"Principal": {"AWS": "*"}}, True),
            ("identity provider", {"Principal": {"Federated": "graph.facebook.com"}}, True),
            ("all but one", {"NotPrincipal": {"AWS": USER}}, True),
            ("user", {"Principal": {"AWS": USER}}, False),
            ("two accounts", {"Principal": {"AWS": [ACCOUNT, OTHER_ACCOUNT]}}, False),
            ("an account and everyone", {"Principal": {"AWS": [ACCOUNT, "*"]}}, True),
            ("service", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}, False),
            ("VPC pattern", condition("StringLike", "aws:SourceVpc", "vpc-*"), True),
            ("VPC", condition("StringEquals", "aws:SourceVpc", "vpc-91237329"), False),
            ("VPC, fixed under StringLike", condition("StringLike", "aws:SourceVpc", "vpc-9"),
             False),
            ("endpoint", condition("StringEquals", "aws:SourceVpce", "vpce-1"), False),
            ("endpoint, case of the key", condition("StringEquals", "aws:sourcevpce", "v"), False),
            ("two endpoints", condition("StringEquals", "aws:SourceVpce", ["a", "b"]), False),
            ("one of two is a pattern", condition("StringLike", "aws:SourceVpce", ["a", "*"]),
             True),
            ("not an endpoint", condition("StringNotEquals", "aws:SourceVpce", "vpce-1"), True),
            ("endpoint, if there", condition("StringEqualsIfExists", "aws:SourceVpce", "v"), True),
            ("variable", condition("StringEquals", "aws:SourceVpce", "${aws:username}"), True),
            ("any endpoint", condition("Null", "aws:SourceVpce", "false"), True),
            ("organization", condition("StringEquals", "aws:PrincipalOrgID", "o-1"), False),
            ("principal", condition("ArnEquals", "aws:PrincipalArn", USER), False),
            ("source account", condition("StringEquals", "aws:SourceAccount", ACCOUNT), False),
            ("source ARN", condition("ArnLike", "aws:SourceArn", "arn:aws:sns:r:1:t"), False),
            ("source ARN pattern", condition("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
             True),
            ("user id", condition("StringEquals", "aws:userid", "AIDA1"), False),
            ("sessions of a role", condition("StringLike", "aws:userid", "AROA1:*"), False),
            ("any user id", condition("StringLike", "aws:userid", "*"), True),
            ("block", condition("IpAddress", "aws:SourceIp", "203.0.113.0/24"), False),
            ("block of /8", condition("IpAddress", "aws:SourceIp", "54.0.0.0/8"), False),
            ("broader than /8", condition("IpAddress", "aws:SourceIp", "54.0.0.0/7"), True),
            ("half of all", condition("IpAddress", "aws:SourceIp", "0.0.0.0/1"), True),
            ("IPv6 of /32", condition("IpAddress", "aws:SourceIp", "2001:db8::/32"), False),
            ("IPv6 broader", condition("IpAddress", "aws:SourceIp", "2001::/16"), True),
            ("private", condition("IpAddress", "aws:SourceIp", "172.16.0.0/12"), False),
            ("one of two broad", condition("IpAddress", "aws:SourceIp", ["1.2.3.4", "0.0.0.0/0"]),
             True),
            ("no address", condition("IpAddress", "aws:SourceIp", "somewhere"), True),
            ("not a block", condition("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"), True),
            ("access points of an account",
             condition("ArnLike", "s3:DataAccessPointArn", f"{POINTS}/*"), False),
            ("access points of any account",
             condition("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:*:*:accesspoint/*"), True),
            ("access points' account",
             condition("StringEquals", "s3:DataAccessPointAccount", ACCOUNT), False),
            ("another key", condition("StringEquals", "aws:UserAgent", "x"), True),
            ("TLS only", condition("Bool", "aws:SecureTransport", "true"), True),
            ("one character open", condition("StringLike", "aws:SourceVpc", "vpc-?"), True),
            ("sessions of any role", condition("StringLike", "aws:userid", "AROA*:*"), True),
            ("sessions of some roles", condition("StringLike", "aws:userid", "AROA1?:*"), True),
            ("another id's sessions", condition("StringLike", "aws:userid", "AIDA1:*"), True),
            ("another key ending alike", condition("StringLike", "aws:SourceVpc", "v:*"), True),
            ("access points without account",
             condition("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2::accesspoint/*"),
             True),
            ("access points with a colon",
             condition("ArnLike", "s3:DataAccessPointArn", f"{POINTS}/a:*"), False),
            ("access points, no ARN", condition("StringLike", "s3:DataAccessPointArn", "*:1"),
             True),
            ("outside the private blocks", condition("IpAddress", "aws:SourceIp", "172.0.0.0/6"),
             True),
            ("empty list", condition("StringEquals", "aws:SourceVpce", []), True),
        )
    ],
)  # fmt: skip
def test_public(elements, public):
    assert is_public(policy(statement(**elements))) is public, PAGE


def test_a_deny_makes_nothing_public():
    assert not is_public(policy(statement("Deny", Principal="*"))), PAGE


def test_one_public_statement_makes_the_policy_public():
    private, public = statement(Principal={"AWS": USER}), statement(Principal="*")
    assert is_public(policy(private, public)), PAGE
