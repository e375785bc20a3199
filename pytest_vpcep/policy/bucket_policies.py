"""What S3 accepts as a bucket policy, and how it words what it refuses.

Sources: Amazon S3 User Guide, "Bucket policies for Amazon S3" (20 KB), "Policies and permissions in
Amazon S3"; AWS Service Authorization Reference, "Actions, resources, and condition keys for Amazon
S3"; IAM User Guide, "AWS JSON policy elements: Principal". The wording: see ``wording``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy.faults import DocumentFault, FaultKind
from pytest_vpcep.policy.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS, OTHER_ACTIONS
from pytest_vpcep.policy.statement_reader import read_policy
from pytest_vpcep.policy.wildcards import Pattern, compile_pattern
from pytest_vpcep.policy.wording import s3_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_vpcep.policy.conditions import Condition
    from pytest_vpcep.policy.documents import Policy, Statement

MAXIMUM_SIZE = 20 * 1024
_BUCKET, _OBJECT = "bucket", "object"
_PRINCIPAL_ARN = re.compile(
    r"arn:(aws[a-z-]*):(iam::\d{12}:(root|(user|role)/[\w+=,.@/-]+)"
    r"|sts::\d{12}:(assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))",
    re.ASCII,
)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", re.ASCII)
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}", re.ASCII)


def validate_bucket_policy(
    text: str | bytes,
    bucket: str,
    *,
    partition: str = "aws",
    principal_exists: Callable[[str], bool] | None = None,
) -> Policy:
    """Accept or refuse a bucket policy as S3's ``PutBucketPolicy`` does.

    Args:
        text: the policy's JSON text.
        bucket: the bucket it is put on.
        partition: the bucket's partition.
        principal_exists: tells whether the IAM entity with an ARN exists; without it every
            well-formed ARN is taken to.

    Raises:
        PolicyRefused: with code ``MalformedPolicy`` and S3's message.

    """
    try:
        _check_size(text)
        policy = read_policy(text, name=bucket)
        for statement in policy.statements:
            _check_principal(statement, principal_exists)
            _check_actions(statement)
            kinds = _resource_kinds(statement, bucket, partition)
            for condition in statement.conditions:
                _check_key(condition)
            if not _is_negated(statement):
                _check_actions_meet(statement, kinds)
    except DocumentFault as fault:
        raise PolicyRefused("MalformedPolicy", s3_message(fault)) from fault
    return policy


def _check_size(text: str | bytes) -> None:
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    if size > MAXIMUM_SIZE:
        raise DocumentFault(FaultKind.TOO_LARGE)


def _check_principal(statement: Statement, principal_exists: Callable[[str], bool] | None) -> None:
    element = statement.principal
    if element is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Principal")
    if isinstance(element.written, str):
        return
    for kind, names in element.written.items():
        for name in names:
            if not _is_well_formed(kind, name):
                raise DocumentFault(FaultKind.INVALID_PRINCIPAL, name)
            is_entity = name.startswith("arn:") and kind == "AWS"
            if is_entity and principal_exists is not None and not principal_exists(name):
                raise DocumentFault(FaultKind.INVALID_PRINCIPAL, name)


def _is_well_formed(kind: str, name: str) -> bool:
    if kind == "AWS":
        return name == "*" or any(form.fullmatch(name) for form in (_ACCOUNT, _PRINCIPAL_ARN))
    if kind == "Federated":
        return bool(name) and "*" not in name
    return bool((_SERVICE if kind == "Service" else _CANONICAL_USER).fullmatch(name))


def _check_actions(statement: Statement) -> None:
    for written, pattern in zip(statement.action.written, statement.action.patterns, strict=True):
        if written != "*" and not (
            written.lower().startswith("s3:") and _kinds_of_action(pattern, with_other=True)
        ):
            raise DocumentFault(FaultKind.INVALID_ACTION, written)


def _kinds_of_action(pattern: Pattern, *, with_other: bool = False) -> set[str]:
    kinds = set()
    for kind, actions in ((_BUCKET, BUCKET_ACTIONS), (_OBJECT, OBJECT_ACTIONS)):
        if any(pattern.matches(f"s3:{action}") for action in actions):
            kinds.add(kind)
    if with_other and any(pattern.matches(f"s3:{action}") for action in OTHER_ACTIONS):
        kinds.add("other")
    return kinds


def _resource_kinds(statement: Statement, bucket: str, partition: str) -> set[str]:
    """Whether the statement's resources are the bucket, objects in it, or both."""
    if statement.resource is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Resource")
    kinds = set()
    for entry in statement.resource.patterns:
        prefix = f"arn:{partition}:s3:::"
        name, slash, _ = entry.written.removeprefix(prefix).partition("/")
        # A name that is a wildcard alone would be any bucket's, which S3 refuses.
        fits = compile_pattern(name).matches(bucket) and bool(name.strip("*?"))
        if not entry.written.startswith(prefix) or not fits:
            raise DocumentFault(FaultKind.INVALID_RESOURCE, entry.written)
        kinds.add(_OBJECT if slash else _BUCKET)
        if not slash and name.endswith("*"):
            kinds.add(_OBJECT)
    return kinds


def _is_negated(statement: Statement) -> bool:
    resource = statement.resource
    return statement.action.negated or (resource is not None and resource.negated)


def _check_actions_meet(statement: Statement, kinds: set[str]) -> None:
    for written, pattern in zip(statement.action.written, statement.action.patterns, strict=True):
        if not _kinds_of_action(pattern) & kinds:
            raise DocumentFault(FaultKind.ACTION_WITHOUT_RESOURCE, written)


def _check_key(condition: Condition) -> None:
    vendor, colon, name = condition.key.partition(":")
    if not (colon and name and (vendor in ("aws", "s3", "saml") or "." in vendor)):
        raise DocumentFault(FaultKind.INVALID_CONDITION_KEY, condition.written_key)
