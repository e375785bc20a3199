"""Malformed documents: refused with a ``VpcepError`` or judged, and never slowly.

``VPCEP_FUZZ_DOCUMENTS`` sets how many are tried.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import time
from random import Random

import pytest
from policy_questions import ACCOUNT, OBJECT, USER, request, statement

from pytest_vpcep.errors import VpcepError
from pytest_vpcep.policy import (
    Policies,
    evaluate,
    is_public,
    parse_policy,
    validate_bucket_policy,
    validate_endpoint_policy,
    validate_identity_policy,
)
from pytest_vpcep.policy.json_lines import decide_lines

DOCUMENTS = int(os.environ.get("VPCEP_FUZZ_DOCUMENTS", "2000"))
SHARES = 4
LIMIT = 0.05

SEEDS = (
    {"Version": "2012-10-17", "Statement": [statement(Principal="*")]},
    {
        "Version": "2012-10-17",
        "Id": "P",
        "Statement": [
            statement(
                "Deny",
                Sid="Lab",
                Principal={"AWS": [USER, ACCOUNT], "Service": "ec2.amazonaws.com"},
                Action=["s3:Get*", "s3:ListBucket"],
                Resource=["arn:aws:s3:::photos", "arn:aws:s3:::photos/${aws:username}/*"],
                Condition={
                    "StringNotEquals": {"aws:sourceVpce": "vpce-1"},
                    "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", "b?"]},
                    "DateLessThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"},
                    "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]},
                    "NumericLessThan": {"s3:max-keys": 10},
                    "Bool": {"aws:SecureTransport": True},
                    "ArnLike": {"aws:SourceArn": "arn:aws:sns:*:1:${aws:userid, 'x'}"},
                },
            )
        ],
    },
)
STRANGE = (
    None,
    True,
    -1,
    1e308,
    10**400,
    "",
    "*",
    "${",
    "${}",
    "${aws:username, '}",
    "\x00",
    "\ud800",
    "a" * 3_000,
    "a*" * 3_000,
    "?*" * 3_000,
    "${aws:username}" * 500,
    [],
    {},
    [[]],
    {"": {}},
    ["*"] * 300,
    "arn:::::",
    "9" * 5_000 + "-01-01",
    "::ffff:1.2.3.4/200",
    "1e5",
    "Allow",
    "2012-10-17",
)
CONTEXT = {
    "aws:CurrentTime": "2024-01-01T00:00:00Z",
    "aws:SourceIp": "10.1.2.3",
    "aws:TagKeys": ("a", "a" * 3_000),
    "s3:max-keys": "5",
    "aws:SecureTransport": "true",
    "aws:PrincipalTag/team": "a" * 3_000,
}


def _places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in children:
        if isinstance(child, dict | list):
            yield from _places(child, (*path, key))


def _mutant(random):
    """A document with one to three of its parts replaced, removed, renamed or wrapped."""
    document = copy.deepcopy(random.choice(SEEDS))
    for _ in range(random.randint(1, 3)):
        node = document
        for key in random.choice(list(_places(document))):
            node = node[key]
        if not node:
            continue
        key = random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))
        match random.randrange(4):
            case 0:
                node[key] = copy.deepcopy(random.choice(STRANGE))
            case 1:
                node[key] = [node[key]]
            case 2 if isinstance(node, dict):
                node[random.choice(("", "NotAction", "Null", "Sid", str(key) + "s"))] = node.pop(
                    key
                )
            case _:
                del node[key]
    return document


def _noise(random):
    """A document's text with bytes changed, cut off or put in."""
    text = bytearray(json.dumps(random.choice(SEEDS)).encode())
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(text))
        match random.randrange(3):
            case 0:
                text[at] = random.randrange(256)
            case 1:
                text[at : at + random.randint(1, 20)] = b""
            case _:
                text[at:at] = random.randbytes(random.randint(1, 4))
        text = text or bytearray(b"{")
    return bytes(text)


def _use(form):
    """Everything the package does with a document; returns whether it is a policy."""
    text = form if isinstance(form, bytes) else json.dumps(form)
    for validate in (
        lambda: validate_bucket_policy(text, "photos"),
        lambda: validate_endpoint_policy(text, gateway=False),
        lambda: validate_identity_policy(text),
    ):
        with contextlib.suppress(VpcepError):
            validate()
    try:
        policy = parse_policy(form)
    except VpcepError:
        return False
    asked = request(**{key.replace(":", "__").replace("/", "___"): v for key, v in CONTEXT.items()})
    evaluate(asked, Policies(identity=(policy,), resource=policy, vpc_endpoint=policy))
    is_public(policy)
    assert parse_policy(policy.to_json()).statements == policy.statements
    return True


@pytest.mark.parametrize("share", range(SHARES))
def test_malformed_documents(share):
    random = Random(share)  # noqa: S311
    policies = 0
    for _ in range(DOCUMENTS // SHARES):
        form = _mutant(random) if random.random() < 0.7 else _noise(random)
        started = time.process_time()
        policies += _use(form)
        taken = time.process_time() - started
        if taken > LIMIT:
            # A pause of the collector is not the document's doing: it has to be slow twice.
            started = time.process_time()
            _use(form)
            assert time.process_time() - started < LIMIT, form
    assert 0 < policies < DOCUMENTS // SHARES


@pytest.mark.parametrize("share", range(SHARES))
def test_malformed_lines(share):
    random = Random(1_000 + share)  # noqa: S311
    for _ in range(DOCUMENTS // SHARES // 4):
        case = {
            "id": "c",
            "request": {"principal": USER, "action": "s3:GetObject", "resource": OBJECT},
            "policies": {"identity": [_mutant(random)], "scps": [[_mutant(random)]]},
        }
        part = case[random.choice(("request", "policies"))]
        part[random.choice(list(part))] = random.choice(STRANGE)
        ((answer, judged),) = decide_lines([json.dumps(case)])
        assert judged is ("error" not in answer)
        json.dumps(answer)
