"""Generated cases, judged by us and by a peer: they agree, but for the differences explained.

``VPCEP_DIFFERENTIAL_CASES`` sets how many cases are judged, ``VPCEP_DIFFERENTIAL_SEED`` which.
"""

from __future__ import annotations

import json
import os

import pytest
from case_generator import (
    ACCOUNT,
    OPERATORS,
    OTHER_ACCOUNT,
    POLICY_TYPES,
    ROOT,
    SESSION,
    USER,
    CaseGenerator,
)
from peer import ask
from peer_dialect import ALWAYS, for_the_peer, lift_the_session_policys_silence

from pytest_vpcep.policy.json_lines import decide_lines

CASES = int(os.environ.get("VPCEP_DIFFERENTIAL_CASES", "20000"))
SEED = int(os.environ.get("VPCEP_DIFFERENTIAL_SEED", "20240601"))
SHARES = 4
#: Each of these has to be met at least this often in every thousand cases.
LEAST_PER_THOUSAND = 5


def _ours(cases):
    answers = [answer for answer, _ in decide_lines(map(json.dumps, cases))]
    for answer in answers:
        assert "error" not in answer, answer
        assert "undetermined" not in answer, answer
    return answers


@pytest.mark.parametrize("share", range(SHARES))
def test_we_agree(share):
    generator = CaseGenerator(SEED + share)
    cases = [generator.case(f"{share}-{number}") for number in range(CASES // SHARES)]
    ours = _ours(cases)
    theirs, _ = ask(map(for_the_peer, cases))
    assert len(theirs) == len(cases)
    differing = [
        (case, answer)
        for case, answer, decision in zip(cases, ours, theirs, strict=True)
        if answer["decision"] != decision
    ]
    # The one difference that shows only in the outcome: a grant to the session itself.
    granted = [
        (case, answer)
        for case, answer in differing
        if answer["decided_by"] == "resource" and "session" in case["policies"]
    ]
    assert [case for case, answer in differing if (case, answer) not in granted] == []
    lifted = []
    for case, _ in granted:
        asked = for_the_peer(case)
        lift_the_session_policys_silence(asked)
        lifted.append(asked)
    again = ask(lifted)[0] if lifted else []
    assert [
        case
        for (case, answer), decision in zip(granted, again, strict=True)
        if answer["decision"] != decision
    ] == []
    decisions = {answer["decision"] for answer in ours}
    assert decisions == {"allowed", "explicitDeny", "implicitDeny"}
    print(f"\n{len(cases)} cases agree, {len(granted)} of them by the session's own grant")


def test_the_cases_reach_everything():
    generator = CaseGenerator(SEED)
    for number in range(5_000):
        generator.case(str(number))
    reached = generator.coverage
    named = {name for names in OPERATORS.values() for name in names}
    expected = [
        *(f"operator:{name}{suffix}" for name in named for suffix in ("", "IfExists")),
        "operator:Null",
        *(
            f"qualifier:{qualifier}:{name}"
            for qualifier in ("ForAllValues", "ForAnyValue")
            for name in OPERATORS["Set"]
        ),
        *(f"type:{name}" for name in POLICY_TYPES),
        *(f"element:{name}" for name in ("NotAction", "NotResource", "NotPrincipal")),
        *(f"version:{version}" for version in ("2012-10-17", "2008-10-17")),
        *(f"account:{account}" for account in ("same", "other")),
        *(
            f"named:{kind}"
            for kind in ("everyone", "account", "user", "role", "session", "service")
        ),
    ]
    print()
    for feature in sorted(reached):
        print(f"{reached[feature]:6} {feature}")
    rare = [feature for feature in expected if reached[feature] < LEAST_PER_THOUSAND * 5]
    assert rare == []


def _statement(effect="Allow", **elements):
    return {"Effect": effect, "Action": "*", "Resource": "*"} | elements


def _policy(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def _case(principal=USER, action="s3:GetObject", account=ACCOUNT, context=None, **policies):
    resource = {
        "s3:GetObject": "arn:aws:s3:::photos/alice/a",
        "s3:GetBucketPolicy": "arn:aws:s3:::photos",
        "sts:AssumeRole": f"arn:aws:iam::{ACCOUNT}:role/writer",
    }[action]
    request = {
        "principal": principal,
        "action": action,
        "resource": resource,
        "resource_account": account,
        "context": context or {},
    }
    return {"id": "c", "request": request, "policies": policies}


def _when(**condition):
    return {"identity": [_policy(_statement(Condition=condition))]}


EVERYTHING = _policy(_statement())
EXPLAINED = {
    "spell_out_implied_context": (
        _case(**_when(StringEquals={"aws:username": "alice"})),
        "allowed",
    ),
    "grant_root_everything": (_case(ROOT), "allowed"),
    "lift_the_bucket_policy_from_its_owners_root": (
        _case(ROOT, "s3:GetBucketPolicy", resource=_policy(_statement("Deny", Principal="*"))),
        "allowed",
    ),
    "list_no_accounts_in_not_principal": (
        _case(
            SESSION,
            resource=_policy(_statement("Deny", NotPrincipal={"AWS": [ROOT, USER]})),
        ),
        "explicitDeny",
    ),
    "trust_somebody_else": (
        _case(action="sts:AssumeRole", identity=[EVERYTHING]),
        "implicitDeny",
    ),
    "make_old_variables_plain": (
        _case(
            identity=[
                _policy(
                    _statement(Resource="arn:aws:s3:::photos/${aws:username}/*"),
                    version="2008-10-17",
                )
            ]
        ),
        "implicitDeny",
    ),
    "name_nothing_for_variables_without_value": (
        _case(
            SESSION,
            identity=[
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "*",
                            "NotResource": "arn:aws:s3:::photos/${aws:username}/*",
                        }
                    ],
                }
            ],
        ),
        "allowed",
    ),
    "write_escaped_asterisks_plainly": (
        _case(context={"aws:UserAgent": "a*b"}, **_when(StringEquals={"aws:UserAgent": "a${*}b"})),
        "allowed",
    ),
    "compare_with_no_value": (
        _case(
            SESSION,
            context={"aws:UserAgent": "x"},
            **_when(StringNotEqualsIgnoreCase={"aws:UserAgent": "${aws:username}"}),
        ),
        "allowed",
    ),
    "halve_the_whole_address_space": (
        _case(
            context={"aws:SourceIp": "203.0.113.9"},
            **_when(IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
        ),
        "allowed",
    ),
    "drop_addresses_of_the_other_family": (
        _case(
            context={"aws:SourceIp": "2001:db8::7"},
            **_when(NotIpAddress={"aws:SourceIp": "10.0.1.5"}),
        ),
        "allowed",
    ),
    "drop_if_exists_of_missing_sets": (
        _case(**_when(**{"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "t*"}})),
        "allowed",
    ),
}


@pytest.mark.parametrize("rewrite", ALWAYS, ids=lambda rewrite: rewrite.__name__)
def test_each_explained_difference_is_one(rewrite):
    """We decide as AWS's page says; the peer does once asked in its dialect, and not before."""
    case, documented = EXPLAINED[rewrite.__name__]
    assert _ours([case])[0]["decision"] == documented, rewrite.__doc__
    (asked, without), _ = ask([for_the_peer(case), for_the_peer(case, without=rewrite)])
    assert asked == documented
    assert without != documented


def test_a_grant_to_the_session_itself_is_an_explained_difference():
    case = _case(
        SESSION,
        session=[_policy(_statement(Action="ec2:*"))],
        resource=_policy(_statement(Principal={"AWS": SESSION})),
    )
    lifted = for_the_peer(case)
    lift_the_session_policys_silence(lifted)
    assert _ours([case])[0]["decision"] == "allowed"
    assert ask([for_the_peer(case), lifted])[0] == ["implicitDeny", "allowed"]


def test_the_peer_tells_accounts_apart_as_we_do():
    cases = [_case(account=owner, identity=[EVERYTHING]) for owner in (ACCOUNT, OTHER_ACCOUNT)]
    assert [answer["decision"] for answer in _ours(cases)] == ask(map(for_the_peer, cases))[0]
