"""Endpoints, NAT devices, peered VPCs and transit gateways for the worlds of these tests."""

from __future__ import annotations

from typing import Any

from network_changes import REGION, Change, World, add, all_of
from network_worlds import DYNAMODB_LIST, S3_LIST, VPC, interface, route


def gateway_endpoint(
    identifier: str = "vpce-s3",
    *,
    service: str = "s3",
    vpc_id: str = VPC,
    region: str = REGION,
    state: str = "available",
    tables: tuple[str, ...] = (),
    destination: str | None = None,
) -> Change:
    """Add a gateway endpoint, and its routes to the tables it is associated with."""
    item = {
        "VpcEndpointId": identifier,
        "VpcEndpointType": "Gateway",
        "VpcId": vpc_id,
        "ServiceName": f"com.amazonaws.{region}.{service}",
        "State": state,
        "RouteTableIds": list(tables),
        "PrivateDnsEnabled": False,
    }
    lists = {"s3": S3_LIST, "dynamodb": DYNAMODB_LIST}
    target = destination or lists.get(service, S3_LIST)
    return all_of(
        lambda world: add(world, "DescribeVpcEndpoints", "VpcEndpoints", item),
        *(route(table, target, GatewayId=identifier) for table in tables),
    )


def interface_endpoint(
    identifier: str,
    service: str,
    *interfaces: tuple[str, str, str],
    vpc_id: str = VPC,
    groups: list[str] | None = None,
    private_dns: bool = True,
    state: str = "available",
    **fields: Any,
) -> Change:
    """Add an interface endpoint; its interfaces are (id, subnet, address)."""
    item = {
        "VpcEndpointId": identifier,
        "VpcEndpointType": "Interface",
        "VpcId": vpc_id,
        "ServiceName": f"com.amazonaws.{REGION}.{service}",
        "State": state,
        "PrivateDnsEnabled": private_dns,
        "SubnetIds": [subnet_id for _, subnet_id, _ in interfaces],
        "NetworkInterfaceIds": [eni for eni, _, _ in interfaces],
        "Groups": [{"GroupId": name} for name in groups or []],
        "DnsEntries": [],
        **fields,
    }
    return all_of(
        lambda world: add(world, "DescribeVpcEndpoints", "VpcEndpoints", item),
        *(
            interface(eni, subnet_id, vpc_id, address, groups=groups)
            for eni, subnet_id, address in interfaces
        ),
    )


def nat_gateway(
    identifier: str,
    subnet_id: str,
    address: str,
    *,
    public: str | None = "54.9.9.9",
    vpc_id: str = VPC,
    state: str = "available",
) -> Change:
    pair = {"NetworkInterfaceId": f"eni-{identifier}", "PrivateIp": address}
    if public:
        pair["PublicIp"] = public
    item = {
        "NatGatewayId": identifier,
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "State": state,
        "ConnectivityType": "public" if public else "private",
        "NatGatewayAddresses": [pair],
    }
    return lambda world: add(world, "DescribeNatGateways", "NatGateways", item)


def peering(
    identifier: str,
    requester: tuple[str, str],
    accepter: tuple[str, str],
    *,
    status: str = "active",
    accepter_region: str = REGION,
) -> Change:
    """Add a peering connection between two (VPC, CIDR block)."""

    def side(of: tuple[str, str], region: str) -> dict[str, Any]:
        return {
            "VpcId": of[0],
            "CidrBlock": of[1],
            "CidrBlockSet": [{"CidrBlock": of[1]}],
            "Region": region,
        }

    item = {
        "VpcPeeringConnectionId": identifier,
        "Status": {"Code": status},
        "RequesterVpcInfo": side(requester, REGION),
        "AccepterVpcInfo": side(accepter, accepter_region),
    }
    return lambda world: add(world, "DescribeVpcPeeringConnections", "VpcPeeringConnections", item)


def vpn_gateway(identifier: str, vpc_id: str | None) -> Change:
    attachments = [{"VpcId": vpc_id, "State": "attached"}] if vpc_id else []
    item = {"VpnGatewayId": identifier, "State": "available", "VpcAttachments": attachments}
    return lambda world: add(world, "DescribeVpnGateways", "VpnGateways", item)


def transit_attachment(
    identifier: str,
    gateway: str,
    vpc_id: str,
    *,
    subnets: list[str],
    table: str | None = "tgw-rtb-1",
    state: str = "available",
    kind: str = "vpc",
    references: bool = False,
) -> Change:
    """Attach a VPC to a transit gateway."""
    association = {"TransitGatewayRouteTableId": table, "State": "associated"} if table else {}
    item = {
        "TransitGatewayAttachmentId": identifier,
        "TransitGatewayId": gateway,
        "ResourceType": kind,
        "ResourceId": vpc_id,
        "State": state,
        "Association": association,
    }
    option = "enable" if references else "disable"
    details = {
        "TransitGatewayAttachmentId": identifier,
        "SubnetIds": subnets,
        "Options": {"SecurityGroupReferencingSupport": option},
    }
    return all_of(
        lambda world: add(
            world, "DescribeTransitGatewayAttachments", "TransitGatewayAttachments", item
        ),
        lambda world: add(
            world, "DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments", details
        ),
    )


def transit_route(
    table: str,
    destination: str,
    attachment: str | None,
    *,
    kind: str = "propagated",
    state: str = "active",
) -> Change:
    attachments = [{"TransitGatewayAttachmentId": attachment}] if attachment else []
    item = {
        "DestinationCidrBlock": destination,
        "TransitGatewayAttachments": attachments,
        "Type": kind,
        "State": state,
    }

    def apply(world: World) -> None:
        tables = world.setdefault("TransitGatewayRoutes", {})
        tables.setdefault(table, {}).setdefault("Routes", []).append(item)

    return apply
