"""Whether block public access takes a bucket policy for a public one.

Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The
meaning of "public"". A statement is not public where it names only fixed principals, or where one
of its conditions allows only fixed values of a key on that page's list. Where a condition uses an
operator that does not fix its key (a negated one, ``IfExists``, ``ForAllValues``), the statement is
taken to be public, as S3 starts from that assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.policy.condition_values import Network, contains, read_network
from pytest_vpcep.policy.conditions import SetQualifier

if TYPE_CHECKING:
    from pytest_vpcep.policy.conditions import Condition
    from pytest_vpcep.policy.documents import Policy, Statement
    from pytest_vpcep.policy.principal_element import PrincipalElement

_FIXING_KEYS = frozenset(
    key.lower()
    for key in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:SourceArn",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:SourceOwner",
        "aws:SourceAccount",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
        "aws:userid",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "s3:DataAccessPointArn",
        "s3:DataAccessPointAccount",
    )
)
_FIXING_OPERATORS = frozenset(
    ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")
)
_BROADEST = {32: 8, 128: 32}
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def is_public(policy: Policy) -> bool:
    """Whether a bucket policy grants public access.

    Args:
        policy: a bucket policy.

    """
    return any(_is_public(statement) for statement in policy.statements)


def _is_public(statement: Statement) -> bool:
    if statement.denies or statement.principal is None:
        return False
    if _is_fixed_principal(statement.principal):
        return False
    return not any(_fixes(condition) for condition in statement.conditions)


def _is_fixed_principal(element: PrincipalElement) -> bool:
    if element.negated or isinstance(element.written, str):
        return False
    # A web identity provider vouches for anyone, so the page calls such a policy public.
    return "Federated" not in element.written and not any(
        "*" in name for names in element.written.values() for name in names
    )


def _fixes(condition: Condition) -> bool:
    operator = condition.operator
    if (
        operator is None
        or condition.if_exists
        or condition.qualifier is SetQualifier.FOR_ALL_VALUES
        or not condition.written_values
    ):
        return False
    if condition.key == "aws:sourceip":
        return operator.name == "IpAddress" and all(map(_is_narrow, condition.written_values))
    if condition.key not in _FIXING_KEYS or operator.name not in _FIXING_OPERATORS:
        return False
    return all(_is_fixed(condition.key, value) for value in condition.written_values)


def _is_fixed(key: str, value: str) -> bool:
    if "${" in value:
        return False
    if key == "s3:dataaccesspointarn":
        # Any access point of one account is fixed enough.
        parts = value.split(":", 5)
        return len(parts) == 6 and not _has_wildcard(parts[4]) and bool(parts[4])
    if key == "aws:userid" and value.startswith("AROA") and value.endswith(":*"):
        return not _has_wildcard(value[:-2])
    return not _has_wildcard(value)


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _is_narrow(value: str) -> bool:
    block = read_network(value)
    if block is None:
        return False
    return block[2] >= _BROADEST[block[0]] or _is_private(block)


def _is_private(block: Network) -> bool:
    private = (read_network(text) for text in _PRIVATE)
    return any(network is not None and contains(network, block) for network in private)
