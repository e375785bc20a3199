"""Who is granted what by which policy types, in one account and across accounts."""

from __future__ import annotations

import pytest
from policy_questions import (
    ACCOUNT,
    ALLOWED,
    EXPLICIT,
    FEDERATED,
    IMPLICIT,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SERVICE,
    SESSION,
    USER,
    allow,
    deny,
    policy,
    request,
    statement,
)

from pytest_vpcep.errors import RequestError
from pytest_vpcep.policy import Policies, PolicyType, evaluate, parse_policy

ONE_ACCOUNT = "Policy evaluation for requests within a single account"
ENFORCEMENT = "How AWS enforcement code logic evaluates requests to allow or deny access"
ACROSS = "Cross-account policy evaluation logic"
PRINCIPAL = "AWS JSON policy elements: Principal"
DIFFERENCE = "The difference between explicit and implicit denies"
BOUNDARIES = "Permissions boundaries for IAM entities"

IDENTITY, BOUNDARY, SESSION_POLICY, RESOURCE = (
    PolicyType.IDENTITY,
    PolicyType.PERMISSIONS_BOUNDARY,
    PolicyType.SESSION,
    PolicyType.RESOURCE,
)
ALL, NONE = allow(), allow(Action="ec2:*")


def grants(principal):
    """A bucket policy that allows everything to one principal."""
    return allow(Principal=principal)


@pytest.mark.parametrize(
    ("page", "principal", "policies", "outcome", "decided_by"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("nothing", ENFORCEMENT, USER, {}, IMPLICIT, IDENTITY),
            ("identity allows", ONE_ACCOUNT, USER, {"identity": (ALL,)}, ALLOWED, IDENTITY),
            ("identity of another action", ONE_ACCOUNT, USER, {"identity": (NONE,)}, IMPLICIT,
             IDENTITY),
            ("one of two identity policies", ONE_ACCOUNT, USER, {"identity": (NONE, ALL)}, ALLOWED,
             IDENTITY),
            ("identity denies", DIFFERENCE, USER, {"identity": (ALL, deny())}, EXPLICIT, IDENTITY),
            ("resource denies", DIFFERENCE, USER,
             {"identity": (ALL,), "resource": deny(Principal="*")}, EXPLICIT, RESOURCE),
            ("boundary denies", BOUNDARIES, USER,
             {"identity": (ALL,), "permissions_boundary": policy(statement(), statement("Deny"))},
             EXPLICIT, BOUNDARY),
            ("session denies", ENFORCEMENT, SESSION,
             {"identity": (ALL,), "session": (ALL, deny())}, EXPLICIT, SESSION_POLICY),
            ("boundary and identity", BOUNDARIES, USER,
             {"identity": (ALL,), "permissions_boundary": ALL}, ALLOWED, IDENTITY),
            ("boundary does not allow", BOUNDARIES, USER,
             {"identity": (ALL,), "permissions_boundary": NONE}, IMPLICIT, BOUNDARY),
            ("boundary alone grants nothing", BOUNDARIES, USER, {"permissions_boundary": ALL},
             IMPLICIT, IDENTITY),
            ("session policy does not allow", ENFORCEMENT, SESSION,
             {"identity": (ALL,), "session": (NONE,)}, IMPLICIT, SESSION_POLICY),
            ("one of two session policies", ENFORCEMENT, SESSION,
             {"identity": (ALL,), "session": (NONE, ALL)}, ALLOWED, IDENTITY),
            ("session policy alone", ENFORCEMENT, SESSION, {"session": (ALL,)}, IMPLICIT, IDENTITY),
            # The resource-based policy names the user.
            ("user named", ONE_ACCOUNT, USER, {"resource": grants({"AWS": USER})}, ALLOWED,
             RESOURCE),
            ("user named, boundary silent", ONE_ACCOUNT, USER,
             {"resource": grants({"AWS": USER}), "permissions_boundary": NONE}, ALLOWED, RESOURCE),
            ("user named, identity denies", ONE_ACCOUNT, USER,
             {"resource": grants({"AWS": USER}), "identity": (deny(),)}, EXPLICIT, IDENTITY),
            ("another user named", ONE_ACCOUNT, USER, {"resource": grants({"AWS": USER + "2"})},
             IMPLICIT, IDENTITY),
            ("everyone", PRINCIPAL, USER, {"resource": grants("*")}, ALLOWED, RESOURCE),
            ("everyone, in a map", PRINCIPAL, USER, {"resource": grants({"AWS": "*"})}, ALLOWED,
             RESOURCE),
            ("everyone, boundary silent", PRINCIPAL, SESSION,
             {"resource": grants("*"), "permissions_boundary": NONE, "session": (NONE,)}, ALLOWED,
             RESOURCE),
            # The resource-based policy names the account.
            ("account named", PRINCIPAL, USER, {"resource": grants({"AWS": ACCOUNT})}, IMPLICIT,
             IDENTITY),
            ("account named and identity", PRINCIPAL, USER,
             {"resource": grants({"AWS": ROOT}), "identity": (ALL,)}, ALLOWED, IDENTITY),
            ("account denied", PRINCIPAL, USER,
             {"resource": deny(Principal={"AWS": ACCOUNT}), "identity": (ALL,)}, EXPLICIT,
             RESOURCE),
            # The resource-based policy names the role or the session.
            ("role named", ONE_ACCOUNT, SESSION, {"resource": grants({"AWS": ROLE})}, ALLOWED,
             RESOURCE),
            ("role named, boundary silent", ONE_ACCOUNT, SESSION,
             {"resource": grants({"AWS": ROLE}), "permissions_boundary": NONE}, IMPLICIT, BOUNDARY),
            ("role named, session silent", ONE_ACCOUNT, SESSION,
             {"resource": grants({"AWS": ROLE}), "session": (NONE,)}, IMPLICIT, SESSION_POLICY),
            ("role with a path named", PRINCIPAL, SESSION,
             {"resource": grants({"AWS": f"arn:aws:iam::{ACCOUNT}:role/team/reader"})}, ALLOWED,
             RESOURCE),
            ("role denied", PRINCIPAL, SESSION,
             {"resource": deny(Principal={"AWS": ROLE}), "identity": (ALL,)}, EXPLICIT, RESOURCE),
            ("session named, all silent", ONE_ACCOUNT, SESSION,
             {"resource": grants({"AWS": SESSION}), "permissions_boundary": NONE,
              "session": (NONE,)}, ALLOWED, RESOURCE),
            ("session named, session denies", ONE_ACCOUNT, SESSION,
             {"resource": grants({"AWS": SESSION}), "session": (deny(),)}, EXPLICIT,
             SESSION_POLICY),
            ("another session named", ONE_ACCOUNT, SESSION,
             {"resource": grants({"AWS": SESSION + "2"})}, IMPLICIT, IDENTITY),
            ("role as principal, named", ONE_ACCOUNT, ROLE,
             {"resource": grants({"AWS": ROLE}), "permissions_boundary": NONE}, IMPLICIT, BOUNDARY),
            ("federated session named", ONE_ACCOUNT, FEDERATED,
             {"resource": grants({"AWS": FEDERATED}), "session": (NONE,)}, ALLOWED, RESOURCE),
            ("federated session, session silent", ONE_ACCOUNT, FEDERATED,
             {"identity": (ALL,), "session": (NONE,)}, IMPLICIT, SESSION_POLICY),
            ("federated session and identity", ONE_ACCOUNT, FEDERATED,
             {"identity": (ALL,), "session": (ALL,)}, ALLOWED, IDENTITY),
            # Root, services, anonymous.
            ("root needs no policy", ENFORCEMENT, ROOT, {}, ALLOWED, None),
            ("root denied by the resource", ENFORCEMENT, ROOT, {"resource": deny(Principal="*")},
             EXPLICIT, RESOURCE),
            ("service needs the resource", PRINCIPAL, SERVICE, {}, IMPLICIT, RESOURCE),
            ("service named", PRINCIPAL, SERVICE, {"resource": grants({"Service": SERVICE})},
             ALLOWED, RESOURCE),
            ("another service named", PRINCIPAL, SERVICE,
             {"resource": grants({"Service": "ec2.amazonaws.com"})}, IMPLICIT, RESOURCE),
            ("anonymous", PRINCIPAL, "anonymous", {}, IMPLICIT, RESOURCE),
            ("anonymous, everyone", PRINCIPAL, "anonymous", {"resource": grants("*")}, ALLOWED,
             RESOURCE),
            ("anonymous, account named", PRINCIPAL, "anonymous",
             {"resource": grants({"AWS": ACCOUNT})}, IMPLICIT, RESOURCE),
            ("anonymous, everyone denied", PRINCIPAL, "anonymous",
             {"resource": policy(statement(Principal="*"), statement("Deny", Principal="*"))},
             EXPLICIT, RESOURCE),
        )
    ],
)  # fmt: skip
def test_in_one_account(page, principal, policies, outcome, decided_by):
    evaluation = evaluate(request(principal), Policies(**policies))
    assert (evaluation.outcome, evaluation.decided_by) == (outcome, decided_by), page
    assert evaluation.undetermined is None


@pytest.mark.parametrize(
    ("principal", "policies", "outcome", "decided_by"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("identity alone", USER, {"identity": (ALL,)}, IMPLICIT, RESOURCE),
            ("resource alone", USER, {"resource": grants({"AWS": USER})}, IMPLICIT, IDENTITY),
            ("both", USER, {"identity": (ALL,), "resource": grants({"AWS": USER})}, ALLOWED,
             RESOURCE),
            ("account and identity", USER,
             {"identity": (ALL,), "resource": grants({"AWS": ACCOUNT})}, ALLOWED, RESOURCE),
            ("everyone and identity", USER, {"identity": (ALL,), "resource": grants("*")}, ALLOWED,
             RESOURCE),
            ("everyone without identity", USER, {"resource": grants("*")}, IMPLICIT, IDENTITY),
            ("a third account", USER,
             {"identity": (ALL,), "resource": grants({"AWS": OTHER_ACCOUNT})}, IMPLICIT, RESOURCE),
            ("boundary silent", USER,
             {"identity": (ALL,), "resource": grants({"AWS": USER}), "permissions_boundary": NONE},
             IMPLICIT, BOUNDARY),
            ("session named, session silent", SESSION,
             {"identity": (ALL,), "resource": grants({"AWS": SESSION}), "session": (NONE,)},
             IMPLICIT, SESSION_POLICY),
            ("role named", SESSION, {"identity": (ALL,), "resource": grants({"AWS": ROLE})},
             ALLOWED, RESOURCE),
            ("identity denies", USER, {"identity": (deny(),), "resource": grants({"AWS": USER})},
             EXPLICIT, IDENTITY),
            ("resource denies", USER, {"identity": (ALL,), "resource": deny(Principal="*")},
             EXPLICIT, RESOURCE),
            ("root of the other account", ROOT, {}, IMPLICIT, RESOURCE),
            ("root, its account named", ROOT, {"resource": grants({"AWS": ACCOUNT})}, ALLOWED,
             RESOURCE),
        )
    ],
)  # fmt: skip
def test_across_accounts(principal, policies, outcome, decided_by):
    asked = request(principal, resource_account=OTHER_ACCOUNT)
    evaluation = evaluate(asked, Policies(**policies))
    assert (evaluation.outcome, evaluation.decided_by) == (outcome, decided_by), ACROSS


@pytest.mark.parametrize(
    ("policies", "outcome", "decided_by"),
    [
        pytest.param({"identity": (ALL,)}, IMPLICIT, RESOURCE, id="no trust policy"),
        pytest.param({"identity": (ALL,), "resource": grants({"AWS": ACCOUNT})}, ALLOWED, IDENTITY,
                     id="account trusted and identity"),
        pytest.param({"resource": grants({"AWS": ACCOUNT})}, IMPLICIT, IDENTITY,
                     id="account trusted"),
        pytest.param({"resource": grants({"AWS": USER})}, ALLOWED, RESOURCE, id="user trusted"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("sts:AssumeRole", ROLE, id="role"),
        pytest.param("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", id="key"),
    ],
)
def test_role_trust_and_key_policies_have_to_allow(action, resource, policies, outcome, decided_by):
    """From "How AWS enforcement code logic ...": trust policies and key policies are exceptions."""
    evaluation = evaluate(request(USER, action, resource), Policies(**policies))
    assert (evaluation.outcome, evaluation.decided_by) == (outcome, decided_by)


def test_a_trust_policy_needs_no_resource_element():
    trust = parse_policy(
        '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, '
        '"Action": "sts:AssumeRole"}}'
    )
    evaluation = evaluate(
        request(USER, "sts:AssumeRole", ROLE), Policies(identity=(ALL,), resource=trust)
    )
    assert evaluation.allowed


@pytest.mark.parametrize("action", ["kms:ListKeys", "kms:CreateKey"])
def test_key_actions_on_no_key_need_no_key_policy(action):
    """From "Key policies in AWS KMS": a key policy controls access to its key."""
    assert evaluate(request(USER, action, "*"), Policies(identity=(ALL,))).allowed


@pytest.mark.parametrize(
    "action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
)
@pytest.mark.parametrize(
    ("principal", "outcome"),
    [
        pytest.param(ROOT, ALLOWED, id="the owner's root"),
        pytest.param(f"arn:aws:iam::{OTHER_ACCOUNT}:root", EXPLICIT, id="another root"),
        pytest.param(USER, EXPLICIT, id="a user of the owner"),
    ],
)  # fmt: skip
def test_the_owners_root_can_repair_a_bucket_policy(action, principal, outcome):
    """From "PutBucketPolicy" and its siblings in the Amazon S3 API Reference."""
    locked = deny(Principal="*")
    asked = request(principal, action, "arn:aws:s3:::photos")
    assert evaluate(asked, Policies(identity=(ALL,), resource=locked)).outcome is outcome


def test_the_owners_root_is_denied_all_else_by_its_bucket_policy():
    """From "PutBucketPolicy" in the Amazon S3 API Reference names three operations only."""
    asked = request(ROOT, "s3:ListBucket", "arn:aws:s3:::photos")
    assert evaluate(asked, Policies(resource=deny(Principal="*"))).outcome is EXPLICIT


@pytest.mark.parametrize("policies", [{}, {"identity": (deny(),)}, {"scps": ((deny(),),)}])
def test_get_caller_identity_needs_no_permission(policies):
    """From "GetCallerIdentity" in the AWS STS API Reference: not even an explicit deny matters."""
    evaluation = evaluate(request(USER, "sts:GetCallerIdentity", "*"), Policies(**policies))
    assert (evaluation.outcome, evaluation.undetermined) == (ALLOWED, None)


def test_get_caller_identity_against_an_endpoint_policy_is_undetermined():
    asked = request(USER, "sts:GetCallerIdentity", "*")
    evaluation = evaluate(asked, Policies(vpc_endpoint=deny(Principal="*")))
    assert "GetCallerIdentity" in evaluation.undetermined


@pytest.mark.parametrize(
    ("policies", "undetermined"),
    [
        pytest.param({"identity": (ALL,)}, True, id="owner matters"),
        pytest.param({"identity": (ALL,), "resource": grants("*")}, False, id="allowed either way"),
        pytest.param({"identity": (deny(),)}, False, id="denied either way"),
    ],
)
def test_an_unknown_owner_is_said_to_matter_only_where_it_does(policies, undetermined):
    evaluation = evaluate(request(resource_account=None), Policies(**policies))
    assert (evaluation.undetermined is not None) is undetermined


@pytest.mark.parametrize(
    ("resource", "owner"),
    [
        pytest.param(f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:jobs", OTHER_ACCOUNT, id="in its ARN"),
        pytest.param("*", ACCOUNT, id="no resource in particular"),
    ],
)
def test_the_owner_follows_from_the_resource(resource, owner):
    asked = request(USER, "sqs:SendMessage", resource, resource_account=None)
    outcome = evaluate(asked, Policies(identity=(ALL,))).outcome
    assert outcome is (ALLOWED if owner == ACCOUNT else IMPLICIT)


@pytest.mark.parametrize(
    "principal",
    [
        "alice",
        "",
        "arn:aws:iam::1:user/alice",
        "arn:aws:iam::111122223333:group/admins",
        "arn:aws:sts::111122223333:assumed-role/reader",
        "arn:aws:s3:::photos",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam:us-east-1:111122223333:user/alice",
        "https://ec2.amazonaws.com",
    ],
)
def test_a_principal_of_no_known_kind_is_refused(principal):
    with pytest.raises(RequestError, match="principal"):
        evaluate(request(principal), Policies())
