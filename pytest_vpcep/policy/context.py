"""The request context: the keys that follow from the principal and the resource.

Source: IAM User Guide, "AWS global condition context keys", and Amazon S3 User Guide, "Actions,
resources, and condition keys for Amazon S3" (``s3:ResourceAccount``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_vpcep.policy.principals import Principal, PrincipalKind, parse_principal

if TYPE_CHECKING:
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
    implied = dict(_implied_by(principal))
    account = resource_account(request, principal)
    if account is not None:
        implied["aws:ResourceAccount"] = account
        if request.action[:3].lower() == "s3:":
            implied["s3:ResourceAccount"] = account
    return implied


@lru_cache(maxsize=1024)
def _implied_by(principal: Principal) -> tuple[tuple[str, str], ...]:
    found = {
        "aws:PrincipalArn": principal.entity_arn if principal.account else None,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(principal.kind),
        "aws:username": principal.friendly_name if principal.kind is PrincipalKind.USER else None,
    }
    return tuple((key, value) for key, value in found.items() if value is not None)


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


def full_context(request: AuthorizationRequest) -> dict[str, tuple[str, ...]]:
    """Return the whole request context, keys in lower case, each with its values.

    Args:
        request: what is asked; keys it carries itself win over those that follow.

    Raises:
        RequestError: the principal is of no known kind.

    """
    context: dict[str, tuple[str, ...]] = {
        key.lower(): (value,) for key, value in implied_context(request).items()
    }
    for key, value in request.context.items():
        context[key.lower()] = (value,) if isinstance(value, str) else tuple(value)
    return context
