"""The request context: the condition keys that follow from the way, the time and the resource.

Sources: "AWS global condition context keys" (IAM User Guide) for when each key is present, and
"Controlling access from VPC endpoints with bucket policies" (Amazon S3 User Guide).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_vpcep.errors import RequestError

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Request
    from pytest_vpcep.network import Path
    from pytest_vpcep.policy import Policies
    from pytest_vpcep.snapshot import Snapshot

#: Keys that AWS puts into the context of such requests, but whose value no snapshot holds.
ORGANIZATION_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)


def network_context(path: Path | None, account: str) -> dict[str, str]:
    """The keys that tell which way a request came.

    ``aws:SourceVpce``, ``aws:SourceVpc`` and ``aws:VpcSourceIp`` are there only for requests
    over a VPC endpoint, ``aws:SourceIp`` only for the others.

    Args:
        path: the traced path; None for a request from outside every VPC.
        account: account id that owns the VPC.

    """
    if path is None:
        return {}
    if path.endpoint is None:
        return {"aws:SourceIp": path.source_ip} if path.source_ip else {}
    context = {"aws:SourceVpce": path.endpoint, "aws:VpceAccount": account}
    if path.source_vpc:
        context["aws:SourceVpc"] = path.source_vpc
    if path.source_ip:
        context["aws:VpcSourceIp"] = path.source_ip
    return context


def time_context(moment: str) -> dict[str, str]:
    """``aws:CurrentTime`` and ``aws:EpochTime`` for a moment in ISO 8601, UTC.

    Raises:
        RequestError: the moment is no ISO 8601 date and time.

    """
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        message = f"{moment!r} is no date and time; write it as 2026-01-31T12:00:00Z"
        raise RequestError(message) from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return {
        "aws:CurrentTime": aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(aware.timestamp())),
    }


def request_context(
    snapshot: Snapshot, path: Path | None, request: Request, *, principal_tags: dict[str, str]
) -> dict[str, str | tuple[str, ...]]:
    """The context AWS would evaluate a request with, less what the policy engine implies.

    Args:
        snapshot: the account's configuration.
        path: the traced path; None from the console.
        request: what is asked; its own context takes precedence.
        principal_tags: tags of the IAM user or role that asks.

    """
    context: dict[str, str | tuple[str, ...]] = {
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": request.region or snapshot.region,
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
    }
    context |= time_context(snapshot.taken_at)
    context |= network_context(path, snapshot.account)
    context |= {f"aws:PrincipalTag/{key}": value for key, value in principal_tags.items()}
    given = {key.lower() for key in request.context}
    kept = {key: value for key, value in context.items() if key.lower() not in given}
    return kept | dict(request.context)


def unknown_keys(
    path: Path | None, context: dict[str, str | tuple[str, ...]], policies: Policies
) -> frozenset[str]:
    """Keys that the policies ask for, that AWS would know, and that we cannot.

    Args:
        path: the traced path; None from the console, whose address nobody told.
        context: the request context as far as it is known.
        policies: the policies that take part.

    """
    unknown = ORGANIZATION_KEYS
    if path is None:
        unknown |= {"aws:sourceip"}
    elif path.endpoint is not None:
        unknown |= {"aws:sourcevpcarn"}
    known = {key.lower() for key in context}
    return frozenset((unknown - known) & _keys_of(policies))


def _keys_of(policies: Policies) -> frozenset[str]:
    single = (policies.permissions_boundary, policies.resource, policies.vpc_endpoint)
    several = (*policies.identity, *policies.session, *(one for one in single if one is not None))
    return frozenset(
        condition.key.lower()
        for policy in several
        for statement in policy.statements
        for condition in statement.conditions
    )
