"""The words of policy evaluation, as plain data: what is asked, what is attached, what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.policy.documents import Policy


class Outcome(StrEnum):
    """A result in the words of IAM's simulation API (``EvalDecision``)."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class PolicyType(StrEnum):
    """A policy type, in the order of the IAM User Guide's "Policy types"."""

    IDENTITY = "identity"
    PERMISSIONS_BOUNDARY = "permissions_boundary"
    SESSION = "session"
    RESOURCE = "resource"
    VPC_ENDPOINT = "vpc_endpoint"
    SCP = "scp"
    RCP = "rcp"


#: Request context: condition key to its value or values; keys match without regard to case.
Context = Mapping[str, "str | tuple[str, ...]"]


@dataclass(frozen=True)
class AuthorizationRequest:
    """One action on one resource by one principal.

    Args:
        principal: an ARN (user, role, assumed-role session, federated user, account root), a
            service principal such as ``ec2.amazonaws.com``, or ``anonymous``.
        action: ``service:Operation``.
        resource: the resource's ARN, or ``*``.
        resource_account: account id that owns the resource, or None where it is not known.
        context: the request context; values are strings or tuples of strings.

    """

    principal: str
    action: str
    resource: str
    resource_account: str | None = None
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Policies:
    """Every policy that takes part in a decision, by type; None or empty: none is attached."""

    identity: tuple[Policy, ...] = ()
    permissions_boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None
    vpc_endpoint: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()


@dataclass(frozen=True)
class StatementReference:
    """The statement that decided: which policy of its type, and where in it.

    Args:
        policy: the policy's name, where it has one.
        index: position of the statement in its policy, from 0.
        sid: the statement's ``Sid``, where it has one.

    """

    policy: str | None
    index: int
    sid: str | None


@dataclass(frozen=True)
class TypeResult:
    """What the policies of one type say by themselves, and the statement they say it with."""

    policy_type: PolicyType
    outcome: Outcome
    statement: StatementReference | None = None


@dataclass(frozen=True)
class Evaluation:
    """The outcome of evaluating all policy types.

    Args:
        outcome: allowed, explicitDeny or implicitDeny.
        decided_by: the policy type that decided; None where none speaks (root in its account).
        statement: the statement that decided; None for an implicit denial.
        results: each policy type's own result, for the types that took part.
        undetermined: why AWS's documentation does not settle this case; None where it does.

    """

    outcome: Outcome
    decided_by: PolicyType | None
    statement: StatementReference | None
    results: tuple[TypeResult, ...] = ()
    undetermined: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether the request passes all policies."""
        return self.outcome is Outcome.ALLOWED
