"""Single changes to what is configured, each a new snapshot and the sentence that names it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_vpcep.network import interface_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.snapshot import Snapshot

_ANYWHERE = "0.0.0.0/0"


def _endpoint_policy(effect: str) -> str:
    statement = {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2008-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Change:
    """One change, and the configuration with it.

    Args:
        sentence: the change in the imperative, with the ids it concerns.
        snapshot: what would then be configured.
        vantage: where the request would then come from.

    """

    sentence: str
    snapshot: Snapshot
    vantage: str


def changes(decision: Decision) -> Iterator[Change]:
    """Every single change worth trying on a decision, the network's first.

    Args:
        decision: the decision whose outcome might change.

    """
    if decision.path is not None:
        yield from _route_changes(decision)
        yield from _filter_changes(decision)
        yield from _endpoint_policy_changes(decision)
    else:
        yield from _vantage_changes(decision)
    yield from _bucket_policy_changes(decision)
    yield from _identity_changes(decision)


def _rows(snapshot: Snapshot, call: str, member: str) -> list[dict[str, Any]]:
    return list(snapshot.ec2.get(call, {}).get(member, []))


def _with_rows(snapshot: Snapshot, call: str, member: str, rows: list[Any]) -> Snapshot:
    return replace(snapshot, ec2={**snapshot.ec2, call: {member: rows}})


def _with_row(
    snapshot: Snapshot, call: str, member: str, key: str, changed: Mapping[str, Any]
) -> Snapshot:
    rows = [
        changed if row.get(key) == changed[key] else row for row in _rows(snapshot, call, member)
    ]
    return _with_rows(snapshot, call, member, rows)


def _interface(decision: Decision) -> dict[str, Any]:
    wanted = interface_of(decision.snapshot.topology, decision.vantage)
    rows = _rows(decision.snapshot, "DescribeNetworkInterfaces", "NetworkInterfaces")
    return next((row for row in rows if row["NetworkInterfaceId"] == wanted), {})


def _route_table(snapshot: Snapshot, interface: Mapping[str, Any]) -> dict[str, Any] | None:
    """The table in effect for an interface's subnet: its own, else the VPC's main one."""
    tables = _rows(snapshot, "DescribeRouteTables", "RouteTables")
    main = None
    for table in tables:
        for association in table.get("Associations", []):
            if association.get("SubnetId") == interface.get("SubnetId"):
                return table
            if association.get("Main") and table.get("VpcId") == interface.get("VpcId"):
                main = table
    return main


def _route_changes(decision: Decision) -> Iterator[Change]:
    snapshot, interface = decision.snapshot, _interface(decision)
    table = _route_table(snapshot, interface)
    if table is None:
        return
    name = table["RouteTableId"]
    routes = table.get("Routes", [])
    for endpoint in _gateway_endpoints(decision, interface):
        prefix_list = _prefix_list(snapshot, endpoint["ServiceName"])
        if prefix_list is None:
            continue
        identity = endpoint["VpcEndpointId"]
        others = [route for route in routes if route.get("GatewayId") != identity]
        if len(others) < len(routes):
            sentence = f"take route table {name} from endpoint {identity}"
            yield _routed(decision, table, others, sentence)
        route = {"DestinationPrefixListId": prefix_list, "GatewayId": identity, "State": "active"}
        sentence = f"associate route table {name} with endpoint {identity}"
        yield _routed(decision, table, [*others, route], sentence)
    others = [route for route in routes if route.get("DestinationCidrBlock") != _ANYWHERE]
    if len(others) < len(routes):
        yield _routed(decision, table, others, f"remove the route to {_ANYWHERE} from {name}")
    for gateway in _internet_gateways(snapshot, interface.get("VpcId")):
        route = {"DestinationCidrBlock": _ANYWHERE, "GatewayId": gateway, "State": "active"}
        sentence = f"add a route {_ANYWHERE} -> {gateway} to route table {name}"
        yield _routed(decision, table, [*others, route], sentence)


def _routed(
    decision: Decision, table: Mapping[str, Any], routes: list[Any], sentence: str
) -> Change:
    changed = {**table, "Routes": routes}
    snapshot = _with_row(
        decision.snapshot, "DescribeRouteTables", "RouteTables", "RouteTableId", changed
    )
    return Change(sentence, snapshot, decision.vantage)


def _gateway_endpoints(decision: Decision, interface: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = _rows(decision.snapshot, "DescribeVpcEndpoints", "VpcEndpoints")
    return [
        row
        for row in rows
        if row.get("VpcEndpointType", "Gateway") == "Gateway"
        and row.get("VpcId") == interface.get("VpcId")
        and row.get("ServiceName", "").endswith(f".{decision.request.service}")
    ]


def _prefix_list(snapshot: Snapshot, service_name: str) -> str | None:
    rows = _rows(snapshot, "DescribeManagedPrefixLists", "PrefixLists")
    named = (row["PrefixListId"] for row in rows if row.get("PrefixListName") == service_name)
    return next(named, None)


def _internet_gateways(snapshot: Snapshot, vpc: str | None) -> list[str]:
    return [
        row["InternetGatewayId"]
        for row in _rows(snapshot, "DescribeInternetGateways", "InternetGateways")
        if any(attachment.get("VpcId") == vpc for attachment in row.get("Attachments", []))
    ]


def _filter_changes(decision: Decision) -> Iterator[Change]:
    snapshot, interface = decision.snapshot, _interface(decision)
    for group in _rows(snapshot, "DescribeSecurityGroups", "SecurityGroups"):
        if group["GroupId"] in {one["GroupId"] for one in interface.get("Groups", [])}:
            everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": _ANYWHERE}]}
            rules = [*group.get("IpPermissionsEgress", []), everything]
            changed = _with_row(
                snapshot,
                "DescribeSecurityGroups",
                "SecurityGroups",
                "GroupId",
                {**group, "IpPermissionsEgress": rules},
            )
            sentence = f"let security group {group['GroupId']} send everything out"
            yield Change(sentence, changed, decision.vantage)
    for acl in _rows(snapshot, "DescribeNetworkAcls", "NetworkAcls"):
        subnets = {one.get("SubnetId") for one in acl.get("Associations", [])}
        if interface.get("SubnetId") in subnets:
            entries = [_acl_entry(egress=True), _acl_entry(egress=False)]
            changed = _with_row(
                snapshot,
                "DescribeNetworkAcls",
                "NetworkAcls",
                "NetworkAclId",
                {**acl, "Entries": entries},
            )
            sentence = f"let network ACL {acl['NetworkAclId']} pass everything, in and out"
            yield Change(sentence, changed, decision.vantage)


def _acl_entry(*, egress: bool) -> dict[str, Any]:
    return {
        "RuleNumber": 100,
        "Protocol": "-1",
        "RuleAction": "allow",
        "Egress": egress,
        "CidrBlock": _ANYWHERE,
    }


def _endpoint_policy_changes(decision: Decision) -> Iterator[Change]:
    crossed = decision.path.endpoint if decision.path else None
    sentences = {
        "Allow": f"give endpoint {crossed} the full-access policy",
        "Deny": f"deny everything in endpoint {crossed}'s policy",
    }
    for row in _rows(decision.snapshot, "DescribeVpcEndpoints", "VpcEndpoints"):
        if row["VpcEndpointId"] != crossed:
            continue
        for effect, sentence in sentences.items():
            changed = _with_row(
                decision.snapshot,
                "DescribeVpcEndpoints",
                "VpcEndpoints",
                "VpcEndpointId",
                {**row, "PolicyDocument": _endpoint_policy(effect)},
            )
            yield Change(sentence, changed, decision.vantage)


def _vantage_changes(decision: Decision) -> Iterator[Change]:
    for reservation in _rows(decision.snapshot, "DescribeInstances", "Reservations"):
        for instance in reservation.get("Instances", []):
            if instance.get("State", {}).get("Name") == "running":
                identity = instance["InstanceId"]
                yield Change(f"send it from instance {identity}", decision.snapshot, identity)


def _bucket_policy_changes(decision: Decision) -> Iterator[Change]:
    name = decision.request.bucket
    bucket = decision.snapshot.buckets.get(name or "")
    document = (bucket or {}).get("Policy")
    if not name or not bucket or not document:
        return
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    for index, statement in enumerate(listed):
        rest = [one for position, one in enumerate(listed) if position != index]
        policy = {**document, "Statement": rest} if rest else {}
        buckets = {**decision.snapshot.s3["Buckets"], name: {**bucket, "Policy": policy}}
        sid = f' ("{statement["Sid"]}")' if statement.get("Sid") else ""
        sentence = f"remove statement {index + 1}{sid} from the policy of bucket {name}"
        changed = replace(decision.snapshot, s3={**decision.snapshot.s3, "Buckets": buckets})
        yield Change(sentence, changed, decision.vantage)


def _identity_changes(decision: Decision) -> Iterator[Change]:
    request = decision.request
    details = decision.snapshot.iam.get("GetAccountAuthorizationDetails", {})
    allowing = {
        "PolicyName": "vpcep-what-if",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": request.action, "Resource": request.resource}
            ],
        },
    }
    for member, inline in (
        ("UserDetailList", "UserPolicyList"),
        ("RoleDetailList", "RolePolicyList"),
    ):
        rows = details.get(member, [])
        for row in rows:
            if not _is_principal(row["Arn"], request.principal):
                continue
            changed_row = {**row, inline: [*row.get(inline, []), allowing]}
            changed = [changed_row if one is row else one for one in rows]
            iam = {"GetAccountAuthorizationDetails": {**details, member: changed}}
            sentence = f"allow {request.action} on {request.resource} in a policy of {row['Arn']}"
            yield Change(sentence, replace(decision.snapshot, iam=iam), decision.vantage)


def _is_principal(arn: str, principal: str) -> bool:
    """Whether a principal is a user or role, or a session of that role."""
    if arn == principal:
        return True
    session = principal.partition(":assumed-role/")[2].partition("/")[0]
    return ":role/" in arn and bool(session) and arn.rpartition("/")[2] == session
