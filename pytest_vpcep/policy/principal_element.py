"""The ``Principal`` and ``NotPrincipal`` elements, and whom they cover.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements:
NotPrincipal".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from pytest_vpcep.policy.principals import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The kinds of entry a principal map may hold.
PRINCIPAL_TYPES = ("AWS", "Federated", "Service", "CanonicalUser")


class Reach(IntEnum):
    """How closely a ``Principal`` element names who makes the request; higher is closer."""

    NOT_NAMED = 0
    ACCOUNT = 1
    ROLE_OF_SESSION = 2
    DIRECTLY = 3


@dataclass(frozen=True)
class PrincipalElement:
    """A compiled ``Principal`` or ``NotPrincipal`` element.

    Args:
        written: ``*``, or the map from type to entries as written, each a list.
        negated: whether it is ``NotPrincipal``.
        everyone: whether an entry is ``*``.
        accounts: account ids named by id or root ARN.
        arns: the other ARNs named.
        services: service principals named.

    """

    written: str | Mapping[str, tuple[str, ...]]
    negated: bool
    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    _roles: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)

    def reach(self, principal: Principal) -> Reach:
        """How closely the entries name a principal, whether or not the element is negated."""
        if self.everyone:
            return Reach.DIRECTLY
        if principal.kind is PrincipalKind.ANONYMOUS:
            return Reach.NOT_NAMED
        if principal.kind is PrincipalKind.SERVICE:
            return Reach.DIRECTLY if principal.name in self.services else Reach.NOT_NAMED
        if principal.kind is PrincipalKind.ROOT:
            return Reach.DIRECTLY if principal.account in self.accounts else Reach.NOT_NAMED
        return self._reach_entity(principal)

    def _reach_entity(self, principal: Principal) -> Reach:
        if principal.name in self.arns:
            is_role = principal.kind is PrincipalKind.ROLE
            return Reach.ROLE_OF_SESSION if is_role else Reach.DIRECTLY
        # A role's name is unique in its account, so its path, which a session's ARN lacks, is moot.
        if (
            principal.kind is PrincipalKind.ROLE_SESSION
            and (principal.account, principal.friendly_name) in self._roles
        ):
            return Reach.ROLE_OF_SESSION
        return Reach.ACCOUNT if principal.account in self.accounts else Reach.NOT_NAMED

    def exempts(self, principal: Principal) -> bool:
        """Whether ``NotPrincipal`` leaves a principal out: its own ARN has to be listed."""
        return self.reach(principal) in (Reach.DIRECTLY, Reach.ROLE_OF_SESSION)

    def exempts_for_certain(self, principal: Principal) -> bool:
        """Whether all that AWS asks for is listed: the session, its role, and the account."""
        if self.everyone or principal.account is None or principal.kind is PrincipalKind.ROOT:
            return True
        if principal.account not in self.accounts or principal.name not in self.arns:
            return False
        if principal.kind is PrincipalKind.ROLE_SESSION:
            return (principal.account, principal.friendly_name) in self._roles
        return True


def compile_principal(
    written: str | Mapping[str, tuple[str, ...]], *, negated: bool
) -> PrincipalElement:
    """Compile a ``Principal`` element whose shape is already known to be right.

    Args:
        written: ``*``, or the map from type to entries.
        negated: whether it is ``NotPrincipal``.

    """
    if isinstance(written, str):
        return PrincipalElement(written, negated, everyone=True)
    names = written.get("AWS", ())
    accounts, arns, roles = set(), set(), set()
    for name in names:
        parts = name.split(":", 5)
        if len(name) == 12 and name.isdigit():
            accounts.add(name)
        elif len(parts) == 6 and parts[5] == "root":
            accounts.add(parts[4])
        else:
            arns.add(name)
            if len(parts) == 6 and parts[2] == "iam" and parts[5].startswith("role/"):
                roles.add((parts[4], parts[5].rpartition("/")[2]))
    return PrincipalElement(
        written,
        negated,
        everyone="*" in names,
        accounts=frozenset(accounts),
        arns=frozenset(arns),
        services=frozenset(written.get("Service", ())),
        _roles=frozenset(roles),
    )
