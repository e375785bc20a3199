"""Who makes a request: the kinds of principal, read from an ARN or a service principal's name.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "IAM identifiers".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pytest_vpcep.errors import RequestError


class PrincipalKind(StrEnum):
    """The kinds of principal that policy evaluation tells apart."""

    USER = "user"
    ROLE = "role"
    ROLE_SESSION = "role session"
    FEDERATED_USER = "federated user session"
    ROOT = "account root"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal as policy evaluation sees it.

    Args:
        kind: which kind it is.
        name: what was asked for: its ARN, the service principal, or ``anonymous``.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``; empty for a service and anonymous.
        account: account id, or None for a service and anonymous.
        friendly_name: user name, role name or session holder's name, without its path.
        service_linked: whether it is, or is a session of, a service-linked role.

    """

    kind: PrincipalKind
    name: str
    partition: str = ""
    account: str | None = None
    friendly_name: str = ""
    service_linked: bool = False

    @property
    def entity_arn(self) -> str:
        """The value of ``aws:PrincipalArn``: for a role session it is the role's ARN."""
        if self.kind is PrincipalKind.ROLE_SESSION:
            return f"arn:{self.partition}:iam::{self.account}:role/{self.friendly_name}"
        return self.name


@lru_cache(maxsize=1024)
def parse_principal(name: str) -> Principal:
    """Read a principal.

    Args:
        name: an ARN, a service principal such as ``ec2.amazonaws.com``, or ``anonymous``.

    Raises:
        RequestError: it is none of these.

    """
    if name == "anonymous":
        return Principal(PrincipalKind.ANONYMOUS, name)
    if not name.startswith("arn:"):
        if name.endswith((".amazonaws.com", ".amazonaws.com.cn")) and ":" not in name:
            return Principal(PrincipalKind.SERVICE, name)
        raise RequestError(_unknown(name))
    parts = name.split(":", 5)
    if len(parts) != 6 or not _is_account(parts[4]) or parts[3] or not parts[1]:
        raise RequestError(_unknown(name))
    kind = _kind(parts[2], parts[5])
    if kind is None:
        raise RequestError(_unknown(name))
    path = parts[5].split("/")
    friendly = path[1] if parts[2] == "sts" else path[-1]
    return Principal(
        kind,
        name,
        partition=parts[1],
        account=parts[4],
        friendly_name=friendly if kind is not PrincipalKind.ROOT else "",
        service_linked=_is_service_linked(kind, parts[5], friendly),
    )


def _kind(service: str, resource: str) -> PrincipalKind | None:
    head, _, rest = resource.partition("/")
    if service == "iam" and resource == "root":
        return PrincipalKind.ROOT
    if service == "iam" and rest and not rest.endswith("/"):
        return {"user": PrincipalKind.USER, "role": PrincipalKind.ROLE}.get(head)
    if service == "sts" and head == "assumed-role":
        role, _, session = rest.partition("/")
        return PrincipalKind.ROLE_SESSION if role and session and "/" not in session else None
    if service == "sts" and head == "federated-user" and rest:
        return PrincipalKind.FEDERATED_USER
    return None


def _is_service_linked(kind: PrincipalKind, resource: str, friendly: str) -> bool:
    if kind is PrincipalKind.ROLE:
        return resource.startswith("role/aws-service-role/")
    # IAM User Guide, "Create a service-linked role": nobody else may use this name prefix.
    return kind is PrincipalKind.ROLE_SESSION and friendly.startswith("AWSServiceRoleFor")


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def _unknown(name: str) -> str:
    return (
        f"principal {name!r} is not known: give the ARN of a user, role, assumed-role session, "
        "federated user or account root, a service principal such as ec2.amazonaws.com, "
        "or 'anonymous'"
    )
