"""One change of a world in AWS's own response shapes, and the rules that changes put in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

ACCOUNT = "111122223333"
REGION = "us-east-1"
EVERYWHERE = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
EVERYWHERE_IPV6 = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
World = dict[str, Any]
Change = Callable[[World], None]


def all_of(*changes: Change) -> Change:
    """Several changes as one."""

    def apply(world: World) -> None:
        for change in changes:
            change(world)

    return apply


def add(world: World, operation: str, key: str, item: dict[str, Any]) -> None:
    world.setdefault(operation, {}).setdefault(key, []).append(copy.deepcopy(item))


def find(world: World, identifier: str) -> dict[str, Any]:
    """The resource whose own id this is."""
    for operation, response in world.items():
        if not operation.startswith("Describe"):
            continue
        for items in response.values():
            for item in _with_nested(items):
                if identifier in (item.get(key) for key in _OWN_ID):
                    return item
    raise KeyError(identifier)


_OWN_ID = (
    "RouteTableId",
    "SubnetId",
    "NetworkInterfaceId",
    "InstanceId",
    "GroupId",
    "NetworkAclId",
    "VpcEndpointId",
    "InternetGatewayId",
    "NatGatewayId",
    "PrefixListId",
    "VpcPeeringConnectionId",
    "TransitGatewayAttachmentId",
    "VpcId",
)


def _with_nested(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    nested = [inner for item in items for inner in item.get("Instances", [])]
    return nested or items


def put(identifier: str, **fields: Any) -> Change:
    """Set fields of a resource."""
    return lambda world: find(world, identifier).update(copy.deepcopy(fields))


def drop(operation: str) -> Change:
    """Leave a response out of the snapshot."""
    return lambda world: world.pop(operation)


def permission(
    protocol: str,
    port: int | tuple[int, int] | None = None,
    *,
    cidr: str | None = None,
    cidr6: str | None = None,
    group: str | None = None,
    prefix_list: str | None = None,
) -> dict[str, Any]:
    """One permission of a security group."""
    found: dict[str, Any] = {"IpProtocol": protocol}
    if port is not None:
        found["FromPort"], found["ToPort"] = port if isinstance(port, tuple) else (port, port)
    found["IpRanges"] = [{"CidrIp": cidr}] if cidr else []
    found["Ipv6Ranges"] = [{"CidrIpv6": cidr6}] if cidr6 else []
    found["UserIdGroupPairs"] = [{"GroupId": group, "UserId": ACCOUNT}] if group else []
    found["PrefixListIds"] = [{"PrefixListId": prefix_list}] if prefix_list else []
    return found


def rule(
    number: int,
    action: str,
    cidr: str = "0.0.0.0/0",
    *,
    egress: bool = False,
    protocol: str = "-1",
    ports: tuple[int, int] | None = None,
    icmp: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """One entry of a network ACL."""
    found: dict[str, Any] = {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "Protocol": protocol,
        "Ipv6CidrBlock" if ":" in cidr else "CidrBlock": cidr,
    }
    if ports:
        found["PortRange"] = {"From": ports[0], "To": ports[1]}
    if icmp:
        found["IcmpTypeCode"] = {"Type": icmp[0], "Code": icmp[1]}
    return found
