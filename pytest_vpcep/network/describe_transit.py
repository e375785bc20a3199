"""EC2's Describe responses to records: VPC peering connections and transit gateways."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    Attachment,
    Peering,
    PeeringSide,
    Route,
    TransitAttachment,
)
from pytest_vpcep.network.routing import RouteTable


def read_peering(peering: Fields) -> Peering:
    """Return a peering connection from ``DescribeVpcPeeringConnections``."""
    return Peering(
        id=peering.text("VpcPeeringConnectionId"),
        status=peering.object("Status").text("Code", "active"),
        requester=_side(peering.object("RequesterVpcInfo")),
        accepter=_side(peering.object("AccepterVpcInfo")),
    )


def _side(info: Fields) -> PeeringSide:
    blocks = [info.span("CidrBlock")] if info.optional_text("CidrBlock") else []
    blocks += [block.span("CidrBlock") for block in info.objects("CidrBlockSet")]
    blocks += [block.span("Ipv6CidrBlock") for block in info.objects("Ipv6CidrBlockSet")]
    return PeeringSide(
        vpc=info.text("VpcId", ""),
        region=info.optional_text("Region"),
        cidrs=tuple(dict.fromkeys(blocks)),
    )


def read_vpn_gateway(gateway: Fields) -> Attachment:
    """Return a virtual private gateway from ``DescribeVpnGateways``."""
    for attachment in gateway.objects("VpcAttachments"):
        return Attachment(
            gateway.text("VpnGatewayId"),
            attachment.optional_text("VpcId"),
            attachment.text("State", "attached"),
        )
    return Attachment(gateway.text("VpnGatewayId"), None, "detached")


def read_transit_attachment(
    attachment: Fields, vpc_attachments: dict[str, Fields]
) -> TransitAttachment:
    """Return a transit gateway attachment, with what only its VPC description tells.

    Args:
        attachment: from ``DescribeTransitGatewayAttachments``.
        vpc_attachments: those of ``DescribeTransitGatewayVpcAttachments``, by id.
    """
    identifier = attachment.text("TransitGatewayAttachmentId")
    details = vpc_attachments.get(identifier, Fields({}, attachment.place))
    association = attachment.object("Association")
    associated = association.text("State", "associated") == "associated"
    options = details.object("Options")
    return TransitAttachment(
        id=identifier,
        gateway=attachment.text("TransitGatewayId"),
        kind=attachment.text("ResourceType", "vpc"),
        resource=attachment.text("ResourceId", ""),
        state=attachment.text("State", "available").lower(),
        route_table=association.optional_text("TransitGatewayRouteTableId") if associated else None,
        subnets=details.texts("SubnetIds"),
        group_references=options.text("SecurityGroupReferencingSupport", "disable") == "enable",
    )


def read_transit_route_table(identifier: str, table: Fields) -> RouteTable:
    """Return a transit gateway's route table from ``SearchTransitGatewayRoutes``."""
    return RouteTable(identifier, "", main=False, routes=tuple(_transit_routes(table)))


def _transit_routes(table: Fields) -> Iterator[Route]:
    for route in table.objects("Routes"):
        state = route.text("State", "active")
        if state not in ("active", "blackhole") or not route.optional_text("DestinationCidrBlock"):
            continue
        attachment = next(iter(route.objects("TransitGatewayAttachments")), None)
        yield Route(
            destination=route.text("DestinationCidrBlock"),
            spans=(route.span("DestinationCidrBlock"),),
            target=attachment.text("TransitGatewayAttachmentId") if attachment else "no target",
            target_kind="tgw-attach",
            blackhole=state == "blackhole",
            propagated=route.text("Type", "static") == "propagated",
            prefix_list=bool(route.optional_text("PrefixListId")),
        )
