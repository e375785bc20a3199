"""What a request is, prepared once for all the policies it is matched against."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from pytest_vpcep.policy.context import full_context, resource_account
from pytest_vpcep.policy.principals import Principal, parse_principal
from pytest_vpcep.policy.statement_index import resource_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.policy.models import AuthorizationRequest


class OpenQuestion(Enum):
    """What AWS's documentation, or the request, leaves open, in words for a reader."""

    SEVERAL_VALUES = (
        "a context key has several values and the condition on it no ForAllValues or ForAnyValue: "
        "the IAM User Guide says that such keys need one, not what happens without"
    )
    PARTIAL_NOT_PRINCIPAL = (
        "NotPrincipal lists the principal without its role or account: the IAM User Guide says "
        "that Deny might then apply to it"
    )
    RESOURCE_ACCOUNT = "which account owns the resource is not known; the caller's own was assumed"
    EMPTY_LEVEL = (
        "a level of the organization has no policy attached, which AWS Organizations does not allow"
    )


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request, ready to be matched.

    Args:
        principal: who asks.
        action: the action, in lower case.
        service: its service prefix.
        resource: the resource's ARN, or ``*``.
        resource_name: what statements on the resource are looked up by.
        resource_account: the account that owns it; None where it is not known.
        context: the whole context, keys in lower case.
        several_values: whether any context key has more than one value.
        bounded: whether a permissions boundary is attached to the principal.
        answered_otherwise: the open question that is answered the other way this time.
        met: the open questions that matching met; filled in while it goes.

    """

    principal: Principal
    action: str
    service: str
    resource: str
    resource_name: str
    resource_account: str | None
    context: Mapping[str, tuple[str, ...]]
    several_values: bool
    bounded: bool
    answered_otherwise: OpenQuestion | None = None
    met: set[OpenQuestion] = field(default_factory=set)

    def answers_otherwise(self, question: OpenQuestion) -> bool:
        """Note that an open question was met; say whether to answer it the other way."""
        self.met.add(question)
        return self.answered_otherwise is question


def prepare(
    request: AuthorizationRequest,
    *,
    bounded: bool,
    answered_otherwise: OpenQuestion | None = None,
) -> RequestFacts:
    """Prepare a request for matching.

    Args:
        request: what is asked.
        bounded: whether a permissions boundary is attached to the principal.
        answered_otherwise: the open question to answer the other way.

    Raises:
        RequestError: the principal is of no known kind.

    """
    principal = parse_principal(request.principal)
    account = resource_account(request, principal)
    action = request.action.lower()
    service = action.partition(":")[0]
    context = full_context(request, principal, account, service)
    return RequestFacts(
        principal,
        action,
        service,
        request.resource,
        resource_name(request.resource),
        account,
        context,
        max(map(len, context.values()), default=0) > 1,
        bounded,
        answered_otherwise,
    )
