"""Changes to a lab's network that a snapshot has to notice, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from snapshot_lab import REGION, MotoLab

Change = Callable[[Any, MotoLab], object]


def _endpoint(ec2: Any, moto_lab: MotoLab, **more: Any) -> str:
    made = ec2.create_vpc_endpoint(
        VpcId=moto_lab.vpc, ServiceName=f"com.amazonaws.{REGION}.s3", **more
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def _interface_endpoint(ec2: Any, moto_lab: MotoLab) -> None:
    _endpoint(
        ec2,
        moto_lab,
        VpcEndpointType="Interface",
        SubnetIds=[moto_lab.subnet],
        SecurityGroupIds=[moto_lab.security_group],
    )


def _peering(ec2: Any, moto_lab: MotoLab) -> None:
    other = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    made = ec2.create_vpc_peering_connection(VpcId=moto_lab.vpc, PeerVpcId=other["VpcId"])
    ec2.accept_vpc_peering_connection(
        VpcPeeringConnectionId=made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    )


def _transit_gateway(ec2: Any, moto_lab: MotoLab) -> None:
    gateway = ec2.create_transit_gateway()["TransitGateway"]
    table = gateway["Options"]["AssociationDefaultRouteTableId"]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway["TransitGatewayId"],
        VpcId=moto_lab.vpc,
        SubnetIds=[moto_lab.subnet],
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.9.0.0/16",
        TransitGatewayRouteTableId=table,
        TransitGatewayAttachmentId=attachment,
    )


def _prefix_list_in_a_route(ec2: Any, moto_lab: MotoLab) -> None:
    made = ec2.create_managed_prefix_list(
        PrefixListName="mine",
        MaxEntries=2,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "192.0.2.0/24"}],
    )["PrefixList"]["PrefixListId"]
    ec2.create_route(
        RouteTableId=moto_lab.route_table,
        DestinationPrefixListId=made,
        GatewayId=_gateway(ec2, moto_lab),
    )


def _gateway(ec2: Any, moto_lab: MotoLab) -> str:
    found = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [moto_lab.vpc]}]
    )
    return str(found["InternetGateways"][0]["InternetGatewayId"])


def _nat_gateway(ec2: Any, moto_lab: MotoLab) -> None:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=moto_lab.subnet, AllocationId=address)


def _network_acl(ec2: Any, moto_lab: MotoLab) -> None:
    acl = ec2.create_network_acl(VpcId=moto_lab.vpc)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl,
        RuleNumber=100,
        Protocol="-1",
        RuleAction="deny",
        Egress=True,
        CidrBlock="0.0.0.0/0",
    )


def _move_security_group(ec2: Any, moto_lab: MotoLab) -> None:
    made = ec2.create_security_group(VpcId=moto_lab.vpc, GroupName="other", Description="other")
    ec2.modify_instance_attribute(InstanceId=moto_lab.instance, Groups=[made["GroupId"]])


CHANGES: dict[str, Change] = {
    "gateway endpoint": lambda ec2, moto_lab: _endpoint(ec2, moto_lab, VpcEndpointType="Gateway"),
    "gateway endpoint with a route": lambda ec2, moto_lab: _endpoint(
        ec2, moto_lab, VpcEndpointType="Gateway", RouteTableIds=[moto_lab.route_table]
    ),
    "interface endpoint": _interface_endpoint,
    "endpoint policy": lambda ec2, moto_lab: ec2.modify_vpc_endpoint(
        VpcEndpointId=moto_lab.endpoint, PolicyDocument='{"Statement": []}'
    ),
    "endpoint deleted": lambda ec2, moto_lab: ec2.delete_vpc_endpoints(
        VpcEndpointIds=[moto_lab.endpoint]
    ),
    "route deleted": lambda ec2, moto_lab: ec2.delete_route(
        RouteTableId=moto_lab.route_table, DestinationCidrBlock="0.0.0.0/0"
    ),
    "rule added": lambda ec2, moto_lab: ec2.authorize_security_group_ingress(
        GroupId=moto_lab.security_group,
        IpProtocol="tcp",
        FromPort=22,
        ToPort=22,
        CidrIp="0.0.0.0/0",
    ),
    "security group of an instance": _move_security_group,
    "network ACL": _network_acl,
    "prefix list in a route": _prefix_list_in_a_route,
    "NAT gateway": _nat_gateway,
    "peering": _peering,
    "transit gateway": _transit_gateway,
    "internet gateway detached": lambda ec2, moto_lab: ec2.detach_internet_gateway(
        InternetGatewayId=_gateway(ec2, moto_lab), VpcId=moto_lab.vpc
    ),
    "instance launched": lambda ec2, moto_lab: ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=moto_lab.subnet
    ),
    "instance stopped": lambda ec2, moto_lab: ec2.stop_instances(InstanceIds=[moto_lab.instance]),
    "instance terminated": lambda ec2, moto_lab: ec2.terminate_instances(
        InstanceIds=[moto_lab.instance]
    ),
    "DNS support": lambda ec2, moto_lab: ec2.modify_vpc_attribute(
        VpcId=moto_lab.vpc, EnableDnsSupport={"Value": False}
    ),
    "VPC": lambda ec2, _moto_lab: ec2.create_vpc(CidrBlock="10.7.0.0/16"),
    "subnet": lambda ec2, moto_lab: ec2.create_subnet(VpcId=moto_lab.vpc, CidrBlock="10.0.9.0/24"),
    "tags": lambda ec2, moto_lab: ec2.create_tags(
        Resources=[moto_lab.vpc], Tags=[{"Key": "Name", "Value": "lab"}]
    ),
    "virtual private gateway": lambda ec2, moto_lab: ec2.attach_vpn_gateway(
        VpnGatewayId=ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"],
        VpcId=moto_lab.vpc,
    ),
    "network interface attached": lambda ec2, moto_lab: ec2.attach_network_interface(
        NetworkInterfaceId=ec2.create_network_interface(SubnetId=moto_lab.subnet)[
            "NetworkInterface"
        ]["NetworkInterfaceId"],
        InstanceId=moto_lab.instance,
        DeviceIndex=1,
    ),
}
