"""Small AWS worlds in AWS's own response shapes, for tests of the network engine.

A world starts as the lab's topology; each function below changes one thing of it, as a student or
an administrator would, and a case of a table is a list of such changes.
"""

from __future__ import annotations

import copy
from typing import Any

from network_changes import (
    EVERYWHERE,
    REGION,
    Change,
    World,
    add,
    all_of,
    find,
    permission,
    put,
    rule,
)

#: The lab's ids, short enough to read in a table.
VPC, SUBNET, ACL, GROUP = "vpc-1", "subnet-1", "acl-1", "sg-1"
MAIN, PUBLIC = "rtb-main", "rtb-public"
IGW, ENI, INSTANCE = "igw-1", "eni-1", "i-1"
S3_LIST, DYNAMODB_LIST = "pl-s3", "pl-dynamodb"


def lab() -> World:
    """The lab after its set-up: one public subnet, an instance, no endpoint."""
    world: World = {
        "DescribeVpcs": {"Vpcs": []},
        "DescribeSubnets": {"Subnets": []},
        "DescribeRouteTables": {"RouteTables": []},
        "DescribeVpcEndpoints": {"VpcEndpoints": []},
        "DescribeInstances": {"Reservations": []},
        "DescribeNetworkInterfaces": {"NetworkInterfaces": []},
        "DescribeSecurityGroups": {"SecurityGroups": []},
        "DescribeNetworkAcls": {"NetworkAcls": []},
        "DescribeInternetGateways": {"InternetGateways": []},
        "DescribeNatGateways": {"NatGateways": []},
        "DescribeManagedPrefixLists": {"PrefixLists": []},
        "ManagedPrefixListEntries": {},
        "VpcAttributes": {},
    }
    for change in (
        vpc(VPC, "10.0.0.0/16"),
        subnet(SUBNET, VPC, "10.0.0.0/24"),
        acl(ACL, VPC, default=True),
        security_group(
            GROUP, VPC, ingress=[permission("tcp", 22, cidr="0.0.0.0/0")], egress=[EVERYWHERE]
        ),
        internet_gateway(IGW, VPC),
        route_table(MAIN, VPC, main=True),
        route_table(PUBLIC, VPC, subnets=[SUBNET]),
        route(PUBLIC, "0.0.0.0/0", GatewayId=IGW),
        instance(INSTANCE, ENI, SUBNET, VPC, "10.0.0.10", public="54.1.1.1", groups=[GROUP]),
        prefix_list(S3_LIST, f"com.amazonaws.{REGION}.s3", ["52.216.0.0/15", "3.5.0.0/19"]),
        prefix_list(DYNAMODB_LIST, f"com.amazonaws.{REGION}.dynamodb", ["52.94.0.0/22"]),
    ):
        change(world)
    return world


def world_of(*changes: Change) -> World:
    """The lab with changes."""
    world = lab()
    for change in changes:
        change(world)
    return world


def vpc(identifier: str, cidr: str, *, ipv6: str | None = None, dns: bool = True) -> Change:
    def apply(world: World) -> None:
        sixes = [{"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}]
        item = {
            "VpcId": identifier,
            "CidrBlock": cidr,
            "CidrBlockAssociationSet": [
                {"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}
            ],
            "Ipv6CidrBlockAssociationSet": sixes if ipv6 else [],
            "State": "available",
        }
        add(world, "DescribeVpcs", "Vpcs", item)
        world["VpcAttributes"][identifier] = {"enableDnsSupport": dns, "enableDnsHostnames": dns}

    return apply


def dns(identifier: str, *, support: bool | None, hostnames: bool | None) -> Change:
    attributes = {"enableDnsSupport": support, "enableDnsHostnames": hostnames}
    return lambda world: world["VpcAttributes"].update({identifier: attributes})


def subnet(identifier: str, vpc_id: str, cidr: str, *, zone: str = "us-east-1a") -> Change:
    item = {
        "SubnetId": identifier,
        "VpcId": vpc_id,
        "CidrBlock": cidr,
        "AvailabilityZone": zone,
        "Ipv6CidrBlockAssociationSet": [],
        "State": "available",
    }
    return lambda world: add(world, "DescribeSubnets", "Subnets", item)


def route_table(
    identifier: str, vpc_id: str, *, subnets: list[str] | None = None, main: bool = False
) -> Change:
    def apply(world: World) -> None:
        associations = [
            {"SubnetId": name, "Main": False, "AssociationState": {"State": "associated"}}
            for name in subnets or []
        ]
        if main:
            associations.append({"Main": True, "AssociationState": {"State": "associated"}})
        cidrs = [
            association["CidrBlock"]
            for association in find(world, vpc_id)["CidrBlockAssociationSet"]
        ]
        sixes = [
            association["Ipv6CidrBlock"]
            for association in find(world, vpc_id)["Ipv6CidrBlockAssociationSet"]
        ]
        local = {"GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
        item = {
            "RouteTableId": identifier,
            "VpcId": vpc_id,
            "Associations": associations,
            "Routes": [{"DestinationCidrBlock": cidr, **local} for cidr in cidrs]
            + [{"DestinationIpv6CidrBlock": cidr, **local} for cidr in sixes],
        }
        add(world, "DescribeRouteTables", "RouteTables", item)

    return apply


def route(table: str, destination: str, **target: str) -> Change:
    """Add a route; the keywords are the route's own, such as ``GatewayId``."""
    key = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
    key = "DestinationIpv6CidrBlock" if ":" in destination else key
    item = {key: destination, "Origin": "CreateRoute", "State": "active", **target}
    return lambda world: find(world, table)["Routes"].append(item)


def no_route(table: str, destination: str) -> Change:
    def apply(world: World) -> None:
        routes = find(world, table)["Routes"]
        kept = [item for item in routes if destination not in item.values()]
        assert len(kept) < len(routes), f"{table} has no route to {destination}"
        find(world, table)["Routes"] = kept

    return apply


def associate(table: str, subnet_id: str) -> Change:
    """Associate a route table with a subnet, in place of the one it had."""

    def apply(world: World) -> None:
        for item in world["DescribeRouteTables"]["RouteTables"]:
            item["Associations"] = [
                association
                for association in item["Associations"]
                if association.get("SubnetId") != subnet_id
            ]
        find(world, table)["Associations"].append({"SubnetId": subnet_id, "Main": False})

    return apply


def disassociate(subnet_id: str) -> Change:
    def apply(world: World) -> None:
        for item in world["DescribeRouteTables"]["RouteTables"]:
            item["Associations"] = [
                association
                for association in item["Associations"]
                if association.get("SubnetId") != subnet_id
            ]

    return apply


def acl(
    identifier: str,
    vpc_id: str,
    *,
    default: bool = False,
    subnets: list[str] | None = None,
    entries: list[dict[str, Any]] | None = None,
) -> Change:
    """Add a network ACL; without entries it allows everything, as a default one does."""
    both = [rule(100, "allow"), rule(100, "allow", egress=True)]
    item = {
        "NetworkAclId": identifier,
        "VpcId": vpc_id,
        "IsDefault": default,
        "Associations": [{"SubnetId": name, "NetworkAclId": identifier} for name in subnets or []],
        "Entries": [
            *(both if entries is None else entries),
            rule(32767, "deny"),
            rule(32767, "deny", egress=True),
        ],
    }
    return lambda world: add(world, "DescribeNetworkAcls", "NetworkAcls", item)


def entries(identifier: str, *rules: dict[str, Any]) -> Change:
    """Replace an ACL's numbered entries; the last ones (``*``) stay."""

    def apply(world: World) -> None:
        item = find(world, identifier)
        last = [entry for entry in item["Entries"] if entry["RuleNumber"] == 32767]
        item["Entries"] = [*copy.deepcopy(rules), *last]

    return apply


def security_group(
    identifier: str,
    vpc_id: str,
    *,
    ingress: list[dict[str, Any]] | None = None,
    egress: list[dict[str, Any]] | None = None,
    name: str | None = None,
) -> Change:
    item = {
        "GroupId": identifier,
        "GroupName": name or identifier,
        "VpcId": vpc_id,
        "IpPermissions": ingress or [],
        "IpPermissionsEgress": egress or [],
    }
    return lambda world: add(world, "DescribeSecurityGroups", "SecurityGroups", item)


def egress(*permissions: dict[str, Any], group: str = GROUP) -> Change:
    """Replace a security group's outbound rules."""
    return put(group, IpPermissionsEgress=list(permissions))


def ingress(*permissions: dict[str, Any], group: str = GROUP) -> Change:
    """Replace a security group's inbound rules."""
    return put(group, IpPermissions=list(permissions))


def internet_gateway(identifier: str, vpc_id: str | None, *, state: str = "available") -> Change:
    attachments = [{"VpcId": vpc_id, "State": state}] if vpc_id else []
    item = {"InternetGatewayId": identifier, "Attachments": attachments}
    return lambda world: add(world, "DescribeInternetGateways", "InternetGateways", item)


def egress_only_gateway(identifier: str, vpc_id: str) -> Change:
    item = {
        "EgressOnlyInternetGatewayId": identifier,
        "Attachments": [{"VpcId": vpc_id, "State": "attached"}],
    }
    return lambda world: add(
        world, "DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", item
    )


def interface(
    identifier: str,
    subnet_id: str,
    vpc_id: str,
    address: str | None,
    *,
    public: str | None = None,
    groups: list[str] | None = None,
    instance_id: str | None = None,
    ipv6: str | None = None,
    check: bool = True,
) -> Change:
    association = {"Association": {"PublicIp": public}} if public else {}
    pair = {"PrivateIpAddress": address, "Primary": True, **association}
    item: dict[str, Any] = {
        "NetworkInterfaceId": identifier,
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "PrivateIpAddresses": [pair] if address else [],
        "Ipv6Addresses": [{"Ipv6Address": ipv6}] if ipv6 else [],
        "Groups": [{"GroupId": name} for name in groups or []],
        "SourceDestCheck": check,
        "Status": "in-use",
    }
    if address:
        item["PrivateIpAddress"] = address
    if instance_id:
        item["Attachment"] = {"InstanceId": instance_id, "Status": "attached", "DeviceIndex": 0}
    return lambda world: add(world, "DescribeNetworkInterfaces", "NetworkInterfaces", item)


def instance(
    identifier: str,
    eni: str,
    subnet_id: str,
    vpc_id: str,
    address: str | None,
    *,
    public: str | None = None,
    groups: list[str] | None = None,
    ipv6: str | None = None,
    check: bool = True,
    state: str = "running",
    platform: str | None = None,
) -> Change:
    """Add an instance with one network interface."""
    item: dict[str, Any] = {
        "InstanceId": identifier,
        "State": {"Name": state},
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": eni,
                "SubnetId": subnet_id,
                "VpcId": vpc_id,
                "Attachment": {"DeviceIndex": 0, "Status": "attached"},
            }
        ],
    }
    if platform:
        item["Platform"] = platform
    return all_of(
        lambda world: add(
            world, "DescribeInstances", "Reservations", {"Instances": [copy.deepcopy(item)]}
        ),
        interface(
            eni,
            subnet_id,
            vpc_id,
            address,
            public=public,
            groups=groups,
            instance_id=identifier,
            ipv6=ipv6,
            check=check,
        ),
    )


def prefix_list(
    identifier: str, name: str, cidrs: list[str] | None, *, owner: str = "AWS"
) -> Change:
    """Add a managed prefix list; without entries the snapshot does not know them."""

    def apply(world: World) -> None:
        item = {"PrefixListId": identifier, "PrefixListName": name, "OwnerId": owner}
        add(world, "DescribeManagedPrefixLists", "PrefixLists", item)
        if cidrs is not None:
            listed = {"Entries": [{"Cidr": cidr} for cidr in cidrs]}
            world["ManagedPrefixListEntries"][identifier] = listed

    return apply
