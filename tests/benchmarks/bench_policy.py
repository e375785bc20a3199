"""Decisions a second, ours and the peer's on the same cases, and the cost of idle statements.

Run it by name: ``pytest tests/benchmarks/bench_policy.py -s``. The peer is found as in
``tests/policy/differential``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pytest_vpcep.policy import (
    AuthorizationRequest,
    Policies,
    evaluate,
    parse_policy,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "policy" / "differential"))

from case_generator import CaseGenerator
from peer import ask
from peer_dialect import for_the_peer

ACCOUNT, CASES, ROUNDS = "111122223333", 4_000, 5
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"


def _compiled(case):
    policies = dict(case["policies"])
    for name in ("identity", "session"):
        policies[name] = tuple(parse_policy(policy) for policy in policies.get(name, ()))
    for name in ("permissions_boundary", "resource", "vpc_endpoint"):
        policies[name] = parse_policy(policies[name]) if name in policies else None
    for name in ("scps", "rcps"):
        levels = policies.get(name, ())
        policies[name] = tuple(tuple(map(parse_policy, level)) for level in levels)
    request = case["request"]
    context = {
        key: value if isinstance(value, str) else tuple(value)
        for key, value in request["context"].items()
    }
    asked = AuthorizationRequest(
        request["principal"],
        request["action"],
        request["resource"],
        request["resource_account"],
        context,
    )
    return asked, Policies(**policies)


def _per_second(questions):
    """Decisions in a second of processor time, the best of some rounds."""
    best = 0.0
    for _ in range(ROUNDS):
        started = time.process_time()
        for asked, policies in questions:
            evaluate(asked, policies)
        best = max(best, len(questions) / (time.process_time() - started))
    return best


def test_twenty_times_the_peer():
    generator = CaseGenerator(1)
    cases = [generator.case(str(number)) for number in range(CASES)]
    questions = [_compiled(case) for case in cases]
    peer = list(map(for_the_peer, cases))
    theirs = max(CASES / ask(peer)[1] for _ in range(2))
    ours = _per_second(questions)
    print(f"\nours {ours:,.0f}/s, peer {theirs:,.0f}/s, ratio {ours / theirs:.1f}")
    assert ours >= 20 * theirs


def _idle(count, kind):
    """Statements that cannot match a request for an object of the bucket ``photos``."""
    other = {
        "action": {"Action": "ec2:StartInstances", "Resource": "*"},
        "resource": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket-{}/*"},
    }[kind]
    return [
        {
            "Effect": "Allow",
            "Action": other["Action"],
            "Resource": other["Resource"].format(number),
        }
        for number in range(count)
    ]


def test_flat_in_statements_that_cannot_match():
    last = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"}
    asked = AuthorizationRequest(USER, "s3:GetObject", "arn:aws:s3:::photos/a", ACCOUNT)
    for kind in ("action", "resource"):
        speed = {}
        for count in (1, 10, 100, 1_000):
            policy = parse_policy(
                {"Version": "2012-10-17", "Statement": [*_idle(count, kind), last]}
            )
            speed[count] = _per_second([(asked, Policies(identity=(policy,)))] * 2_000)
        print(f"\nby {kind}: " + ", ".join(f"{n}: {1e6 / s:.1f} us" for n, s in speed.items()))
        assert speed[1] / speed[1_000] < 5
