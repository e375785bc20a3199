"""A plain, slow way to tell a path, for comparison: one address and one port at a time.

It reads the responses as they are, scans routes from the first to the last, and takes rules in
their order. It knows of internet gateways, gateway endpoints and blackholes only, over IPv4.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from network_changes import World
from network_worlds import ENI, IGW, SUBNET, VPC

BLOCKED, UNDETERMINED = "blocked", "undetermined"
REPLIES = (32_768, 60_999)


def inside(address: str, cidr: str) -> bool:
    return ip_address(address) in ip_network(cidr)


def listed(world: World, prefix_list: str) -> list[str]:
    return [entry["Cidr"] for entry in world["ManagedPrefixListEntries"][prefix_list]["Entries"]]


def group_lets_out(world: World, address: str, port: int) -> bool:
    for group in world["DescribeSecurityGroups"]["SecurityGroups"]:
        for rule in group["IpPermissionsEgress"]:
            if rule["IpProtocol"] == "-1" or (
                rule["IpProtocol"] == "tcp" and rule["FromPort"] <= port <= rule["ToPort"]
            ):
                cidrs = [block["CidrIp"] for block in rule.get("IpRanges", [])]
                for entry in rule.get("PrefixListIds", []):
                    cidrs += listed(world, entry["PrefixListId"])
                if any(inside(address, cidr) for cidr in cidrs):
                    return True
    return False


def acl_allows(world: World, address: str, port: int, *, egress: bool) -> bool:
    (acl,) = world["DescribeNetworkAcls"]["NetworkAcls"]
    for entry in sorted(acl["Entries"], key=lambda entry: entry["RuleNumber"]):
        ports = entry.get("PortRange", {"From": 0, "To": 65_535})
        if (
            entry["Egress"] == egress
            and entry["Protocol"] in ("-1", "6")
            and inside(address, entry["CidrBlock"])
            and ports["From"] <= port <= ports["To"]
        ):
            return bool(entry["RuleAction"] == "allow")
    return False


def table_of_subnet(world: World) -> dict[str, Any]:
    tables: list[dict[str, Any]] = world["DescribeRouteTables"]["RouteTables"]
    for table in tables:
        if any(link.get("SubnetId") == SUBNET for link in table["Associations"]):
            return table
    return next(table for table in tables if any(link["Main"] for link in table["Associations"]))


def best_targets(world: World, address: str) -> set[tuple[str, str]]:
    """The target and state of the best route, of several where AWS leaves it open."""
    best: list[tuple[tuple[int, int], tuple[str, str]]] = []
    for route in table_of_subnet(world)["Routes"]:
        prefix_list = route.get("DestinationPrefixListId")
        for cidr in listed(world, prefix_list) if prefix_list else [route["DestinationCidrBlock"]]:
            if inside(address, cidr):
                rank = 1 if prefix_list else 2
                rank = 0 if route["Origin"] == "EnableVgwRoutePropagation" else rank
                key = (ip_network(cidr).prefixlen, rank)
                best.append((key, (route["GatewayId"], route["State"])))
    top = max((key for key, _ in best), default=None)
    return {target for key, target in best if key == top}


def leads_to(world: World, target: str, state: str) -> str:
    """Where one route's target brings a packet: its id, or that it is blocked or open."""
    interface = next(
        item
        for item in world["DescribeNetworkInterfaces"]["NetworkInterfaces"]
        if item["NetworkInterfaceId"] == ENI
    )
    if state == "blackhole":
        return BLOCKED
    if target == IGW:
        attached = world["DescribeInternetGateways"]["InternetGateways"][0]["Attachments"]
        public = "Association" in interface["PrivateIpAddresses"][0]
        return IGW if public and attached == [{"VpcId": VPC, "State": "available"}] else BLOCKED
    for endpoint in world["DescribeVpcEndpoints"]["VpcEndpoints"]:
        if endpoint["VpcEndpointId"] == target:
            return target if endpoint["State"] == "available" else BLOCKED
    return UNDETERMINED


def expected(world: World, addresses: list[str], ports: list[int]) -> str:
    """The outcome for a destination that may have any of these addresses.

    Args:
        world: the responses.
        addresses: every address of the destination.
        ports: every port of the replies that some rule may tell from its neighbours.
    """
    stages = [
        {group_lets_out(world, address, 443) for address in addresses},
        {acl_allows(world, address, 443, egress=True) for address in addresses},
        {acl_allows(world, address, port, egress=False) for address in addresses for port in ports},
    ]
    ways = {
        leads_to(world, *target)
        for address in addresses
        for target in best_targets(world, address) or {("", "blackhole")}
    }
    if {False} in stages or ways == {BLOCKED}:
        return BLOCKED
    if {True, False} in stages or len(ways) > 1:
        return UNDETERMINED
    return ways.pop()
