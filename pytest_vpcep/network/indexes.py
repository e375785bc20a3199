"""The indexes of a topology, read from EC2's responses one kind of resource at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

from pytest_vpcep.network import describe, describe_rules, describe_transit
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    Attachment,
    Endpoint,
    Instance,
    Interface,
    NetworkAcl,
    PrefixList,
    SecurityGroup,
    TransitAttachment,
    Vpc,
)
from pytest_vpcep.network.routing import RouteTable
from pytest_vpcep.network.spans import span_of

_ABSENT = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_Record = TypeVar("_Record", bound=_Named)


def _items(ec2: Fields, operation: str, key: str) -> Iterator[Fields]:
    return ec2.object(operation).objects(key)


def read_each(
    ec2: Fields, operation: str, key: str, read: Callable[[Fields], _Record]
) -> dict[str, _Record]:
    """Return the resources of one response by id.

    Args:
        ec2: the responses.
        operation: such as ``DescribeSubnets``.
        key: the response's list, such as ``Subnets``.
        read: makes a record of one item.
    """
    records = map(read, _items(ec2, operation, key))
    return {record.id: record for record in records}


def read_vpcs(ec2: Fields) -> dict[str, Vpc]:
    """Return the VPCs with their attributes."""
    attributes = ec2.object("VpcAttributes")
    vpcs = {}
    for item in _items(ec2, "DescribeVpcs", "Vpcs"):
        vpc = describe.read_vpc(item, attributes.object(item.text("VpcId")))
        vpcs[vpc.id] = vpc
    return vpcs


def read_prefix_lists(ec2: Fields) -> dict[str, PrefixList]:
    """Return the managed prefix lists, also those of which only the entries are known."""
    entries = ec2.object("ManagedPrefixListEntries")
    found = {}
    for item in _items(ec2, "DescribeManagedPrefixLists", "PrefixLists"):
        prefix_list = describe.read_prefix_list(item, entries)
        found[prefix_list.id] = prefix_list
    for identifier in entries:
        if identifier not in found:
            nameless = Fields({"PrefixListId": identifier}, f"{entries.place}.{identifier}")
            found[identifier] = describe.read_prefix_list(nameless, entries)
    return found


def read_instances_and_interfaces(ec2: Fields) -> tuple[dict[str, Instance], dict[str, Interface]]:
    """Return the instances, and the interfaces of either response."""
    instances: dict[str, Instance] = {}
    interfaces: dict[str, Interface] = {}
    for reservation in _items(ec2, "DescribeInstances", "Reservations"):
        for item in reservation.objects("Instances"):
            instance = describe.read_instance(item)
            instances[instance.id] = instance
            for listed in item.objects("NetworkInterfaces"):
                interface = describe.read_interface(listed, instance.id)
                interfaces[interface.id] = interface
    for item in _items(ec2, "DescribeNetworkInterfaces", "NetworkInterfaces"):
        interface = describe.read_interface(item)
        interfaces[interface.id] = interface
    return instances, interfaces


def read_route_tables(
    ec2: Fields, prefix_lists: Mapping[str, PrefixList], gone: frozenset[str]
) -> tuple[dict[str, RouteTable], dict[str, str], dict[str, str]]:
    """Return the route tables, which of them each subnet has, and each VPC's main one."""
    tables: dict[str, RouteTable] = {}
    by_subnet: dict[str, str] = {}
    main: dict[str, str] = {}
    for item in _items(ec2, "DescribeRouteTables", "RouteTables"):
        identifier, vpc = item.text("RouteTableId"), item.text("VpcId")
        is_main = False
        for association in item.objects("Associations"):
            state = association.object("AssociationState").text("State", "associated")
            if state in describe.DISASSOCIATED:
                continue
            if association.flag("Main", default=False):
                main[vpc] = identifier
                is_main = True
            subnet = association.optional_text("SubnetId")
            if subnet:
                by_subnet[subnet] = identifier
        # AWS takes a gateway endpoint's routes away with the endpoint; moto may leave them.
        routes = tuple(
            route
            for route in describe_rules.read_routes(item, prefix_lists)
            if route.target not in gone
        )
        tables[identifier] = RouteTable(identifier, vpc, is_main, routes)
    return tables, by_subnet, main


def read_gateway_tables(ec2: Fields) -> dict[str, str]:
    """Return the gateway route table of each gateway that has one."""
    return {
        association.text("GatewayId"): item.text("RouteTableId")
        for item in _items(ec2, "DescribeRouteTables", "RouteTables")
        for association in item.objects("Associations")
        if association.optional_text("GatewayId")
    }


def read_security_groups(ec2: Fields) -> tuple[dict[str, SecurityGroup], dict[str, str]]:
    """Return the security groups, and each VPC's default one."""
    groups: dict[str, SecurityGroup] = {}
    default: dict[str, str] = {}
    for item in _items(ec2, "DescribeSecurityGroups", "SecurityGroups"):
        group = describe_rules.read_security_group(item)
        groups[group.id] = group
        if item.text("GroupName", "") == "default":
            default[group.vpc] = group.id
    return groups, default


def read_network_acls(ec2: Fields) -> tuple[dict[str, NetworkAcl], dict[str, str], dict[str, str]]:
    """Return the network ACLs, which of them each subnet has, and each VPC's default one."""
    acls: dict[str, NetworkAcl] = {}
    by_subnet: dict[str, str] = {}
    default: dict[str, str] = {}
    for item in _items(ec2, "DescribeNetworkAcls", "NetworkAcls"):
        acl = describe_rules.read_network_acl(item)
        acls[acl.id] = acl
        if acl.default:
            default[acl.vpc] = acl.id
        for association in item.objects("Associations"):
            by_subnet[association.text("SubnetId")] = acl.id
    return acls, by_subnet, default


def read_endpoints(ec2: Fields, region: str) -> tuple[dict[str, Endpoint], frozenset[str]]:
    """Return the endpoints there are, and the ids of those listed though they are gone."""
    read = [
        describe.read_endpoint(item, region)
        for item in _items(ec2, "DescribeVpcEndpoints", "VpcEndpoints")
    ]
    present = {endpoint.id: endpoint for endpoint in read if endpoint.state not in _ABSENT}
    return present, frozenset(endpoint.id for endpoint in read if endpoint.state in _ABSENT)


def read_internet_gateways(ec2: Fields) -> dict[str, Attachment]:
    """Return internet gateways and egress-only internet gateways."""
    read = map(
        describe.read_internet_gateway,
        [
            *_items(ec2, "DescribeInternetGateways", "InternetGateways"),
            *_items(ec2, "DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways"),
        ],
    )
    return {gateway.id: gateway for gateway in read}


def read_transit_attachments(ec2: Fields) -> dict[str, TransitAttachment]:
    """Return the attachments of transit gateways."""
    details = {
        item.text("TransitGatewayAttachmentId"): item
        for item in _items(
            ec2, "DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments"
        )
    }
    read = (
        describe_transit.read_transit_attachment(item, details)
        for item in _items(ec2, "DescribeTransitGatewayAttachments", "TransitGatewayAttachments")
    )
    return {attachment.id: attachment for attachment in read}


def read_transit_route_tables(ec2: Fields) -> dict[str, RouteTable]:
    """Return the transit gateway route tables whose routes the snapshot has."""
    tables = ec2.object("TransitGatewayRoutes")
    return {
        identifier: describe_transit.read_transit_route_table(identifier, tables.object(identifier))
        for identifier in tables
    }


def by_address(interfaces: Mapping[str, Interface]) -> dict[tuple[str, int, int], str]:
    """Return the ids of interfaces by VPC, IP version and private address."""
    found: dict[tuple[str, int, int], str] = {}
    for interface in interfaces.values():
        for address in (*(pair[0] for pair in interface.addresses), *interface.ipv6_addresses):
            span = span_of(address)
            found[interface.vpc, span.version, span.first] = interface.id
    return found


def by_public_address(interfaces: Mapping[str, Interface]) -> dict[str, str]:
    """Return the ids of the interfaces that have a public IPv4 address, by that address."""
    return {
        public: interface.id
        for interface in interfaces.values()
        for _, public in interface.addresses
        if public
    }


def service_lists(
    prefix_lists: Mapping[str, PrefixList],
    tables: Mapping[str, RouteTable],
    endpoints: Mapping[str, Endpoint],
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the ids of the prefix lists of each service and Region.

    A list is known by its name, or without one by the gateway endpoint that a route has for it.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for prefix_list in prefix_lists.values():
        region, _, service = prefix_list.name.removeprefix(describe.AWS_LISTS).partition(".")
        if prefix_list.name.startswith(describe.AWS_LISTS) and service:
            found.setdefault((service, region), set()).add(prefix_list.id)
    for table in tables.values():
        for route in table.routes:
            endpoint = endpoints.get(route.target) if route.prefix_list else None
            known = prefix_lists.get(route.destination)
            if endpoint is None or endpoint.type != "Gateway" or (known and known.name):
                continue
            found.setdefault((endpoint.service, endpoint.region), set()).add(route.destination)
    return {key: frozenset(identifiers) for key, identifiers in found.items()}
