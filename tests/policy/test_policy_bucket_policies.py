"""What S3 takes as a bucket policy, and its words for what it does not take."""

from __future__ import annotations

import json

import pytest
from policy_questions import ACCOUNT, ROLE, SESSION, USER

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import validate_bucket_policy

BUCKET = "photos"
ARN, OBJECTS = f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"
GRAMMAR = "Grammar of the IAM JSON policy language"
S3_PRINCIPALS = "Principals for bucket policies"
S3_ACTIONS = "Actions, resources, and condition keys for Amazon S3"
S3_RESOURCES = "Policy resources for Amazon S3"
BUCKET_POLICIES = "Bucket policies for Amazon S3"
SEEN = "public issue threads on PutBucketPolicy"


def block(**changes):
    """A statement that S3 takes, with changes; None takes an element away."""
    elements = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS}
    return {key: value for key, value in (elements | changes).items() if value is not None}


def text(*blocks, **changes):
    """A bucket policy of some statements."""
    document = {"Version": "2012-10-17", "Statement": list(blocks)} | changes
    return json.dumps({key: value for key, value in document.items() if value is not None})


@pytest.mark.parametrize(
    ("page", "document"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("plain", GRAMMAR, text(block())),
            ("no Version", GRAMMAR, text(block(), Version=None)),
            ("older Version", GRAMMAR, text(block(), Version="2008-10-17")),
            ("Id", GRAMMAR, text(block(), Id="Policy 1")),
            ("Sid with spaces", GRAMMAR, text(block(Sid="Allow all"))),
            ("one statement", GRAMMAR, text(block(), Statement=block())),
            ("account", S3_PRINCIPALS, text(block(Principal={"AWS": ACCOUNT}))),
            ("user, role, session", S3_PRINCIPALS,
             text(block(Principal={"AWS": [USER, ROLE, SESSION]}))),
            ("service", S3_PRINCIPALS,
             text(block(Principal={"Service": "logging.s3.amazonaws.com"}))),
            ("canonical user", S3_PRINCIPALS, text(block(Principal={"CanonicalUser": "0f" * 32}))),
            ("NotPrincipal", S3_PRINCIPALS,
             text(block(Effect="Deny", Principal=None, NotPrincipal={"AWS": USER}))),
            ("bucket and objects", S3_ACTIONS,
             text(block(Action=["s3:ListBucket", "s3:GetObject"], Resource=[ARN, OBJECTS]))),
            ("all actions on objects", S3_ACTIONS, text(block(Action="s3:*"))),
            ("any action", S3_ACTIONS, text(block(Action="*"))),
            ("wildcard action", S3_ACTIONS, text(block(Action="s3:Get*", Resource=ARN))),
            ("case of an action", S3_ACTIONS, text(block(Action="S3:getobject"))),
            ("NotAction", S3_ACTIONS, text(block(Action=None, NotAction="s3:ListBucket"))),
            ("NotResource", S3_RESOURCES, text(block(Resource=None, NotResource=ARN))),
            ("prefix of the bucket", S3_RESOURCES, text(block(Resource="arn:aws:s3:::pho*/*"))),
            ("one object", S3_RESOURCES, text(block(Resource=f"{ARN}/cat.jpg"))),
            ("the lab's deny", BUCKET_POLICIES,
             text(block(Effect="Deny", Action="s3:*", Resource=[ARN, OBJECTS],
                        Condition={"StringNotEquals": {"aws:sourceVpce": "vpce-1"}}))),
            ("key of an identity provider", S3_ACTIONS,
             text(block(Condition={"StringEquals": {"accounts.google.com:aud": "x"}}))),
        )
    ],
)  # fmt: skip
def test_accepted(page, document):
    assert validate_bucket_policy(document, BUCKET).statements, page


@pytest.mark.parametrize(
    ("page", "document", "message"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("empty", SEEN, "", "Policies must be valid JSON and the first byte must be '{'"),
            ("a file name", SEEN, "policy.json",
             "Policies must be valid JSON and the first byte must be '{'"),
            ("a list", SEEN, "[]", "Policies must be valid JSON and the first byte must be '{'"),
            ("broken JSON", SEEN, '{"Statement": [}', "This policy contains invalid Json"),
            ("not UTF-8", GRAMMAR, b'{"Id": "\xff"}', "This policy contains invalid Json"),
            ("no Statement", SEEN, "{}", "Missing required field Statement"),
            ("no statements", SEEN, text(), "Could not parse the policy: Statement is empty!"),
            ("no Effect", SEEN, text(block(Effect=None)), "Missing required field Effect"),
            ("wrong Effect", SEEN, text(block(Effect="hello")), "Invalid effect: hello"),
            ("no Principal", SEEN, text(block(Principal=None)), "Missing required field Principal"),
            ("no Action", SEEN, text(block(Action=None)), "Missing required field Action"),
            ("empty Action", GRAMMAR, text(block(Action=[])), "Missing required field Action"),
            ("no Resource", SEEN, text(block(Resource=None)), "Missing required field Resource"),
            ("unknown element", SEEN, text(block(Principle="*")), "Unknown field Principle"),
            ("unknown top element", SEEN, text(block(), Statements=[]), "Unknown field Statements"),
            ("element twice", GRAMMAR, '{"Statement": [], "Statement": []}',
             "Duplicate field Statement"),
            ("Version", SEEN, text(block(), Version="2012-10-18"),
             "The policy must contain a valid version string"),
            ("Action and NotAction", GRAMMAR, text(block(NotAction="s3:PutObject")),
             "Invalid policy syntax."),
            ("Statement of text", GRAMMAR, text(Statement="Allow"), "Invalid policy syntax."),
            ("Sid of a number", GRAMMAR, text(block(Sid=1)), "Invalid policy syntax."),
            ("access key as principal", SEEN,
             text(block(Principal={"AWS": "AKIAIOSFODNN7EXAMPLE"})),
             "Invalid principal in policy"),
            ("principal of text", SEEN, text(block(Principal=USER)), "Invalid principal in policy"),
            ("wildcard in a principal", S3_PRINCIPALS,
             text(block(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"})),
             "Invalid principal in policy"),
            ("group as principal", S3_PRINCIPALS,
             text(block(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"})),
             "Invalid principal in policy"),
            ("unknown kind of principal", S3_PRINCIPALS, text(block(Principal={"IAM": USER})),
             "Invalid principal in policy"),
            ("service that is none", S3_PRINCIPALS, text(block(Principal={"Service": "ec2"})),
             "Invalid principal in policy"),
            ("empty principal", S3_PRINCIPALS, text(block(Principal={})),
             "Invalid principal in policy"),
            ("unknown action", SEEN, text(block(Action="s3:GetObjects")),
             "Policy has invalid action"),
            ("action of another service", SEEN, text(block(Action="ec2:RunInstances")),
             "Policy has invalid action"),
            ("action without service", SEEN, text(block(Action="invalid_action")),
             "Policy has invalid action"),
            ("another bucket", SEEN, text(block(Resource="arn:aws:s3:::videos/*")),
             "Policy has invalid resource"),
            ("the lab's placeholder", SEEN, text(block(Resource="arn:aws:s3:::your-bucket-name/*")),
             "Policy has invalid resource"),
            ("one of two in another bucket", SEEN,
             text(block(Resource=[OBJECTS, "arn:aws:s3:::videos/*"])),
             "Policy has invalid resource"),
            ("any resource", SEEN, text(block(Resource="*")), "Policy has invalid resource"),
            ("bucket without ARN", SEEN, text(block(Resource=BUCKET)),
             "Policy has invalid resource"),
            ("another partition", S3_RESOURCES, text(block(Resource="arn:aws-cn:s3:::photos/*")),
             "Policy has invalid resource"),
            ("longer bucket", S3_RESOURCES, text(block(Resource="arn:aws:s3:::photos2/*")),
             "Policy has invalid resource"),
            ("object action on the bucket", SEEN, text(block(Action="s3:PutObject", Resource=ARN)),
             "Action does not apply to any resource(s) in statement"),
            ("bucket action on objects", SEEN, text(block(Action="s3:ListBucket")),
             "Action does not apply to any resource(s) in statement"),
            ("one action of two", SEEN, text(block(Action=["s3:GetObject", "s3:ListBucket"])),
             "Action does not apply to any resource(s) in statement"),
            ("action on no bucket", S3_ACTIONS,
             text(block(Action="s3:ListAllMyBuckets", Resource=[ARN, OBJECTS])),
             "Action does not apply to any resource(s) in statement"),
            ("unknown operator", SEEN, text(block(Condition={"StringIs": {"aws:username": "a"}})),
             "Invalid Condition type : StringIs"),
            ("ForAllValues of Null", GRAMMAR,
             text(block(Condition={"ForAllValues:Null": {"aws:username": "true"}})),
             "Invalid Condition type : ForAllValues:Null"),
            ("NullIfExists", GRAMMAR,
             text(block(Condition={"NullIfExists": {"aws:username": "true"}})),
             "Invalid Condition type : NullIfExists"),
            ("key without service", SEEN,
             text(block(Condition={"StringEquals": {"username": "a"}})),
             "Policy has an invalid condition key"),
            ("key of another service", SEEN,
             text(block(Condition={"StringEquals": {"ec2:Vpc": "a"}})),
             "Policy has an invalid condition key"),
            ("condition of text", GRAMMAR, text(block(Condition="always")),
             "Invalid policy syntax."),
            ("condition without key", GRAMMAR, text(block(Condition={"StringEquals": "a"})),
             "Invalid policy syntax."),
            ("value of an object", GRAMMAR,
             text(block(Condition={"StringEquals": {"aws:username": {}}})),
             "Invalid policy syntax."),
            ("more than 20 KB", BUCKET_POLICIES, text(block(Sid="x" * 20_480)),
             "Policy exceeds the maximum allowed document size."),
        )
    ],
)  # fmt: skip
def test_refused(page, document, message):
    with pytest.raises(PolicyRefused) as refusal:
        validate_bucket_policy(document, BUCKET)
    assert (refusal.value.code, refusal.value.message) == ("MalformedPolicy", message), page


def test_exactly_20_kb_is_accepted():
    """From "Bucket policies for Amazon S3": bucket policies are limited to 20 KB in size."""
    empty = len(text(block(Sid="")))
    assert validate_bucket_policy(text(block(Sid="x" * (20_480 - empty))), BUCKET)


@pytest.mark.parametrize("principal", [USER, {"AWS": "*"}, {"AWS": ACCOUNT}, "*"])
def test_a_principal_that_does_not_exist_is_refused(principal):
    written = {"AWS": principal} if principal == USER else principal
    document = text(block(Principal=written))
    if principal == USER:
        with pytest.raises(PolicyRefused, match="Invalid principal in policy"):
            validate_bucket_policy(document, BUCKET, principal_exists=lambda _: False)
    else:
        assert validate_bucket_policy(document, BUCKET, principal_exists=lambda _: False)
    assert validate_bucket_policy(document, BUCKET, principal_exists=lambda _: True)


def test_another_partition_has_its_own_arns():
    """From "Amazon Resource Names (ARNs)": aws-cn is the partition of the China Regions."""
    document = text(block(Resource="arn:aws-cn:s3:::photos/*"))
    assert validate_bucket_policy(document, BUCKET, partition="aws-cn")
