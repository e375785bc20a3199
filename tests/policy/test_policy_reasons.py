"""What an evaluation says of itself: the statement that decided, and each type's own result."""

from __future__ import annotations

import pytest
from policy_questions import (
    ACCOUNT,
    ALLOWED,
    EXPLICIT,
    IMPLICIT,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SESSION,
    USER,
    allow,
    deny,
    policy,
    request,
    statement,
)

from pytest_vpcep.policy import (
    Policies,
    PolicyType,
    StatementReference,
    TypeResult,
    evaluate,
    parse_policy,
)

ALL, NONE = allow(), allow(Action="ec2:*")
NO_PRINCIPAL = statement(Action="ec2:*")
IDLE = statement(Action="ec2:*", Principal="*")
SECOND = StatementReference(None, 1, "S")
FIRST = StatementReference(None, 0, None)


def second(effect="Allow", **elements):
    """A policy whose second statement speaks of the request."""
    return policy(
        IDLE if "Principal" in elements else NO_PRINCIPAL, statement(effect, Sid="S", **elements)
    )


@pytest.mark.parametrize(
    ("principal", "owner", "policies", "decided_by"),
    [
        pytest.param(*row[1:], id=row[0])
        for row in (
            ("identity allows", USER, ACCOUNT, {"identity": (second(),)}, "identity"),
            ("identity denies", USER, ACCOUNT, {"identity": (ALL, second("Deny"))}, "identity"),
            ("user named", USER, ACCOUNT, {"resource": second(Principal={"AWS": USER})},
             "resource"),
            ("role named", SESSION, ACCOUNT, {"resource": second(Principal={"AWS": ROLE})},
             "resource"),
            ("across accounts", USER, OTHER_ACCOUNT,
             {"identity": (ALL,), "resource": second(Principal="*")}, "resource"),
            ("resource denies", USER, ACCOUNT, {"resource": second("Deny", Principal="*")},
             "resource"),
            ("boundary denies", USER, ACCOUNT, {"permissions_boundary": second("Deny")},
             "permissions_boundary"),
            ("session denies", SESSION, ACCOUNT, {"session": (second("Deny"),)}, "session"),
            ("endpoint denies", USER, ACCOUNT, {"vpc_endpoint": second("Deny", Principal="*")},
             "vpc_endpoint"),
            ("SCP denies", USER, ACCOUNT, {"scps": ((ALL,), (ALL, second("Deny")))}, "scp"),
        )
    ],
)  # fmt: skip
def test_the_deciding_statement(principal, owner, policies, decided_by):
    evaluation = evaluate(request(principal, resource_account=owner), Policies(**policies))
    assert (evaluation.decided_by, evaluation.statement) == (PolicyType(decided_by), SECOND)


@pytest.mark.parametrize("order", [(USER, ACCOUNT), (ACCOUNT, USER)])
def test_the_allow_that_names_the_principal_most_closely_counts(order):
    """From "Policy evaluation for requests within a single account", the user's own ARN."""
    named = policy(*(statement(Principal={"AWS": name}) for name in order))
    evaluation = evaluate(request(), Policies(resource=named))
    assert evaluation.allowed
    assert evaluation.statement.index == order.index(USER)


def test_of_equals_the_first_statement_is_named():
    twice = policy(statement(Principal="*"), statement(Principal="*"))
    assert evaluate(request(), Policies(resource=twice)).statement == FIRST
    denied = policy(*[statement("Deny", Principal="*")] * 2)
    assert evaluate(request(), Policies(resource=denied)).statement == FIRST


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param({"identity": (NONE,)}, id="identity"),
        pytest.param({"identity": (ALL,), "scps": ((NONE,),)}, id="SCP"),
        pytest.param({"identity": (ALL,), "vpc_endpoint": allow(Principal="*", Action="ec2:*")},
                     id="endpoint"),
        pytest.param({"identity": (ALL,), "permissions_boundary": NONE}, id="boundary"),
    ],
)  # fmt: skip
def test_an_implicit_denial_has_no_statement_and_all_results(policies):
    evaluation = evaluate(request(), Policies(**policies))
    assert (evaluation.outcome, evaluation.statement) == (IMPLICIT, None)
    assert len(evaluation.results) == len(policies)


def test_every_type_has_a_result_with_its_statement():
    policies = Policies(
        identity=(ALL,),
        permissions_boundary=ALL,
        session=(ALL,),
        resource=second(Principal="*"),
        vpc_endpoint=second(Principal="*"),
        scps=((ALL,), (second(),)),
        rcps=((allow(Principal="*"),),),
    )
    results = evaluate(request(SESSION), policies).results
    assert {result.policy_type for result in results} == set(PolicyType)
    assert {result.outcome for result in results} == {ALLOWED}
    statements = {result.policy_type: result.statement for result in results}
    for policy_type in (PolicyType.RESOURCE, PolicyType.VPC_ENDPOINT, PolicyType.SCP):
        assert statements[policy_type] == SECOND
    for policy_type in (PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.RCP):
        assert statements[policy_type] == FIRST


def test_get_caller_identity_keeps_the_results_it_does_not_need():
    asked = request(USER, "sts:GetCallerIdentity", "*")
    results = evaluate(asked, Policies(identity=(deny(),))).results
    assert results == (TypeResult(PolicyType.IDENTITY, EXPLICIT, FIRST),)


def test_root_has_a_result_for_identity_policies_only_where_some_are_given():
    assert evaluate(request(ROOT), Policies()).results == ()
    evaluation = evaluate(request(ROOT), Policies(identity=(deny(),)))
    assert (evaluation.outcome, evaluation.decided_by) == (EXPLICIT, PolicyType.IDENTITY)


def test_an_open_question_is_asked_with_the_boundary_in_place():
    """A condition of two readings, and a boundary that denies in both: nothing is open."""
    unsettled = allow(Condition={"StringEquals": {"aws:TagKeys": "a"}})
    asked = request(aws__TagKeys=("a", "b"))
    assert evaluate(asked, Policies(identity=(unsettled,))).undetermined
    exempt = policy(statement(Principal="*"), statement("Deny", NotPrincipal={"AWS": [USER, ROOT]}))
    bounded = Policies(identity=(unsettled,), resource=exempt, permissions_boundary=ALL)
    assert evaluate(asked, bounded).undetermined is None


def test_an_empty_level_does_not_end_the_evaluation():
    policies = Policies(identity=(ALL,), scps=((), (deny(),)))
    assert evaluate(request(), policies).outcome is EXPLICIT


def test_the_deciding_statement_is_named():
    first = parse_policy({"Statement": statement(Action="ec2:*")}, name="first")
    second = parse_policy(
        {"Statement": [statement(Action="ec2:*"), statement("Deny", Sid="NoS3", Action="s3:*")]},
        name="second",
    )
    evaluation = evaluate(request(), Policies(identity=(first, second)))
    assert evaluation.statement == StatementReference("second", 1, "NoS3")


def test_each_type_that_takes_part_gives_its_own_result():
    evaluation = evaluate(
        request(),
        Policies(identity=(ALL,), resource=deny(Principal="*"), vpc_endpoint=allow(Principal="*")),
    )
    assert {result.policy_type: result.outcome for result in evaluation.results} == {
        PolicyType.IDENTITY: ALLOWED,
        PolicyType.RESOURCE: EXPLICIT,
        PolicyType.VPC_ENDPOINT: ALLOWED,
    }
