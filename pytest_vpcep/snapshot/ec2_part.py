"""Collecting the ``ec2`` part of a snapshot: all of it, or what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot import calls
from pytest_vpcep.snapshot.reading import STRICT, Reading
from pytest_vpcep.snapshot.selection import filtered_ec2

_ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames")


def collect_ec2(
    client: Any, *, vpcs: Collection[str] = (), reading: Reading = STRICT
) -> dict[str, Any]:
    """Collect the ``ec2`` part of a snapshot.

    Args:
        client: a boto3 client for ``ec2``.
        vpcs: ids of the VPCs to keep; empty: all.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails, or a VPC is not there.

    """
    ec2 = _described(client, calls.DESCRIBES, vpcs, reading)
    _require_all(vpcs, ec2)
    ec2["VpcAttributes"] = _vpc_attributes(client, ec2, reading)
    ec2["TransitGatewayRoutes"] = _transit_gateway_routes(client, ec2, reading)
    ec2["ManagedPrefixListEntries"] = _prefix_list_entries(client, ec2, {}, reading)
    return filtered_ec2(ec2, vpcs) if vpcs else ec2


def refresh_ec2(
    client: Any, ec2: Mapping[str, Any], operations: Iterable[str], *, reading: Reading = STRICT
) -> dict[str, Any]:
    """Collect again only what calls that change things may have changed.

    Args:
        client: a boto3 client for ``ec2``.
        ec2: the part as it was, of all VPCs.
        operations: the calls made since, such as ``ModifyVpcEndpoint``.
        reading: where refused calls are recorded; without one they raise.

    Raises:
        SnapshotError: a call fails.

    """
    stale = frozenset[str]().union(*map(calls.responses_changed_by, operations))
    if not stale:
        return dict(ec2)
    anew = [call for call in calls.DESCRIBES if call.operation in stale]
    fresh = {**ec2, **_described(client, anew, (), reading)}
    if "DescribeVpcs" in stale:
        fresh["VpcAttributes"] = _vpc_attributes(client, fresh, reading)
    if "DescribeTransitGatewayAttachments" in stale:
        fresh["TransitGatewayRoutes"] = _transit_gateway_routes(client, fresh, reading)
    known = {} if "DescribeManagedPrefixLists" in stale else ec2["ManagedPrefixListEntries"]
    fresh["ManagedPrefixListEntries"] = _prefix_list_entries(client, fresh, known, reading)
    return fresh


def _described(
    client: Any, describes: Iterable[calls.Describe], vpcs: Collection[str], reading: Reading
) -> dict[str, Any]:
    def describe(call: calls.Describe) -> tuple[str, dict[str, Any] | None]:
        only: dict[str, Any] = {}
        if vpcs and call.vpc_filter:
            only[call.filters] = [{"Name": call.vpc_filter, "Values": sorted(vpcs)}]
        return call.operation, reading.read(client, call, f"ec2.{call.operation}", **only)

    answers = reading.each(describe, describes)
    return {operation: answer for operation, answer in answers if answer is not None}


def _require_all(vpcs: Collection[str], ec2: Mapping[str, Any]) -> None:
    if not vpcs or "DescribeVpcs" not in ec2:
        return
    missing = set(vpcs) - {vpc["VpcId"] for vpc in ec2["DescribeVpcs"]["Vpcs"]}
    if missing:
        raise SnapshotError(
            f"there is no VPC {', '.join(sorted(missing))} in this account and Region; "
            "check --vpc, --region and --profile"
        )


def _vpc_attributes(client: Any, ec2: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    def attribute(asked: tuple[str, str]) -> tuple[str, str, bool | None]:
        vpc, name = asked
        answer = reading.read(
            client,
            calls.DESCRIBE_VPC_ATTRIBUTE,
            f"ec2.VpcAttributes.{vpc}.{name}",
            VpcId=vpc,
            Attribute=name,
        )
        value = None if answer is None else answer[name[0].upper() + name[1:]]["Value"]
        return vpc, name, value

    vpcs = [vpc["VpcId"] for vpc in ec2.get("DescribeVpcs", {}).get("Vpcs", ())]
    found: dict[str, Any] = {vpc: {} for vpc in vpcs}
    for vpc, name, value in reading.each(attribute, [(v, a) for v in vpcs for a in _ATTRIBUTES]):
        if value is not None:
            found[vpc][name] = value
    return found


def _transit_gateway_routes(
    client: Any, ec2: Mapping[str, Any], reading: Reading
) -> dict[str, Any]:
    """Return the routes of each transit gateway route table that an attachment uses.

    "SearchTransitGatewayRoutes" (Amazon EC2 API Reference) wants a filter; these are all states.
    """
    states = [{"Name": "state", "Values": ["active", "blackhole"]}]

    def routes(identifier: str) -> tuple[str, dict[str, Any] | None]:
        place = f"ec2.TransitGatewayRoutes.{identifier}"
        call = calls.SEARCH_TRANSIT_GATEWAY_ROUTES
        return identifier, reading.read(
            client, call, place, TransitGatewayRouteTableId=identifier, Filters=states
        )

    listed = ec2.get("DescribeTransitGatewayAttachments", {}).get("TransitGatewayAttachments", ())
    used = (item.get("Association", {}).get("TransitGatewayRouteTableId") for item in listed)
    answers = reading.each(routes, sorted({identifier for identifier in used if identifier}))
    return {identifier: answer for identifier, answer in answers if answer is not None}


def _prefix_list_entries(
    client: Any, ec2: Mapping[str, Any], known: Mapping[str, Any], reading: Reading
) -> dict[str, Any]:
    def entries(identifier: str) -> tuple[str, dict[str, Any] | None]:
        place = f"ec2.ManagedPrefixListEntries.{identifier}"
        call = calls.GET_PREFIX_LIST_ENTRIES
        return identifier, reading.read(client, call, place, PrefixListId=identifier)

    wanted = _prefix_lists_in_use(ec2)
    kept = {identifier: known[identifier] for identifier in wanted if identifier in known}
    answers = reading.each(entries, [name for name in wanted if name not in kept])
    return kept | {identifier: answer for identifier, answer in answers if answer is not None}


def _prefix_lists_in_use(ec2: Mapping[str, Any]) -> list[str]:
    """Return the prefix lists that routes and rules may speak of, each once.

    AWS has a dozen lists of its own; only those of the gateway endpoints' services, and any
    that a route or rule names, lead anywhere.
    """
    wanted: dict[str, None] = {}
    for item in ec2.get("DescribeManagedPrefixLists", {}).get("PrefixLists", ()):
        gateway_service = item["PrefixListName"].endswith((".s3", ".dynamodb"))
        if gateway_service or item.get("OwnerId") != "AWS":
            wanted[item["PrefixListId"]] = None
    for table in ec2.get("DescribeRouteTables", {}).get("RouteTables", ()):
        for route in table.get("Routes", ()):
            if route.get("DestinationPrefixListId"):
                wanted[route["DestinationPrefixListId"]] = None
    for group in ec2.get("DescribeSecurityGroups", {}).get("SecurityGroups", ()):
        for rule in (*group.get("IpPermissions", ()), *group.get("IpPermissionsEgress", ())):
            wanted |= {entry["PrefixListId"]: None for entry in rule.get("PrefixListIds", ())}
    return list(wanted)
