"""Changes of the route table that a request leaves its subnet by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_vpcep.access.configuration_change import Change, Row, rows, with_row
from pytest_vpcep.network import interface_of

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.snapshot import Snapshot

_ANYWHERE = "0.0.0.0/0"


def route_changes(decision: Decision) -> Iterator[Change]:
    """Yield the changes of the route table in effect for the request's subnet.

    Args:
        decision: the decision whose outcome might change.

    """
    topology = decision.snapshot.topology
    interface = topology.interface(interface_of(topology, decision.vantage))
    effective = topology.route_table_of(interface.subnet, interface.vpc)
    for table in rows(decision.snapshot, "DescribeRouteTables", "RouteTables"):
        if effective is not None and table["RouteTableId"] == effective.id:
            yield from _endpoint_changes(decision, table, interface.vpc)
            yield from _internet_changes(decision, table, interface.vpc)


def _endpoint_changes(decision: Decision, table: Row, vpc: str) -> Iterator[Change]:
    name, routes = table["RouteTableId"], table.get("Routes") or []
    for endpoint in _gateway_endpoints(decision, vpc):
        prefix_list = prefix_list_of(decision.snapshot, endpoint["ServiceName"])
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


def _gateway_endpoints(decision: Decision, vpc: str) -> list[dict[str, Any]]:
    return [
        row
        for row in rows(decision.snapshot, "DescribeVpcEndpoints", "VpcEndpoints")
        if (row.get("VpcEndpointType") or "Gateway") == "Gateway"
        and row.get("VpcId") == vpc
        and (row.get("ServiceName") or "").endswith(f".{decision.request.service}")
    ]


def prefix_list_of(snapshot: Snapshot, service_name: str) -> str | None:
    """Return the id of a service's prefix list; None where the snapshot has none.

    Args:
        snapshot: what is configured.
        service_name: such as ``com.amazonaws.us-east-1.s3``.

    """
    listed = rows(snapshot, "DescribeManagedPrefixLists", "PrefixLists")
    named = (row["PrefixListId"] for row in listed if row.get("PrefixListName") == service_name)
    return next(named, None)


def _internet_changes(decision: Decision, table: Row, vpc: str) -> Iterator[Change]:
    name, routes = table["RouteTableId"], table.get("Routes") or []
    others = [route for route in routes if route.get("DestinationCidrBlock") != _ANYWHERE]
    if len(others) < len(routes):
        yield _routed(decision, table, others, f"remove the route to {_ANYWHERE} from {name}")
    gateways = (
        ("DescribeInternetGateways", "InternetGateways", "InternetGatewayId", "Attachments"),
        ("DescribeNatGateways", "NatGateways", "NatGatewayId", None),
    )
    for call, member, key, attachments in gateways:
        for row in rows(decision.snapshot, call, member):
            placed = row.get(attachments) or () if attachments else (row,)
            if any(place.get("VpcId") == vpc for place in placed):
                target = "GatewayId" if attachments else key
                route = {"DestinationCidrBlock": _ANYWHERE, target: row[key], "State": "active"}
                sentence = f"add a route {_ANYWHERE} -> {row[key]} to route table {name}"
                yield _routed(decision, table, [*others, route], sentence)


def _routed(decision: Decision, table: Row, routes: list[Any], sentence: str) -> Change:
    changed = with_row(
        decision.snapshot,
        "DescribeRouteTables",
        "RouteTables",
        "RouteTableId",
        {**table, "Routes": routes},
    )
    return Change.to_ec2(sentence, changed, decision.vantage)
