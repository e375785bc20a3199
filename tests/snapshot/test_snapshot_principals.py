"""Who is in IAM's part of a snapshot, and which policies are attached to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from snapshot_lab import ADMINISTRATOR, ROLE, MotoLab

from pytest_vpcep.errors import PolicyRefused, RequestError, SnapshotError
from pytest_vpcep.snapshot import AttachedPolicies, NotPermitted, Principals, Snapshot

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}"
USER = f"{ARN}:user/alice"


def document(action: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def managed(name: str, action: str) -> dict[str, Any]:
    """A managed policy with an older version that must not count."""
    return {
        "PolicyName": name,
        "Arn": f"{ARN}:policy/{name}",
        "DefaultVersionId": "v2",
        "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": False, "Document": document("old:Action")},
            {"VersionId": "v2", "IsDefaultVersion": True, "Document": document(action)},
        ],
    }


DETAILS: dict[str, Any] = {
    "UserDetailList": [
        {
            "Arn": USER,
            "UserName": "alice",
            "UserPolicyList": [
                {"PolicyName": "inline", "PolicyDocument": document("a:Inline")},
                {
                    "PolicyName": "encoded",
                    "PolicyDocument": quote(json.dumps(document("a:Encoded"))),
                },
                {"PolicyName": "text", "PolicyDocument": json.dumps(document("a:Text"))},
            ],
            "AttachedManagedPolicies": [
                {"PolicyName": "managed", "PolicyArn": f"{ARN}:policy/managed"}
            ],
            "GroupList": ["staff"],
            "PermissionsBoundary": {"PermissionsBoundaryArn": f"{ARN}:policy/boundary"},
            "Tags": [{"Key": "team", "Value": "lab"}],
        },
        {
            "Arn": f"{ARN}:user/missing",
            "UserName": "missing",
            "AttachedManagedPolicies": [{"PolicyArn": f"{ARN}:policy/unknown"}],
        },
        {
            "Arn": f"{ARN}:user/broken",
            "UserName": "broken",
            "UserPolicyList": [{"PolicyName": "bad", "PolicyDocument": "no JSON"}],
        },
        {"Arn": f"{ARN}:user/lost", "UserName": "lost", "GroupList": ["gone"]},
    ],
    "GroupDetailList": [
        {
            "Arn": f"{ARN}:group/staff",
            "GroupName": "staff",
            "GroupPolicyList": [{"PolicyName": "group", "PolicyDocument": document("g:Inline")}],
            "AttachedManagedPolicies": [{"PolicyArn": f"{ARN}:policy/of-group"}],
        }
    ],
    "RoleDetailList": [
        {
            "Arn": f"{ARN}:role/path/App",
            "RoleName": "App",
            "RolePolicyList": [{"PolicyName": "role", "PolicyDocument": document("r:Inline")}],
            "InstanceProfileList": [{"Arn": f"{ARN}:instance-profile/app"}],
            "Tags": [{"Key": "stage", "Value": ""}],
        }
    ],
    "Policies": [
        managed("managed", "m:User"),
        managed("of-group", "m:Group"),
        managed("boundary", "b:Boundary"),
    ],
}


@pytest.fixture
def principals() -> Principals:
    return Principals(ACCOUNT, DETAILS)


def actions(attached: AttachedPolicies) -> list[str]:
    return [
        action
        for policy in attached.identity
        for statement in policy.statements
        for action in statement.action.written
    ]


def test_user_has_its_own_and_its_groups_policies(principals: Principals) -> None:
    attached = principals.policies(USER)
    assert actions(attached) == [
        "a:Inline",
        "a:Encoded",
        "a:Text",
        "m:User",
        "g:Inline",
        "m:Group",
    ]
    assert [policy.name for policy in attached.identity][3:] == ["managed", "group", "of-group"]
    assert attached.permissions_boundary is not None
    assert attached.permissions_boundary.name == "boundary"
    assert principals.tags(USER) == {"team": "lab"}


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param(f"{ARN}:role/path/App", id="role"),
        pytest.param(f"arn:aws:sts::{ACCOUNT}:assumed-role/App/session", id="session, no path"),
    ],
)
def test_role_and_its_sessions(principals: Principals, principal: str) -> None:
    attached = principals.policies(principal)
    assert actions(attached) == ["r:Inline"]
    assert attached.permissions_boundary is None
    assert principals.tags(principal) == {"stage": ""}


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param(f"{ARN}:root", id="root"),
        pytest.param("anonymous", id="anonymous"),
        pytest.param("ec2.amazonaws.com", id="service"),
    ],
)
def test_principals_that_iam_attaches_nothing_to(principals: Principals, principal: str) -> None:
    assert principals.policies(principal) == AttachedPolicies()
    assert principals.tags(principal) == {}


@pytest.mark.parametrize(
    ("principal", "error", "message"),
    [
        pytest.param(
            f"{ARN}:user/bob", RequestError, "no principal .*/bob .* it has .*alice", id="unknown"
        ),
        pytest.param(
            f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
            RequestError,
            "no principal",
            id="session of a role of another case",
        ),
        pytest.param(
            "arn:aws:sts::444455556666:assumed-role/App/session",
            RequestError,
            "no principal",
            id="session of another account",
        ),
        pytest.param(
            f"{ARN}:user/missing", SnapshotError, "policy/unknown .* iam:GetPolicy ", id="document"
        ),
        pytest.param(f"{ARN}:user/lost", SnapshotError, "group gone of .*/lost", id="group"),
        pytest.param(
            f"{ARN}:user/broken", PolicyRefused, "MalformedPolicy: .*policy bad", id="malformed"
        ),
    ],
)
def test_policies_that_cannot_be_had(
    principals: Principals, principal: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        principals.policies(principal)


def test_role_of_an_instance_profile(principals: Principals) -> None:
    assert principals.role_of_profile(f"{ARN}:instance-profile/app") == f"{ARN}:role/path/App"
    with pytest.raises(SnapshotError, match="instance-profile/none is not in the snapshot"):
        principals.role_of_profile(f"{ARN}:instance-profile/none")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        pytest.param(["UserDetailList"], {}, r"UserDetailList must be a list", id="no list"),
        pytest.param(["Policies"], 7, r"Policies must be a list", id="a number"),
        pytest.param(["UserDetailList", 0], 7, r"UserDetailList\[0\] must be", id="no object"),
        pytest.param(["UserDetailList", 0, "Arn"], None, r"\[0\]\.Arn must be", id="no ARN"),
        pytest.param(
            ["UserDetailList", 0, "UserPolicyList", 1, "PolicyDocument"],
            7,
            r"UserPolicyList\[1\]\.PolicyDocument must be a policy document",
            id="no document",
        ),
        pytest.param(
            ["Policies", 0, "PolicyVersionList", 1, "Document"],
            [],
            r"Policies\[0\]\.PolicyVersionList\[1\]\.Document",
            id="no managed document",
        ),
    ],
)
def test_place_of_what_is_wrong(path: list[Any], value: Any, place: str) -> None:
    details = json.loads(json.dumps(DETAILS))
    owner = details
    for key in path[:-1]:
        owner = owner[key]
    owner[path[-1]] = value
    with pytest.raises(SnapshotError, match=f"^iam.GetAccountAuthorizationDetails.*{place}"):
        Principals(ACCOUNT, details)


def test_administrator_and_role_of_the_lab(collected: tuple[Snapshot, MotoLab]) -> None:
    snapshot, moto_lab = collected
    assert snapshot.principals.users == (ADMINISTRATOR,)
    assert actions(snapshot.attached_policies(ADMINISTRATOR)) == ["*"]
    assert snapshot.principal_tags(ADMINISTRATOR) == {"team": "lab"}
    role = snapshot.attached_policies(ROLE)
    assert [policy.name for policy in role.identity] == ["managed"]
    assert role.permissions_boundary is not None
    assert snapshot.role_of_instance(moto_lab.instance) == ROLE
    assert snapshot.role_of_instance("i-none") is None


def test_iam_part_that_was_not_permitted_says_so(snapshot: Snapshot) -> None:
    refused = NotPermitted(
        "iam.GetAccountAuthorizationDetails",
        "GetAccountAuthorizationDetails",
        "AccessDenied",
        "not for you",
    )
    without = replace(snapshot, iam={}, not_permitted=(refused,))
    with pytest.raises(SnapshotError, match="AccessDenied: not for you"):
        without.attached_policies(ADMINISTRATOR)
    assert without.attached_policies("anonymous") == AttachedPolicies()


def test_endpoint_policy(collected: tuple[Snapshot, MotoLab]) -> None:
    snapshot, moto_lab = collected
    policy = snapshot.endpoint_policy(moto_lab.endpoint)
    assert policy is not None
    assert policy.name == moto_lab.endpoint
    assert snapshot.endpoint_policy("vpce-none") is None


def test_bucket_nobody_collected(snapshot: Snapshot) -> None:
    assert snapshot.bucket_policy(None) is None
    assert snapshot.bucket_policy_withheld(None) is None
    assert snapshot.bucket_policy("elsewhere") is None
    assert "no bucket elsewhere" in str(snapshot.bucket_policy_withheld("elsewhere"))
    with pytest.raises(RequestError, match=r"no bucket elsewhere .* it has lab-bucket"):
        snapshot.bucket("elsewhere")
