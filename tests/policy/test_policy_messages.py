"""AWS's wording of denials."""

from __future__ import annotations

import pytest
from policy_questions import (
    ACCOUNT,
    OTHER_ACCOUNT,
    ROOT,
    SESSION,
    USER,
    allow,
    deny,
    request,
)

from pytest_vpcep.policy import (
    Policies,
    denial_code,
    denial_message,
    evaluate,
    public_policy_message,
)

S3 = "Troubleshoot access denied (403 Forbidden) errors in Amazon S3"
IAM = "Troubleshoot access denied error messages"
ALL, NONE = allow(), allow(Action="ec2:*")
EVERYONE, NOBODY = allow(Principal="*"), deny(Principal="*")
S3_START = (
    f"User: {USER} is not authorized to perform: s3:GetObject "
    'on resource: "arn:aws:s3:::photos/2024/cat.jpg"'
)


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("identity, implicit", {},
             "because no identity-based policy allows the s3:GetObject action"),
            ("identity, explicit", {"identity": (deny(),)},
             "with an explicit deny in an identity-based policy"),
            ("resource, explicit", {"resource": NOBODY},
             "with an explicit deny in a resource-based policy"),
            ("boundary, implicit", {"identity": (ALL,), "permissions_boundary": NONE},
             "because no permissions boundary allows the s3:GetObject action"),
            ("boundary, explicit", {"identity": (ALL,), "permissions_boundary": deny()},
             "with an explicit deny in a permissions boundary"),
            ("session, implicit", {"identity": (ALL,), "session": (NONE,)},
             "because no session policy allows the s3:GetObject action"),
            ("session, explicit", {"identity": (ALL,), "session": (deny(),)},
             "with an explicit deny in a session policy"),
            ("endpoint, implicit",
             {"identity": (ALL,), "vpc_endpoint": allow(Principal="*", Action="a:*")},
             "because no VPC endpoint policy allows the s3:GetObject action"),
            ("endpoint, explicit", {"identity": (ALL,), "vpc_endpoint": NOBODY},
             "with an explicit deny in a VPC endpoint policy"),
            ("SCP, implicit", {"identity": (ALL,), "scps": ((NONE,),)},
             "because no service control policy allows the s3:GetObject action"),
            ("SCP, explicit", {"identity": (ALL,), "scps": ((deny(),),)},
             "with an explicit deny in a service control policy"),
            ("RCP, explicit", {"identity": (ALL,), "rcps": ((EVERYONE, NOBODY),)},
             "with an explicit deny in a resource control policy"),
        )
    ],
)  # fmt: skip
def test_s3_names_the_policy_type(policies, reason):
    asked = request()
    message = denial_message(asked, evaluate(asked, Policies(**policies)))
    assert message == f"{S3_START} {reason}", S3


@pytest.mark.parametrize(
    ("principal", "owner", "organization", "bare"),
    [
        pytest.param(USER, ACCOUNT, False, False, id="same account"),
        pytest.param(USER, OTHER_ACCOUNT, False, True, id="another account"),
        pytest.param(USER, OTHER_ACCOUNT, True, False, id="another account of the organization"),
        pytest.param(USER, None, False, False, id="owner not known"),
        pytest.param("anonymous", ACCOUNT, False, True, id="anonymous"),
        pytest.param("cloudtrail.amazonaws.com", ACCOUNT, False, True, id="service"),
    ],
)
def test_s3_tells_its_reasons_to_the_owners_account_only(principal, owner, organization, bare):
    asked = request(principal, resource_account=owner)
    evaluation = evaluate(asked, Policies(resource=NOBODY))
    message = denial_message(asked, evaluation, same_organization=organization)
    assert (message == "Access Denied") is bare, S3


def test_s3_keeps_an_endpoint_policy_to_itself_across_accounts_of_an_organization():
    asked = request(resource_account=OTHER_ACCOUNT)
    evaluation = evaluate(asked, Policies(identity=(ALL,), vpc_endpoint=NOBODY))
    assert denial_message(asked, evaluation, same_organization=True) == "Access Denied", S3


def test_directory_buckets_give_no_reason():
    asked = request(
        USER, "s3express:CreateSession", f"arn:aws:s3express:r:{ACCOUNT}:bucket/b--x-s3"
    )
    assert denial_message(asked, evaluate(asked, Policies())) == "Access Denied", S3


@pytest.mark.parametrize(
    ("principal", "action", "resource", "policies", "message"),
    [
        pytest.param(
            USER, "s3:ListAllMyBuckets", "*", {},
            f"User: {USER} is not authorized to perform: s3:ListAllMyBuckets because no "
            "identity-based policy allows the s3:ListAllMyBuckets action",
            id="no resource",
        ),
        pytest.param(
            SESSION, "iam:ListUsers", f"arn:aws:iam::{ACCOUNT}:user/", {},
            f"User: {SESSION} is not authorized to perform: iam:ListUsers on resource: "
            f"arn:aws:iam::{ACCOUNT}:user/ because no identity-based policy allows the "
            "iam:ListUsers action",
            id="IAM",
        ),
        pytest.param(
            USER, "ec2:StopInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1", {},
            f"You are not authorized to perform this operation. User: {USER} is not authorized to "
            f"perform: ec2:StopInstances on resource: arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1 "
            "because no identity-based policy allows the ec2:StopInstances action",
            id="EC2",
        ),
        pytest.param(
            USER, "codedeploy:ListDeployments",
            f"arn:aws:codedeploy:us-east-1:{ACCOUNT}:deploymentgroup:*", {"vpc_endpoint": NOBODY},
            f"User: {USER} is not authorized to perform: codedeploy:ListDeployments on resource: "
            f"arn:aws:codedeploy:us-east-1:{ACCOUNT}:deploymentgroup:* with an explicit deny in a "
            "VPC endpoint policy",
            id="unquoted resource",
        ),
        pytest.param(
            USER, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/reader", {},
            f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: "
            f"arn:aws:iam::{ACCOUNT}:role/reader",
            id="assuming a role, implicit",
        ),
        pytest.param(
            USER, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/reader", {"resource": NOBODY},
            f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: "
            f"arn:aws:iam::{ACCOUNT}:role/reader with an explicit deny in the role trust policy",
            id="assuming a role, explicit",
        ),
        pytest.param(
            ROOT, "s3:DeleteBucket", "arn:aws:s3:::photos", {"resource": NOBODY},
            f'User: {ROOT} is not authorized to perform: s3:DeleteBucket on resource: '
            '"arn:aws:s3:::photos" with an explicit deny in a resource-based policy',
            id="root",
        ),
    ],
)  # fmt: skip
def test_message(principal, action, resource, policies, message):
    asked = request(principal, action, resource)
    assert denial_message(asked, evaluate(asked, Policies(**policies))) == message, IAM


@pytest.mark.parametrize(
    ("action", "code"),
    [
        pytest.param("s3:GetObject", "AccessDenied", id="S3"),
        pytest.param("EC2:StopInstances", "UnauthorizedOperation", id="EC2"),
        pytest.param("dynamodb:GetItem", "AccessDeniedException", id="DynamoDB"),
        pytest.param("sts:AssumeRole", "AccessDenied", id="STS"),
        pytest.param("ec2:a:b", "UnauthorizedOperation", id="a colon more"),
    ],
)
def test_code(action, code):
    """From "Error codes" in the Amazon EC2 API Reference, and the other services' own."""
    assert denial_code(action) == code


def test_block_public_policy():
    """From "Blocking public access to your Amazon S3 storage"; as seen in issue threads."""
    assert public_policy_message(USER, "photos") == (
        f"User: {USER} is not authorized to perform: s3:PutBucketPolicy on resource: "
        '"arn:aws:s3:::photos" because public policies are blocked by the BlockPublicPolicy '
        "block public access setting."
    )


def test_s3_takes_accounts_for_strangers_unless_told_otherwise():
    asked = request(resource_account=OTHER_ACCOUNT)
    assert denial_message(asked, evaluate(asked, Policies())) == "Access Denied", S3


def test_an_allowed_request_has_no_message():
    asked = request()
    with pytest.raises(ValueError, match="allowed"):
        denial_message(asked, evaluate(asked, Policies(identity=(ALL,))))
