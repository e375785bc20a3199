"""AWS's published policies: they parse, and decide as their descriptions say.

The data-perimeter examples (aws-samples/data-perimeter-policy-examples) are read from the folder
``shared/corpora`` beside the repository, or from where ``VPCEP_CORPORA`` says. The examples of the
guides are written out here after their descriptions, with names of our own.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from missing_piece import require
from policy_questions import (
    ACCOUNT,
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    OTHER_ACCOUNT,
    SERVICE,
    SESSION,
    USER,
    allow,
    policy,
    request,
    statement,
)

from pytest_vpcep.policy import Policies, evaluate, parse_policy, validate_endpoint_policy

CORPORA = Path(
    os.environ.get("VPCEP_CORPORA", Path(__file__).parents[2].parent / "shared" / "corpora")
)
PERIMETER = CORPORA / "aws-data-perimeter"
ALL = allow()
ORGANIZATION, VPC, CIDR, REGION = "o-perimeter", "vpc-0a1b2c3d", "203.0.113.0/24", "eu-west-1"
PLACEHOLDERS = {
    "<my-org-id>": ORGANIZATION,
    "<my-corporate-cidr>": CIDR,
    "<my-vpc>": VPC,
    "<my-vpc-in-this-region>": VPC,
    "<my-vpc-region>": REGION,
    "<my-vpc-region-2>": REGION,
    "<action>": "s3:GetObject",
    "<region>": REGION,
}


def perimeter_files():
    """All documents of the corpus; tests of it fail by themselves where it is missing."""
    return sorted(path.name for path in PERIMETER.glob("*.json")) or ["missing"]


def read(name):
    """One document with its placeholders filled in."""
    path = PERIMETER / name
    require(
        path.exists(), f"put AWS's data-perimeter examples at {PERIMETER}, or set VPCEP_CORPORA"
    )
    text = path.read_text("utf-8")
    for placeholder, value in PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    return text


@pytest.mark.parametrize("name", perimeter_files())
def test_a_perimeter_policy_parses(name):
    text = read(name)
    parsed = parse_policy(text)
    written = json.loads(text)["Statement"]
    assert len(parsed.statements) == len(written if isinstance(written, list) else [written])
    assert parse_policy(parsed.to_json()) == parsed
    if name.startswith("vpc_endpoint_policies"):
        assert validate_endpoint_policy(text, gateway="s3" in name)


OWN = {"aws__PrincipalOrgID": ORGANIZATION, "aws__ResourceOrgID": ORGANIZATION}
FOREIGN = {"aws__PrincipalOrgID": "o-other", "aws__ResourceOrgID": ORGANIZATION}


@pytest.mark.parametrize(
    ("context", "principal", "outcome"),
    [
        pytest.param(OWN, USER, ALLOWED, id="own identity, own resource"),
        pytest.param(FOREIGN, USER, IMPLICIT, id="foreign identity"),
        pytest.param(
            {**OWN, "aws__ResourceOrgID": "o-other"}, USER, IMPLICIT, id="foreign resource"
        ),
        pytest.param({"aws__PrincipalIsAWSService": "true"}, SERVICE, ALLOWED, id="AWS service"),
    ],
)
def test_the_s3_endpoint_of_the_perimeter(context, principal, outcome):
    endpoint = parse_policy(read("vpc_endpoint_policies_s3_endpoint_policy.json"))
    everyone = allow(Principal="*")
    evaluation = evaluate(
        request(principal, **context),
        Policies(identity=(ALL,), resource=everyone, vpc_endpoint=endpoint),
    )
    assert evaluation.outcome is outcome


def test_the_s3_endpoint_of_the_perimeter_lets_package_repositories_through():
    endpoint = parse_policy(read("vpc_endpoint_policies_s3_endpoint_policy.json"))
    policies = Policies(resource=allow(Principal="*"), vpc_endpoint=endpoint)
    packages = f"arn:aws:s3:::al2023-repos-{REGION}-de612dc2/core/x86_64"
    assert evaluate(request("anonymous", "s3:GetObject", packages), policies).allowed
    assert not evaluate(request("anonymous", "s3:PutObject", packages), policies).allowed


@pytest.mark.parametrize(
    ("context", "principal", "outcome"),
    [
        pytest.param(OWN, USER, ALLOWED, id="own identity"),
        pytest.param(FOREIGN, USER, EXPLICIT, id="foreign identity"),
        pytest.param({}, "anonymous", EXPLICIT, id="anonymous"),
        pytest.param({"aws__PrincipalIsAWSService": "true"}, SERVICE, ALLOWED, id="AWS service"),
        pytest.param(
            {
                "aws__PrincipalIsAWSService": "true",
                "aws__SourceAccount": "999999999999",
                "aws__SourceOrgID": "o-other",
            },
            SERVICE,
            EXPLICIT,
            id="AWS service for a foreign account",
        ),
        pytest.param(
            {**FOREIGN, "aws__ResourceTag___dp:exclude:identity": "true"},
            USER,
            ALLOWED,
            id="resource left out by its tag",
        ),
    ],
)
def test_the_identity_perimeter(context, principal, outcome):
    rcp = parse_policy(read("resource_control_policies_identity_perimeter_rcp.json"))
    everyone = allow(Principal="*")
    levels = ((everyone, rcp),)
    asked = request(principal, **context)
    assert evaluate(asked, Policies(resource=everyone, rcps=levels)).outcome is outcome


TAGGED = {"aws__PrincipalTag___dp:include:network": "true"}


@pytest.mark.parametrize(
    ("context", "outcome"),
    [
        pytest.param(TAGGED | {"aws__SourceIp": "203.0.113.9"}, ALLOWED, id="own network"),
        pytest.param(TAGGED | {"aws__SourceIp": "198.51.100.1"}, EXPLICIT, id="elsewhere"),
        pytest.param(
            TAGGED | {"aws__SourceVpc": VPC, "aws__RequestedRegion": REGION}, ALLOWED, id="own VPC"
        ),
        pytest.param(TAGGED | {"aws__SourceVpc": "vpc-other"}, EXPLICIT, id="another VPC"),
        pytest.param({"aws__SourceIp": "198.51.100.1"}, ALLOWED, id="identity not tagged"),
        pytest.param(
            TAGGED | {"aws__SourceIp": "198.51.100.1", "aws__ViaAWSService": "true"},
            ALLOWED,
            id="through a service",
        ),
    ],
)
def test_the_network_perimeter(context, outcome):
    scp = parse_policy(read("service_control_policies_network_perimeter_sourcevpc_scp.json"))
    asked = request(SESSION, **context)
    assert evaluate(asked, Policies(identity=(ALL,), scps=((ALL, scp),))).outcome is outcome


BUCKET_EXAMPLES = "Examples of Amazon S3 bucket policies"
ENDPOINT_EXAMPLES = "Controlling access from VPC endpoints with bucket policies"
KEY_EXAMPLES = "Bucket policy examples using condition keys"
S3_GATEWAY = "Gateway endpoints for Amazon S3"
DYNAMODB_GATEWAY = "Gateway endpoints for Amazon DynamoDB"
BUCKET, OBJECTS = "arn:aws:s3:::photos", "arn:aws:s3:::photos/*"
BOTH = [BUCKET, OBJECTS]
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"


def _deny(resource, operator, key, value, action="s3:*"):
    return statement(
        "Deny",
        Principal="*",
        Action=action,
        Resource=resource,
        Condition={operator: {key: value}},
    )


@pytest.mark.parametrize(
    ("page", "block", "asked", "outcome"),
    [
        pytest.param(page, block, asked, outcome, id=f"{label}-{number}")
        for page, label, block, questions in (
            (ENDPOINT_EXAMPLES, "one endpoint only",
             _deny(BOTH, "StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
             [({"aws__SourceVpce": "vpce-1a2b3c4d"}, ALLOWED), ({}, EXPLICIT)]),
            (ENDPOINT_EXAMPLES, "one VPC only",
             _deny(BOTH, "StringNotEquals", "aws:SourceVpc", VPC),
             [({"aws__SourceVpc": VPC}, ALLOWED), ({"aws__SourceVpc": "vpc-9"}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "TLS only", _deny(BOTH, "Bool", "aws:SecureTransport", "false"),
             [({"aws__SecureTransport": "true"}, ALLOWED),
              ({"aws__SecureTransport": "false"}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "TLS of a version",
             _deny(BOTH, "NumericLessThan", "s3:TlsVersion", 1.2),
             [({"s3__TlsVersion": "1.3"}, ALLOWED), ({"s3__TlsVersion": "1.1"}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "addresses", _deny(BOTH, "NotIpAddress", "aws:SourceIp", CIDR),
             [({"aws__SourceIp": "203.0.113.4"}, ALLOWED),
              ({"aws__SourceIp": "192.0.2.4"}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "multi-factor",
             _deny(OBJECTS, "Null", "aws:MultiFactorAuthAge", True),
             [({"aws__MultiFactorAuthAge": "30"}, ALLOWED), ({}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "recent multi-factor",
             _deny(OBJECTS, "NumericGreaterThan", "aws:MultiFactorAuthAge", 3600),
             [({"aws__MultiFactorAuthAge": "3600"}, ALLOWED),
              ({"aws__MultiFactorAuthAge": "3601"}, EXPLICIT)]),
            (BUCKET_EXAMPLES, "organization",
             _deny(BOTH, "StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION),
             [({"aws__PrincipalOrgID": ORGANIZATION}, ALLOWED),
              ({"aws__PrincipalOrgID": "o-2"}, EXPLICIT)]),
            (KEY_EXAMPLES, "server-side encryption",
             _deny(OBJECTS, "Null", "s3:x-amz-server-side-encryption", "true"),
             [({"s3__x-amz-server-side-encryption": "aws:kms"}, ALLOWED), ({}, EXPLICIT)]),
            (KEY_EXAMPLES, "tag on the object",
             _deny(OBJECTS, "StringNotEquals", "s3:ExistingObjectTag/environment", "public"),
             [({"s3__ExistingObjectTag___environment": "public"}, ALLOWED), ({}, EXPLICIT)]),
            (KEY_EXAMPLES, "grant to the owner",
             _deny(OBJECTS, "StringNotEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
             [({"s3__x-amz-acl": "bucket-owner-full-control"}, ALLOWED),
              ({"s3__x-amz-acl": "private"}, EXPLICIT)]),
        )
        for number, (asked, outcome) in enumerate(questions)
    ],
)  # fmt: skip
def test_bucket_policy_example(page, block, asked, outcome):
    evaluation = evaluate(request(**asked), Policies(identity=(ALL,), resource=policy(block)))
    assert evaluation.outcome is outcome, page


@pytest.mark.parametrize(
    ("prefix", "outcome"),
    [
        pytest.param("home/alice/", ALLOWED, id="own folder"),
        pytest.param("", ALLOWED, id="root"),
        pytest.param("home/bob/", IMPLICIT, id="another's folder"),
        pytest.param(None, IMPLICIT, id="no prefix"),
    ],
)
def test_listing_ones_own_folder(prefix, outcome):
    """From "IAM JSON policy elements: Condition operators", home directories."""
    own = allow(
        Action="s3:ListBucket",
        Resource=BUCKET,
        Condition={"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}},
    )
    context = {} if prefix is None else {"s3__prefix": prefix}
    asked = request(USER, "s3:ListBucket", BUCKET, **context)
    assert evaluate(asked, Policies(identity=(own,))).outcome is outcome


@pytest.mark.parametrize(
    ("page", "endpoint", "asked", "outcome"),
    [
        pytest.param(page, endpoint, asked, outcome, id=f"{label}-{number}")
        for page, label, endpoint, questions in (
            (S3_GATEWAY, "one bucket",
             allow(Principal="*", Action=["s3:ListBucket", "s3:GetObject", "s3:PutObject"],
                   Resource=BOTH),
             [(request(), ALLOWED),
              (request(resource="arn:aws:s3:::videos/a"), IMPLICIT),
              (request(action="s3:DeleteObject"), IMPLICIT),
              (request(action="s3:ListAllMyBuckets", resource="*"), IMPLICIT)]),
            (S3_GATEWAY, "one role",
             allow(Principal="*", Condition={"ArnEquals": {
                 "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/reader"}}),
             [(request(SESSION), ALLOWED), (request(USER), IMPLICIT)]),
            (S3_GATEWAY, "buckets of one account",
             policy(statement(Principal="*"),
                    _deny("arn:aws:s3:::*", "StringNotEquals", "aws:ResourceAccount", ACCOUNT)),
             [(request(), ALLOWED), (request(resource_account=OTHER_ACCOUNT), EXPLICIT)]),
            (S3_GATEWAY, "effect turned to Deny", policy(statement("Deny", Principal="*")),
             [(request(), EXPLICIT),
              (request(action="s3:ListAllMyBuckets", resource="*"), EXPLICIT)]),
            (DYNAMODB_GATEWAY, "read only",
             allow(Principal="*", Action=["dynamodb:Describe*", "dynamodb:List*",
                                          "dynamodb:Get*", "dynamodb:Query"]),
             [(request(USER, "dynamodb:GetItem", TABLE), ALLOWED),
              (request(USER, "dynamodb:PutItem", TABLE), IMPLICIT)]),
            (DYNAMODB_GATEWAY, "one table",
             allow(Principal="*", Action="dynamodb:*", Resource=[TABLE, f"{TABLE}/*"]),
             [(request(USER, "dynamodb:PutItem", TABLE), ALLOWED),
              (request(USER, "dynamodb:Query", f"{TABLE}/index/by-day"), ALLOWED),
              (request(USER, "dynamodb:PutItem", f"{TABLE}2"), IMPLICIT)]),
        )
        for number, (asked, outcome) in enumerate(questions)
    ],
)  # fmt: skip
def test_endpoint_policy_example(page, endpoint, asked, outcome):
    policies = Policies(identity=(ALL,), resource=allow(Principal="*"), vpc_endpoint=endpoint)
    assert evaluate(asked, policies).outcome is outcome, page
    assert validate_endpoint_policy(endpoint.to_json(), gateway=True)
