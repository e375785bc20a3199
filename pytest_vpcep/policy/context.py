"""The request context: the keys that follow from the principal and the resource.

Source: IAM User Guide, "AWS global condition context keys", and Amazon S3 User Guide, "Actions,
resources, and condition keys for Amazon S3" (``s3:ResourceAccount``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_vpcep.policy.principals import Principal, PrincipalKind, parse_principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.policy.models import AuthorizationRequest

_PRINCIPAL_TYPES = {
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE: "AssumedRole",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ROOT: "Account",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def implied_context(request: AuthorizationRequest) -> dict[str, str]:
    """Return the context keys that follow from a request's principal and resource.

    They are ``aws:PrincipalArn``, ``aws:PrincipalAccount``, ``aws:PrincipalType``, a user's
    ``aws:username``, ``aws:ResourceAccount`` and, for S3, ``s3:ResourceAccount``. Keys that the
    request already carries are listed too, with the value that follows.

    Args:
        request: what is asked.

    Raises:
        RequestError: the principal is of no known kind.
    """
    principal = parse_principal(request.principal)
    service = request.action.partition(":")[0].lower()
    implied = {**_implied_by_principal(principal)}
    return implied | _implied_by_resource(resource_account(request, principal), service)


@lru_cache(maxsize=1024)
def _implied_by_principal(principal: Principal) -> Mapping[str, str]:
    found = {
        "aws:PrincipalArn": principal.entity_arn if principal.account else None,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(principal.kind),
        "aws:username": principal.friendly_name if principal.kind is PrincipalKind.USER else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _implied_by_resource(account: str | None, service: str) -> dict[str, str]:
    if account is None:
        return {}
    keys = ("aws:ResourceAccount", "s3:ResourceAccount")
    return dict.fromkeys(keys if service == "s3" else keys[:1], account)


@lru_cache(maxsize=1024)
def _implied_values(
    principal: Principal, account: str | None, service: str
) -> Mapping[str, tuple[str, ...]]:
    implied = {**_implied_by_principal(principal), **_implied_by_resource(account, service)}
    return {key.lower(): (value,) for key, value in implied.items()}


def resource_account(request: AuthorizationRequest, principal: Principal) -> str | None:
    """Return the account that owns the resource, as far as the request tells.

    Args:
        request: what is asked.
        principal: who asks.

    """
    if request.resource_account is not None:
        return request.resource_account
    if request.resource == "*":
        # An action on no resource in particular is one on the caller's own account.
        return principal.account
    parts = request.resource.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def full_context(
    request: AuthorizationRequest, principal: Principal, account: str | None, service: str
) -> dict[str, tuple[str, ...]]:
    """Return the whole request context, keys in lower case, each with its values.

    Args:
        request: what is asked; keys it carries itself win over those that follow.
        principal: who asks.
        account: the account that owns the resource, where it is known.
        service: the action's service prefix, in lower case.
    """
    context = {**_implied_values(principal, account, service)}
    for key, value in request.context.items():
        context[key.lower()] = (value,) if isinstance(value, str) else tuple(value)
    return context
