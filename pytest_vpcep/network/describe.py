"""EC2's Describe responses to records: VPCs, subnets, interfaces, instances, gateways."""

from __future__ import annotations

from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    Attachment,
    Endpoint,
    Instance,
    Interface,
    NatGateway,
    PrefixList,
    Subnet,
    Vpc,
)
from pytest_vpcep.network.spans import Spans

AWS_LISTS = "com.amazonaws."

#: States of an association that is on its way out or never came to be.
DISASSOCIATED = frozenset({"disassociating", "disassociated", "failing", "failed"})


def read_vpc(vpc: Fields, attributes: Fields) -> Vpc:
    """Return a VPC from ``DescribeVpcs`` and ``DescribeVpcAttribute``."""
    return Vpc(
        id=vpc.text("VpcId"),
        cidrs=_blocks(vpc),
        dns_support=attributes.optional_flag("enableDnsSupport"),
        dns_hostnames=attributes.optional_flag("enableDnsHostnames"),
    )


def read_subnet(subnet: Fields) -> Subnet:
    """Return a subnet from ``DescribeSubnets``."""
    return Subnet(
        id=subnet.text("SubnetId"),
        vpc=subnet.text("VpcId"),
        cidrs=_blocks(subnet),
        zone=subnet.text("AvailabilityZone", ""),
    )


def _blocks(owner: Fields) -> Spans:
    blocks = [owner.span("CidrBlock")] if "CidrBlock" in owner else []
    for set_key, key in (
        ("CidrBlockAssociationSet", "CidrBlock"),
        ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
    ):
        blocks += [
            association.span(key)
            for association in owner.objects(set_key)
            if association.object(f"{key}State").text("State", "associated") not in DISASSOCIATED
        ]
    return tuple(dict.fromkeys(blocks))


def read_instance(instance: Fields) -> Instance:
    """Return an instance from ``DescribeInstances``."""
    return Instance(
        id=instance.text("InstanceId"),
        state=instance.object("State").text("Name", "running"),
        platform=instance.text("Platform", "").lower(),
        interfaces=tuple(
            sorted(
                (
                    interface.object("Attachment").number("DeviceIndex", 0),
                    interface.text("NetworkInterfaceId"),
                )
                for interface in instance.objects("NetworkInterfaces")
            )
        ),
    )


def read_interface(interface: Fields, instance: str | None = None) -> Interface:
    """Return a network interface from ``DescribeNetworkInterfaces`` or an instance's own list."""
    attachment = interface.object("Attachment")
    return Interface(
        id=interface.text("NetworkInterfaceId"),
        vpc=interface.text("VpcId"),
        subnet=interface.text("SubnetId"),
        addresses=_addresses(interface),
        ipv6_addresses=tuple(
            _checked_address(address, "Ipv6Address")
            for address in interface.objects("Ipv6Addresses")
        ),
        groups=tuple(group.text("GroupId") for group in interface.objects("Groups")),
        source_dest_check=interface.flag("SourceDestCheck", default=True),
        status=interface.text("Status", "in-use"),
        attached_to=instance or attachment.optional_text("InstanceId"),
        attachment=attachment.optional_text("Status"),
    )


def _addresses(interface: Fields) -> tuple[tuple[str, str | None], ...]:
    listed = [
        (not address.flag("Primary", default=False), _address_pair(address))
        for address in interface.objects("PrivateIpAddresses")
    ]
    if listed:
        first, *others = (pair for _, pair in sorted(listed, key=lambda entry: entry[0]))
        # moto names the public address of DescribeNetworkInterfaces beside the list, not in it.
        if first[1] is None and "PrivateIpAddress" in interface:
            whole = _address_pair(interface)
            first = whole if whole[0] == first[0] else first
        return (first, *others)
    return (_address_pair(interface),) if "PrivateIpAddress" in interface else ()


def _address_pair(owner: Fields) -> tuple[str, str | None]:
    association = owner.object("Association")
    public = _checked_address(association, "PublicIp") if "PublicIp" in association else None
    return _checked_address(owner, "PrivateIpAddress"), public


def _checked_address(owner: Fields, key: str) -> str:
    span = owner.span(key)
    if span.first != span.last:
        raise owner.wrong(key, "one IP address")
    return owner.text(key)


def read_endpoint(endpoint: Fields, region: str) -> Endpoint:
    """Return a VPC endpoint from ``DescribeVpcEndpoints``.

    An absent type reads as Gateway, which is what ``CreateVpcEndpoint`` makes by default.
    """
    name = endpoint.text("ServiceName", "")
    service, service_region = _service_of(name, region)
    return Endpoint(
        id=endpoint.text("VpcEndpointId"),
        vpc=endpoint.text("VpcId"),
        type=endpoint.text("VpcEndpointType", "Gateway"),
        service=service,
        service_name=name,
        region=endpoint.text("ServiceRegion", service_region),
        state=endpoint.text("State", "available").lower(),
        private_dns=endpoint.flag("PrivateDnsEnabled", default=False),
        inbound_resolver_only=endpoint.object("DnsOptions").flag(
            "PrivateDnsOnlyForInboundResolverEndpoint", default=False
        ),
        dns_names=tuple(
            entry.text("DnsName", "").lower() for entry in endpoint.objects("DnsEntries")
        ),
        subnets=endpoint.texts("SubnetIds"),
        groups=tuple(group.text("GroupId") for group in endpoint.objects("Groups")),
        interfaces=endpoint.texts("NetworkInterfaceIds"),
    )


def _service_of(name: str, region: str) -> tuple[str, str]:
    """Split ``com.amazonaws.us-east-1.s3`` (in China also ``cn.com.amazonaws...``)."""
    rest = name.removeprefix("cn.").removeprefix("com.amazonaws.")
    if rest == name:
        return name, region
    service_region, _, service = rest.partition(".")
    if service_region == "global":
        return rest, region
    return service, service_region


def read_internet_gateway(gateway: Fields) -> Attachment:
    """Return an internet gateway, of either kind, with its attachment."""
    key = "InternetGatewayId"
    if key not in gateway:
        key = "EgressOnlyInternetGatewayId"
    for attachment in gateway.objects("Attachments"):
        vpc = attachment.optional_text("VpcId")
        return Attachment(gateway.text(key), vpc, attachment.text("State", "available"))
    return Attachment(gateway.text(key), None, "detached")


def read_nat_gateway(gateway: Fields) -> NatGateway:
    """Return a NAT gateway; an absent connectivity type reads as public, EC2's default."""
    address = next(iter(gateway.objects("NatGatewayAddresses")), None)
    for candidate in gateway.objects("NatGatewayAddresses"):
        if candidate.flag("IsPrimary", default=False):
            address = candidate
    return NatGateway(
        id=gateway.text("NatGatewayId"),
        vpc=gateway.text("VpcId"),
        subnet=gateway.optional_text("SubnetId"),
        state=gateway.text("State", "available").lower(),
        public=gateway.text("ConnectivityType", "public") == "public",
        interface=address.optional_text("NetworkInterfaceId") if address else None,
        private_ip=address.optional_text("PrivateIp") if address else None,
        public_ip=address.optional_text("PublicIp") if address else None,
    )


def read_prefix_list(prefix_list: Fields, entries: Fields) -> PrefixList:
    """Return a managed prefix list and its entries, where the snapshot has them."""
    identifier = prefix_list.text("PrefixListId")
    spans = None
    if identifier in entries:
        listed = entries.object(identifier).objects("Entries")
        spans = tuple(entry.span("Cidr") for entry in listed)
        if not spans and prefix_list.text("PrefixListName", "").startswith(AWS_LISTS):
            # AWS's own lists are never empty, so nobody asked for the entries.
            spans = None
    return PrefixList(
        id=identifier,
        name=prefix_list.text("PrefixListName", ""),
        owner=prefix_list.text("OwnerId", ""),
        spans=spans,
    )
