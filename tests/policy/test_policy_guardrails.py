"""What limits a request whoever is granted it: SCPs, RCPs, and VPC endpoint policies."""

from __future__ import annotations

import pytest
from policy_questions import (
    ACCOUNT,
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    OTHER_ACCOUNT,
    ROOT,
    SERVICE,
    SESSION,
    USER,
    allow,
    deny,
    request,
)

from pytest_vpcep.policy import Policies, PolicyType, evaluate

SCPS = "Service control policies (SCPs)"
SCP_EVALUATION = "SCP evaluation"
RCPS = "Resource control policies (RCPs)"
RCP_EVALUATION = "RCP evaluation"
ENDPOINT = "Control access to VPC endpoints using endpoint policies"
PUT_POLICY = "PutBucketPolicy"

SCP, RCP, VPC_ENDPOINT = PolicyType.SCP, PolicyType.RCP, PolicyType.VPC_ENDPOINT
ALL, NONE, DENY = allow(), allow(Action="ec2:*"), deny()
RCP_ALL, RCP_DENY = allow(Principal="*"), deny(Principal="*")
EVERYONE = allow(Principal="*")
SERVICE_LINKED = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling"
GET_POLICY = ("s3:GetBucketPolicy", "arn:aws:s3:::photos")


@pytest.mark.parametrize(
    ("page", "principal", "guardrails", "outcome", "decided_by"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("SCP allows", SCPS, USER, {"scps": ((ALL,),)}, ALLOWED, PolicyType.RESOURCE),
            ("SCP denies", SCPS, USER, {"scps": ((ALL, DENY),)}, EXPLICIT, SCP),
            ("SCP is silent", SCPS, USER, {"scps": ((NONE,),)}, IMPLICIT, SCP),
            ("every level allows", SCP_EVALUATION, USER, {"scps": ((ALL,), (NONE, ALL), (ALL,))},
             ALLOWED, PolicyType.RESOURCE),
            ("a middle level is silent", SCP_EVALUATION, USER,
             {"scps": ((ALL,), (NONE,), (ALL,))}, IMPLICIT, SCP),
            ("the last level denies", SCP_EVALUATION, USER,
             {"scps": ((ALL,), (NONE,), (ALL, DENY))}, EXPLICIT, SCP),
            ("SCP and root", SCPS, ROOT, {"scps": ((ALL, DENY),)}, EXPLICIT, SCP),
            ("SCP and a role session", SCPS, SESSION, {"scps": ((NONE,),)}, IMPLICIT, SCP),
            ("SCP and a service-linked role", SCPS, SERVICE_LINKED, {"scps": ((DENY,),)}, ALLOWED,
             PolicyType.RESOURCE),
            ("SCP and a service", SCPS, SERVICE, {"scps": ((DENY,),)}, ALLOWED,
             PolicyType.RESOURCE),
            ("SCP and anonymous", SCPS, "anonymous", {"scps": ((DENY,),)}, ALLOWED,
             PolicyType.RESOURCE),
            ("RCP allows", RCPS, USER, {"rcps": ((RCP_ALL,),)}, ALLOWED, PolicyType.RESOURCE),
            ("RCP denies", RCPS, USER, {"rcps": ((RCP_ALL, RCP_DENY),)}, EXPLICIT, RCP),
            ("RCP of a level denies", RCP_EVALUATION, USER,
             {"rcps": ((RCP_ALL,), (RCP_ALL, RCP_DENY))}, EXPLICIT, RCP),
            ("RCP and root", RCPS, ROOT, {"rcps": ((RCP_ALL, RCP_DENY),)}, EXPLICIT, RCP),
            ("RCP and a service", RCPS, SERVICE, {"rcps": ((RCP_ALL, RCP_DENY),)}, EXPLICIT, RCP),
            ("RCP and anonymous", RCPS, "anonymous", {"rcps": ((RCP_ALL, RCP_DENY),)}, EXPLICIT,
             RCP),
            ("RCP and a service-linked role", RCPS, SERVICE_LINKED, {"rcps": ((RCP_DENY,),)},
             ALLOWED, PolicyType.RESOURCE),
            ("endpoint allows", ENDPOINT, USER, {"vpc_endpoint": EVERYONE}, ALLOWED,
             PolicyType.RESOURCE),
            ("endpoint denies", ENDPOINT, USER, {"vpc_endpoint": deny(Principal="*")}, EXPLICIT,
             VPC_ENDPOINT),
            ("endpoint is silent", ENDPOINT, USER,
             {"vpc_endpoint": allow(Principal="*", Action="s3:PutObject")}, IMPLICIT, VPC_ENDPOINT),
            ("endpoint and root", ENDPOINT, ROOT, {"vpc_endpoint": deny(Principal="*")}, EXPLICIT,
             VPC_ENDPOINT),
            ("endpoint and anonymous", ENDPOINT, "anonymous",
             {"vpc_endpoint": allow(Principal="*", Action="s3:PutObject")}, IMPLICIT, VPC_ENDPOINT),
            ("endpoint for one user", ENDPOINT, USER,
             {"vpc_endpoint": allow(
                 Principal="*", Condition={"StringEquals": {"aws:PrincipalArn": USER}})},
             ALLOWED, PolicyType.RESOURCE),
            ("endpoint for another user", ENDPOINT, SESSION,
             {"vpc_endpoint": allow(
                 Principal="*", Condition={"StringEquals": {"aws:PrincipalArn": USER}})},
             IMPLICIT, VPC_ENDPOINT),
            ("endpoint for the account's buckets", ENDPOINT, USER,
             {"vpc_endpoint": allow(
                 Principal="*", Condition={"StringEquals": {"aws:ResourceAccount": ACCOUNT}})},
             ALLOWED, PolicyType.RESOURCE),
        )
    ],
)  # fmt: skip
def test_guardrail(page, principal, guardrails, outcome, decided_by):
    """The bucket policy allows everyone, so that only the guardrail can deny."""
    evaluation = evaluate(request(principal), Policies(resource=EVERYONE, **guardrails))
    assert (evaluation.outcome, evaluation.decided_by) == (outcome, decided_by), page


@pytest.mark.parametrize("guardrail", [{"scps": ((ALL,),)}, {"rcps": ((RCP_ALL,),)},
                                       {"vpc_endpoint": EVERYONE}])  # fmt: skip
def test_a_guardrail_grants_nothing(guardrail):
    """From "Service control policies (SCPs)": no permissions are granted by one."""
    evaluation = evaluate(request(), Policies(**guardrail))
    assert (evaluation.outcome, evaluation.decided_by) == (IMPLICIT, PolicyType.IDENTITY)


@pytest.mark.parametrize(
    ("guardrail", "outcome"),
    [
        pytest.param({"vpc_endpoint": deny(Principal="*")}, EXPLICIT, id="endpoint policy"),
        pytest.param({"scps": ((DENY,),)}, EXPLICIT, id="SCP"),
        pytest.param({"rcps": ((RCP_DENY,),)}, EXPLICIT, id="RCP"),
        pytest.param({}, ALLOWED, id="none"),
    ],
)
def test_only_guardrails_keep_the_owners_root_from_its_bucket_policy(guardrail, outcome):
    locked = deny(Principal="*")
    evaluation = evaluate(request(ROOT, *GET_POLICY), Policies(resource=locked, **guardrail))
    assert evaluation.outcome is outcome, PUT_POLICY


def test_rcps_apply_to_services_that_support_them():
    """From "Resource control policies (RCPs)", "List of AWS services that support RCPs"."""
    policies = Policies(identity=(ALL,), rcps=((RCP_DENY,),))
    on_instance = request(
        USER, "ec2:StopInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
    )
    on_bucket = request()
    assert evaluate(on_instance, policies).allowed
    assert evaluate(on_bucket, policies).outcome is EXPLICIT


def test_list_all_buckets_is_a_request_to_no_bucket_but_crosses_the_endpoint():
    """From "Control access to VPC endpoints using endpoint policies"."""
    asked = request(USER, "s3:ListAllMyBuckets", "*")
    elsewhere = deny(Principal="*", Resource=["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"])
    assert evaluate(asked, Policies(identity=(ALL,), resource=elsewhere)).allowed
    blocked = evaluate(asked, Policies(identity=(ALL,), vpc_endpoint=deny(Principal="*")))
    assert blocked.decided_by is VPC_ENDPOINT


def test_an_empty_level_is_undetermined():
    """From "Quotas and service limits for AWS Organizations": an entity has one SCP at least."""
    evaluation = evaluate(request(), Policies(identity=(ALL,), scps=((ALL,), ())))
    assert evaluation.outcome is IMPLICIT
    assert "level" in evaluation.undetermined


@pytest.mark.parametrize(
    ("owner", "named"),
    [pytest.param(ACCOUNT, IMPLICIT, id="same"), pytest.param(OTHER_ACCOUNT, IMPLICIT, id="other")],
)
def test_a_silent_scp_outweighs_every_grant(owner, named):
    policies = Policies(identity=(ALL,), resource=EVERYONE, scps=((NONE,),))
    evaluation = evaluate(request(resource_account=owner), policies)
    assert (evaluation.outcome, evaluation.decided_by) == (named, SCP), SCPS


LAB_DENY = deny(
    Principal="*",
    Action="s3:*",
    Resource=["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"],
    Condition={"StringNotEquals": {"aws:sourceVpce": "vpce-1a2b3c4d"}},
)


@pytest.mark.parametrize(
    ("action", "resource", "endpoint", "outcome"),
    [
        pytest.param("s3:GetObject", "arn:aws:s3:::photos/k", "vpce-1a2b3c4d", ALLOWED,
                     id="over the endpoint"),
        pytest.param("s3:GetObject", "arn:aws:s3:::photos/k", "vpce-other", EXPLICIT,
                     id="over another endpoint"),
        pytest.param("s3:GetObject", "arn:aws:s3:::photos/k", None, EXPLICIT,
                     id="over the internet"),
        pytest.param("s3:ListBucket", "arn:aws:s3:::photos", None, EXPLICIT, id="the bucket too"),
        pytest.param("s3:ListAllMyBuckets", "*", None, ALLOWED, id="no bucket"),
        pytest.param("s3:GetObject", "arn:aws:s3:::photos2/k", None, ALLOWED, id="another bucket"),
    ],
)  # fmt: skip
def test_access_restricted_to_an_endpoint(action, resource, endpoint, outcome):
    """From "Controlling access from VPC endpoints with bucket policies", Amazon S3 User Guide."""
    context = {} if endpoint is None else {"aws__SourceVpce": endpoint}
    asked = request(USER, action, resource, **context)
    assert evaluate(asked, Policies(identity=(ALL,), resource=LAB_DENY)).outcome is outcome
