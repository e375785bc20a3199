"""Short ways to ask the policy engine, shared by the tests of this folder."""

from __future__ import annotations

from typing import Any

from pytest_vpcep.policy import (
    AuthorizationRequest,
    Evaluation,
    Outcome,
    Policies,
    Policy,
    evaluate,
    parse_policy,
)

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/laptop"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/carol"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SERVICE = "cloudtrail.amazonaws.com"
BUCKET = "arn:aws:s3:::photos"
OBJECT = "arn:aws:s3:::photos/2024/cat.jpg"

ALLOWED, EXPLICIT, IMPLICIT = Outcome.ALLOWED, Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement on every action and resource unless told otherwise."""
    block: dict[str, Any] = {"Effect": effect}
    if "NotAction" not in elements:
        block["Action"] = "*"
    if "NotResource" not in elements:
        block["Resource"] = "*"
    return block | elements


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> Policy:
    """A policy of some statements."""
    return parse_policy({"Version": version, "Statement": list(statements)})


def allow(**elements: Any) -> Policy:
    """A policy of one ``Allow``."""
    return policy(statement("Allow", **elements))


def deny(**elements: Any) -> Policy:
    """A policy of one ``Deny``."""
    return policy(statement("Deny", **elements))


def request(
    principal: str = USER,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    resource_account: str | None = ACCOUNT,
    **context: str | tuple[str, ...],
) -> AuthorizationRequest:
    """A request; context keys are given with ``__`` for the colon and ``___`` for the slash."""
    keys = {key.replace("___", "/").replace("__", ":"): value for key, value in context.items()}
    return AuthorizationRequest(principal, action, resource, resource_account, keys)


def holds(
    condition: dict[str, Any],
    context: dict[str, str | tuple[str, ...]],
    *,
    version: str = "2012-10-17",
    principal: str = USER,
) -> Evaluation:
    """The evaluation of an identity-based ``Allow`` that hangs on one ``Condition``."""
    granted = policy(statement(Condition=condition), version=version)
    asked = AuthorizationRequest(principal, "s3:GetObject", OBJECT, ACCOUNT, context)
    return evaluate(asked, Policies(identity=(granted,)))
