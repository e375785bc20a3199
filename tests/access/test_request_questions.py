"""Questions that cannot be asked of AWS are refused, each naming its field and the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_vpcep.access.request import Request, checked
from pytest_vpcep.errors import RequestError

USER = "arn:aws:iam::111122223333:user/someone"
BUCKET = "arn:aws:s3:::bucket"
OBJECT = f"{BUCKET}/key"


def asked(**changes: Any) -> Request:
    return Request(**{"principal": USER, "action": "s3:GetObject", "resource": OBJECT} | changes)


@pytest.mark.parametrize("resource", ["", "/", "arn:", None, 7, "arn:aws:s3:::", "arn:aws:s3:::/k"])
def test_a_resource_that_is_no_arn(resource):
    with pytest.raises(RequestError, match=r"^resource .*give an ARN like"):
        checked(asked(resource=resource))


@pytest.mark.parametrize(
    "action", ["", "s3", "s3:", ":GetObject", "s3:*", "s3:List Bucket", "s3:a:b", "s3:x\n", None, 7]
)
def test_an_action_that_is_no_service_and_operation(action):
    with pytest.raises(RequestError, match=r"^action .*write it as service:Operation"):
        checked(asked(action=action))


@pytest.mark.parametrize("action", ["s3:Nope", "S3:nope", "s3:ListObjectsV2"])
def test_an_action_that_s3_does_not_have(action):
    with pytest.raises(RequestError, match=rf"^action '{action}': S3 has none of this name"):
        checked(asked(action=action))


@pytest.mark.parametrize(
    ("action", "resource", "remedy"),
    [
        pytest.param("s3:ListBucket", OBJECT, "on a bucket; give", id="bucket-action"),
        pytest.param("s3:GetObject", BUCKET, "on an object; give", id="object-action"),
        pytest.param("s3:GetObject", f"{BUCKET}/", "on an object; give", id="empty-key"),
    ],
)
def test_an_action_on_the_wrong_kind_of_resource(action, resource, remedy):
    """Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"."""
    with pytest.raises(RequestError, match=f"^resource .*{action} is {remedy}"):
        checked(asked(action=action, resource=resource))


@pytest.mark.parametrize(
    "context",
    [
        pytest.param({"s3:prefix": 7}, id="number"),
        pytest.param({"s3:prefix": None}, id="none"),
        pytest.param({"s3:prefix": ("a", 7)}, id="number-among-strings"),
        pytest.param({7: "a"}, id="key"),
        pytest.param("s3:prefix=a", id="no-mapping"),
    ],
)
def test_a_context_of_other_things_than_strings(context):
    with pytest.raises(RequestError, match=r"^context .*: give a"):
        checked(asked(context=context))


@pytest.mark.parametrize("principal", ["", None, 7])
def test_a_principal_that_is_none(principal):
    with pytest.raises(RequestError, match=r"^principal .*give an ARN, or 'anonymous'"):
        checked(asked(principal=principal))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:ListBucket", BUCKET),
        ("S3:getobject", OBJECT),
        ("s3:GetObject", f"{BUCKET}/a:b/c\nd"),
        ("s3:PutObject", f"{BUCKET}/*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        ("s3:ListAllMyBuckets", "*"),
        ("s3:ListBucket", "arn:aws:s3:us-east-1:111122223333:accesspoint/mine"),
        ("s3:GetObject", "arn:aws:s3:us-east-1:111122223333:accesspoint/mine/object/key"),
        ("s3express:CreateSession", "*"),
        ("s3-object-lambda:WriteGetObjectResponse", "*"),
        ("ec2:CreateVpc", "arn:aws:ec2:us-east-1:111122223333:vpc/*"),
        ("sts:GetCallerIdentity", "*"),
        ("apigateway:GET", "arn:aws:apigateway:us-east-1::/restapis"),
    ],
)
def test_what_the_gate_asks_is_let_through(action, resource):
    request = asked(action=action, resource=resource, context={"s3:prefix": ("a", "b")})
    assert checked(request) is request
