"""What has to hold of every case, whatever the policies say."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from policy_questions import ACCOUNT, USER, statement

from pytest_vpcep.policy import AuthorizationRequest, Policies, evaluate, parse_policy

KEYS = ("aws:SourceVpce", "aws:PrincipalTag/team", "aws:TagKeys", "aws:SecureTransport")
VALUES = ("vpce-1", "red", "true", "*", "")
PRINCIPALS = (
    USER,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/laptop",
    f"arn:aws:iam::{ACCOUNT}:root",
    "anonymous",
)
ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:GetBucketPolicy", "sqs:SendMessage")
RESOURCES = ("arn:aws:s3:::photos", "arn:aws:s3:::photos/a", "*")
OPERATORS = (
    "StringEquals",
    "StringNotLike",
    "StringLikeIfExists",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringLike",
    "Bool",
    "Null",
)

some = st.sampled_from
conditions = st.dictionaries(
    some(OPERATORS), st.dictionaries(some(KEYS), some(VALUES), min_size=1, max_size=2), max_size=2
)


@st.composite
def statements(draw, *, effect=None, principal=None):
    """A statement, with ``Principal`` where the type of policy takes one."""
    block = statement(
        effect or draw(some(("Allow", "Allow", "Deny"))),
        Action=draw(some(("*", "s3:*", "s3:Get*", *ACTIONS))),
        Resource=draw(some(("arn:aws:s3:::photos*", "arn:aws:s3:::${aws:username}", *RESOURCES))),
        Condition=draw(conditions),
    )
    if principal:
        named = ("*", {"AWS": USER}, {"AWS": ACCOUNT}, {"AWS": PRINCIPALS[1]})
        block["Principal"] = draw(some(named))
    return block


def documents(*, principal=False):
    """A policy of one to three statements."""
    return st.builds(
        lambda blocks, version: {"Version": version, "Statement": blocks},
        st.lists(statements(principal=principal), min_size=1, max_size=3),
        some(("2012-10-17", "2008-10-17")),
    )


def policies(*, principal=False):
    """A compiled policy."""
    return documents(principal=principal).map(parse_policy)


everything = st.builds(
    Policies,
    identity=st.lists(policies(), max_size=2).map(tuple),
    permissions_boundary=st.none() | policies(),
    session=st.lists(policies(), max_size=1).map(tuple),
    resource=st.none() | policies(principal=True),
    vpc_endpoint=st.none() | policies(principal=True),
    scps=st.lists(st.lists(policies(), min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
)
requests = st.builds(
    AuthorizationRequest,
    some(PRINCIPALS),
    some(ACTIONS),
    some(RESOURCES),
    some((ACCOUNT, "444455556666", None)),
    st.dictionaries(some(KEYS), some(VALUES) | st.tuples(some(VALUES), some(VALUES)), max_size=3),
)


def _one(block):
    return _again([block])


@given(requests, everything, statements(effect="Deny"))
def test_adding_a_deny_never_widens(request_, given_policies, block):
    denied = replace(given_policies, identity=(*given_policies.identity, _one(block)))
    if evaluate(request_, denied).allowed:
        assert evaluate(request_, given_policies).allowed


@given(requests, everything, statements(effect="Deny", principal=True))
def test_adding_a_deny_to_the_resource_never_widens(request_, given_policies, block):
    resource = given_policies.resource
    blocks = resource.to_document()["Statement"] if resource else []
    denied = parse_policy({"Version": "2012-10-17", "Statement": [*blocks, block]})
    before = replace(given_policies, resource=_again(blocks) if blocks else None)
    if evaluate(request_, replace(given_policies, resource=denied)).allowed:
        assert evaluate(request_, before).allowed


@given(requests, everything, statements(effect="Allow"))
def test_adding_an_allow_never_narrows(request_, given_policies, block):
    wider = replace(given_policies, identity=(*given_policies.identity, _one(block)))
    if evaluate(request_, given_policies).allowed:
        assert evaluate(request_, wider).allowed


@given(requests, everything, statements(effect="Allow", principal=True))
def test_adding_an_allow_to_the_resource_never_narrows(request_, given_policies, block):
    resource = given_policies.resource
    blocks = resource.to_document()["Statement"] if resource else []
    before = replace(given_policies, resource=_again(blocks) if blocks else None)
    wider = parse_policy({"Version": "2012-10-17", "Statement": [*blocks, block]})
    if evaluate(request_, before).allowed:
        assert evaluate(request_, replace(given_policies, resource=wider)).allowed


def _again(blocks):
    return parse_policy({"Version": "2012-10-17", "Statement": blocks})


@given(requests, everything, st.integers(0, 2**16))
def test_order_of_statements_and_policies_is_irrelevant(request_, given_policies, seed):
    random = Random(seed)  # noqa: S311

    def shuffled(policy):
        document = policy.to_document()
        random.shuffle(document["Statement"])
        return parse_policy(document)

    def shuffled_all(several):
        return tuple(random.sample([shuffled(policy) for policy in several], len(several)))

    other = replace(
        given_policies,
        identity=shuffled_all(given_policies.identity),
        resource=given_policies.resource and shuffled(given_policies.resource),
        vpc_endpoint=given_policies.vpc_endpoint and shuffled(given_policies.vpc_endpoint),
        scps=tuple(shuffled_all(level) for level in given_policies.scps),
    )
    first, second = evaluate(request_, given_policies), evaluate(request_, other)
    assert (first.outcome, first.decided_by) == (second.outcome, second.decided_by)


@given(requests, everything)
def test_a_policy_printed_and_read_again_decides_alike(request_, given_policies):
    def copy(policy):
        return policy and parse_policy(policy.to_json())

    other = Policies(
        identity=tuple(map(copy, given_policies.identity)),
        permissions_boundary=copy(given_policies.permissions_boundary),
        session=tuple(map(copy, given_policies.session)),
        resource=copy(given_policies.resource),
        vpc_endpoint=copy(given_policies.vpc_endpoint),
        scps=tuple(tuple(map(copy, level)) for level in given_policies.scps),
    )
    assert evaluate(request_, given_policies) == evaluate(request_, other)


@given(requests, everything, some((str.lower, str.upper, str.swapcase)))
def test_case_of_actions_and_of_context_keys_is_irrelevant(request_, given_policies, spell):
    context = {spell(key): value for key, value in request_.context.items()}
    other = replace(request_, action=spell(request_.action), context=context)
    assert evaluate(request_, given_policies).outcome is evaluate(other, given_policies).outcome


@given(requests, everything)
def test_what_is_allowed_is_denied_by_no_type(request_, given_policies):
    evaluation = evaluate(request_, given_policies)
    denied = [r for r in evaluation.results if r.outcome.value == "explicitDeny"]
    if evaluation.allowed:
        repaired = request_.principal.endswith(":root") and "BucketPolicy" in request_.action
        assert not denied or repaired
    assert evaluation.statement is None or evaluation.decided_by is not None


@given(st.dictionaries(st.text(string.ascii_letters, max_size=8), st.text(max_size=8), max_size=4))
def test_statements_are_found_through_the_index_as_without_it(context):
    """Thousands of statements on other resources, and the one that matters among them."""
    blocks = [statement(Resource=f"arn:aws:s3:::bucket-{n}/*") for n in range(50)]
    blocks.insert(25, statement(Sid="it", Resource="arn:aws:s3:::photos/*"))
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": blocks}))
    asked = AuthorizationRequest(USER, "s3:GetObject", "arn:aws:s3:::photos/a", ACCOUNT, context)
    evaluation = evaluate(asked, Policies(identity=(policy,)))
    assert (evaluation.allowed, evaluation.statement.index) == (True, 25)
