"""The request context: the condition keys that follow from the way, the time and the resource.

Sources: "AWS global condition context keys" (IAM User Guide) for when each key is present, and
"Controlling access from VPC endpoints with bucket policies" (Amazon S3 User Guide).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_vpcep.access.request import CONSOLE
from pytest_vpcep.errors import RequestError
from pytest_vpcep.network import interface_of
from pytest_vpcep.policy.statement_index import resource_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_vpcep.access.request import Request
    from pytest_vpcep.network import Path
    from pytest_vpcep.policy import AuthorizationRequest, Policies
    from pytest_vpcep.snapshot import Snapshot

_PRINCIPAL_ORGANIZATION_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths"})
_ACCOUNT_ORGANIZATION_KEYS = frozenset(
    {"aws:resourceorgid", "aws:resourceorgpaths", "aws:vpceorgid", "aws:vpceorgpaths"}
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
    snapshot: Snapshot,
    vantage: str,
    path: Path | None,
    request: Request,
    *,
    principal_tags: dict[str, str],
) -> dict[str, str | tuple[str, ...]]:
    """The context AWS would evaluate a request with, less what the policy engine implies.

    Args:
        snapshot: the account's configuration.
        vantage: ``console``, or the id of an instance or network interface.
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
    context |= instance_context(snapshot, vantage, request.principal)
    return with_given(context, request.context)


def with_given(
    filled: Mapping[str, str | tuple[str, ...]], given: Mapping[str, str | tuple[str, ...]]
) -> dict[str, str | tuple[str, ...]]:
    """A context in which what a caller gives wins; names of keys are not case-sensitive.

    Args:
        filled: keys and values that were filled in.
        given: keys and values that the caller gives.

    """
    names = {key.lower() for key in given}
    kept = {key: value for key, value in filled.items() if key.lower() not in names}
    return kept | dict(given)


def instance_context(snapshot: Snapshot, vantage: str, principal: str) -> dict[str, str]:
    """The keys that tell which instance the credentials of a role were issued to.

    They are ``aws:Ec2InstanceSourceVpc``, ``aws:Ec2InstanceSourcePrivateIPv4`` (both only with
    credentials of the instance's role) and ``ec2:SourceInstanceARN``: "AWS global condition
    context keys" (IAM User Guide); "How to use policies to restrict where EC2 instance
    credentials can be used from" (AWS Security Blog). EC2 names such a session after the instance.

    Args:
        snapshot: the account's configuration.
        vantage: ``console``, or the id of an instance or network interface.
        principal: who asks.

    """
    session = principal.rpartition("/")[2]
    if vantage == CONSOLE or ":assumed-role/" not in principal or not session:
        return {}
    topology = snapshot.topology
    attached = topology.interface(interface_of(topology, vantage)).attached_to
    if attached != session or session not in topology.instances:
        return {}
    primary = topology.interface(interface_of(topology, session))
    arn = f"arn:{snapshot.partition}:ec2:{snapshot.region}:{snapshot.account}:instance/{session}"
    context = {"ec2:SourceInstanceARN": arn, "aws:Ec2InstanceSourceVpc": primary.vpc}
    if primary.private_address:
        context["aws:Ec2InstanceSourcePrivateIPv4"] = primary.private_address
    return context


def unknown_keys(
    snapshot: Snapshot,
    path: Path | None,
    asked: AuthorizationRequest,
    policies: Policies,
) -> frozenset[str]:
    """Keys that the policies ask for, that AWS would know, and that we cannot.

    Only statements that can speak of the action on the resource count.

    Args:
        snapshot: the account's configuration.
        path: the traced path; None from the console, whose address nobody told.
        asked: the request, with its context as far as it is known.
        policies: the policies that take part.

    """
    unknown = {"aws:userid"} | _organization_keys(snapshot, asked)
    if path is None:
        unknown |= {"aws:sourceip"}
    elif path.endpoint is not None:
        unknown |= {"aws:sourcevpcarn"}
    known = {key.lower() for key in asked.context}
    return frozenset((unknown - known) & set(_asked_for(asked, policies)))


def _organization_keys(snapshot: Snapshot, asked: AuthorizationRequest) -> frozenset[str]:
    """The organization's keys whose value is not known; out of one they are absent for certain."""
    own = snapshot.in_organization is False
    unknown = frozenset() if own else _ACCOUNT_ORGANIZATION_KEYS
    if own and (asked.principal == "anonymous" or f":{snapshot.account}:" in asked.principal):
        return unknown
    return unknown | _PRINCIPAL_ORGANIZATION_KEYS


def _asked_for(asked: AuthorizationRequest, policies: Policies) -> Iterator[str]:
    single = (policies.permissions_boundary, policies.resource, policies.vpc_endpoint)
    several = (*policies.identity, *policies.session, *(one for one in single if one is not None))
    name = resource_name(asked.resource)
    for policy in several:
        for statement in policy.by_action.candidates(asked.action.lower(), name):
            for condition in statement.conditions:
                yield condition.key.lower()
