"""The EC2 part of a snapshot, indexed by what a packet asks of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pytest_vpcep.errors import RequestError
from pytest_vpcep.network import describe, describe_rules
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    Attachment,
    Endpoint,
    Instance,
    Interface,
    NatGateway,
    NetworkAcl,
    PrefixList,
    SecurityGroup,
    Subnet,
    Vpc,
)
from pytest_vpcep.network.routing import RouteTable
from pytest_vpcep.network.spans import span_of

_T = TypeVar("_T")

_ABSENT = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


@dataclass(frozen=True)
class Topology:
    """What is configured in a Region's VPCs; made by :meth:`from_describe`.

    Each mapping goes from an AWS id to its record. ``collected`` names the responses the snapshot
    has, so that "there is none" can be told from "nobody looked".
    """

    account: str
    partition: str
    region: str
    collected: frozenset[str]
    vpcs: Mapping[str, Vpc]
    subnets: Mapping[str, Subnet]
    instances: Mapping[str, Instance]
    interfaces: Mapping[str, Interface]
    route_tables: Mapping[str, RouteTable]
    security_groups: Mapping[str, SecurityGroup]
    network_acls: Mapping[str, NetworkAcl]
    endpoints: Mapping[str, Endpoint]
    internet_gateways: Mapping[str, Attachment]
    nat_gateways: Mapping[str, NatGateway]
    prefix_lists: Mapping[str, PrefixList]
    service_lists: Mapping[tuple[str, str], frozenset[str]] = field(repr=False)
    default_groups: Mapping[str, str] = field(repr=False)
    subnet_tables: Mapping[str, str] = field(repr=False)
    main_tables: Mapping[str, str] = field(repr=False)
    subnet_acls: Mapping[str, str] = field(repr=False)
    default_acls: Mapping[str, str] = field(repr=False)
    interface_at: Mapping[tuple[str, int, int], str] = field(repr=False)
    interface_with_public: Mapping[str, str] = field(repr=False)
    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_describe(
        cls, ec2: Mapping[str, Any], *, account: str, partition: str, region: str
    ) -> Topology:
        """Index the ``ec2`` part of a snapshot.

        Args:
            ec2: AWS's responses by operation (``DescribeVpcs``, ...), and
                ``ManagedPrefixListEntries`` and ``VpcAttributes`` by id; any may be missing.
            account: id of the account the snapshot is of.
            partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
            region: Region the snapshot is of.

        Raises:
            SnapshotError: a value is not of AWS's response shape; names its place and the remedy.
        """
        return _Reader(Fields(ec2, "ec2"), region).topology(account, partition)

    def interface(self, identifier: str) -> Interface:
        """Return a network interface.

        Raises:
            RequestError: the snapshot has none of this id.
        """
        found = self.interfaces.get(identifier)
        if found is None:
            raise RequestError(
                f"there is no network interface {identifier} in the snapshot; "
                "give the id of an instance or interface that it has"
            )
        return found

    def route_table_of(self, subnet: str, vpc: str) -> RouteTable | None:
        """Return the route table a subnet uses: its own, else its VPC's main one."""
        identifier = self.subnet_tables.get(subnet) or self.main_tables.get(vpc)
        return self.route_tables[identifier] if identifier else None

    def network_acl_of(self, subnet: str, vpc: str) -> NetworkAcl | None:
        """Return the network ACL of a subnet: its own, else its VPC's default one."""
        identifier = self.subnet_acls.get(subnet) or self.default_acls.get(vpc)
        return self.network_acls[identifier] if identifier else None

    def groups_of(self, interface: Interface) -> tuple[str, ...]:
        """Return an interface's security groups.

        One created without any belongs to its VPC's default group ("Default security groups",
        Amazon VPC User Guide); moto lists none then.
        """
        if interface.groups or interface.vpc not in self.default_groups:
            return interface.groups
        return (self.default_groups[interface.vpc],)

    def once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """Return what was computed for a key, computing it the first time.

        Interfaces of one subnet and one set of groups share their verdicts this way.
        """
        if key not in self._known:
            self._known[key] = compute()
        found: _T = self._known[key]
        return found


def interface_of(topology: Topology, vantage: str) -> str:
    """Return the network interface that requests from a vantage point leave by.

    Args:
        topology: where to look.
        vantage: id of an instance (its primary interface is meant) or of a network interface.

    Raises:
        RequestError: the snapshot has no such instance or interface.
    """
    if vantage in topology.interfaces:
        return vantage
    instance = topology.instances.get(vantage)
    if instance is None:
        raise RequestError(
            f"there is no instance or network interface {vantage} in the snapshot; "
            f"it has {_some(topology.instances) or 'no instances'}"
        )
    if not instance.interfaces:
        raise RequestError(
            f"instance {vantage} has no network interface (it is {instance.state}); "
            "name one that is running"
        )
    return instance.interfaces[0][1]


def _some(names: Mapping[str, object]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:5]) + (", ..." if len(listed) > 5 else "")


class _Reader:
    """Builds the indexes of a topology from the responses."""

    def __init__(self, ec2: Fields, region: str) -> None:
        self._ec2 = ec2
        self._region = region

    def _items(self, operation: str, key: str) -> Iterator[Fields]:
        return self._ec2.object(operation).objects(key)

    def topology(self, account: str, partition: str) -> Topology:
        prefix_lists = self._prefix_lists()
        endpoints, gone = self._endpoints()
        instances, interfaces = self._instances_and_interfaces()
        tables, subnet_tables, main_tables = self._route_tables(prefix_lists, gone)
        groups, default_groups = self._security_groups()
        acls, subnet_acls, default_acls = self._network_acls()
        return Topology(
            account=account,
            partition=partition,
            region=self._region,
            collected=frozenset(key for key in self._ec2 if key in self._ec2),
            vpcs=self._vpcs(),
            subnets={
                subnet.id: subnet
                for subnet in map(describe.read_subnet, self._items("DescribeSubnets", "Subnets"))
            },
            instances=instances,
            interfaces=interfaces,
            route_tables=tables,
            security_groups=groups,
            network_acls=acls,
            endpoints=endpoints,
            internet_gateways=self._internet_gateways(),
            nat_gateways={
                gateway.id: gateway
                for gateway in map(
                    describe.read_nat_gateway, self._items("DescribeNatGateways", "NatGateways")
                )
            },
            prefix_lists=prefix_lists,
            service_lists=_service_lists(prefix_lists, tables, endpoints),
            default_groups=default_groups,
            subnet_tables=subnet_tables,
            main_tables=main_tables,
            subnet_acls=subnet_acls,
            default_acls=default_acls,
            interface_at=_by_address(interfaces),
            interface_with_public={
                public: interface.id
                for interface in interfaces.values()
                for _, public in interface.addresses
                if public
            },
        )

    def _vpcs(self) -> dict[str, Vpc]:
        attributes = self._ec2.object("VpcAttributes")
        vpcs = {}
        for item in self._items("DescribeVpcs", "Vpcs"):
            vpc = describe.read_vpc(item, attributes.object(item.text("VpcId")))
            vpcs[vpc.id] = vpc
        return vpcs

    def _prefix_lists(self) -> dict[str, PrefixList]:
        entries = self._ec2.object("ManagedPrefixListEntries")
        found = {}
        for item in self._items("DescribeManagedPrefixLists", "PrefixLists"):
            prefix_list = describe.read_prefix_list(item, entries)
            found[prefix_list.id] = prefix_list
        for identifier in entries:
            if identifier not in found:
                nameless = Fields({"PrefixListId": identifier}, f"{entries.place}.{identifier}")
                found[identifier] = describe.read_prefix_list(nameless, entries)
        return found

    def _instances_and_interfaces(self) -> tuple[dict[str, Instance], dict[str, Interface]]:
        instances: dict[str, Instance] = {}
        interfaces: dict[str, Interface] = {}
        for reservation in self._items("DescribeInstances", "Reservations"):
            for item in reservation.objects("Instances"):
                instance = describe.read_instance(item)
                instances[instance.id] = instance
                for listed in item.objects("NetworkInterfaces"):
                    interface = describe.read_interface(listed, instance.id)
                    interfaces[interface.id] = interface
        for item in self._items("DescribeNetworkInterfaces", "NetworkInterfaces"):
            interface = describe.read_interface(item)
            interfaces[interface.id] = interface
        return instances, interfaces

    def _route_tables(
        self, prefix_lists: Mapping[str, PrefixList], gone: frozenset[str]
    ) -> tuple[dict[str, RouteTable], dict[str, str], dict[str, str]]:
        tables: dict[str, RouteTable] = {}
        by_subnet: dict[str, str] = {}
        main: dict[str, str] = {}
        for item in self._items("DescribeRouteTables", "RouteTables"):
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

    def _security_groups(self) -> tuple[dict[str, SecurityGroup], dict[str, str]]:
        groups: dict[str, SecurityGroup] = {}
        default: dict[str, str] = {}
        for item in self._items("DescribeSecurityGroups", "SecurityGroups"):
            group = describe_rules.read_security_group(item)
            groups[group.id] = group
            if item.text("GroupName", "") == "default":
                default[group.vpc] = group.id
        return groups, default

    def _network_acls(self) -> tuple[dict[str, NetworkAcl], dict[str, str], dict[str, str]]:
        acls: dict[str, NetworkAcl] = {}
        by_subnet: dict[str, str] = {}
        default: dict[str, str] = {}
        for item in self._items("DescribeNetworkAcls", "NetworkAcls"):
            acl = describe_rules.read_network_acl(item)
            acls[acl.id] = acl
            if acl.default:
                default[acl.vpc] = acl.id
            for association in item.objects("Associations"):
                by_subnet[association.text("SubnetId")] = acl.id
        return acls, by_subnet, default

    def _endpoints(self) -> tuple[dict[str, Endpoint], frozenset[str]]:
        """Return the endpoints there are, and the ids of those listed though they are gone."""
        read = [
            describe.read_endpoint(item, self._region)
            for item in self._items("DescribeVpcEndpoints", "VpcEndpoints")
        ]
        present = {endpoint.id: endpoint for endpoint in read if endpoint.state not in _ABSENT}
        return present, frozenset(endpoint.id for endpoint in read if endpoint.state in _ABSENT)

    def _internet_gateways(self) -> dict[str, Attachment]:
        read = map(
            describe.read_internet_gateway,
            [
                *self._items("DescribeInternetGateways", "InternetGateways"),
                *self._items("DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways"),
            ],
        )
        return {gateway.id: gateway for gateway in read}


def _by_address(interfaces: Mapping[str, Interface]) -> dict[tuple[str, int, int], str]:
    found: dict[tuple[str, int, int], str] = {}
    for interface in interfaces.values():
        for address in (*(pair[0] for pair in interface.addresses), *interface.ipv6_addresses):
            span = span_of(address)
            found[interface.vpc, span.version, span.first] = interface.id
    return found


def _service_lists(
    prefix_lists: Mapping[str, PrefixList],
    tables: Mapping[str, RouteTable],
    endpoints: Mapping[str, Endpoint],
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the ids of the prefix lists of each service and Region.

    A list is known by its name, or by a gateway endpoint's route that has it as destination.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for prefix_list in prefix_lists.values():
        region, _, service = prefix_list.name.removeprefix(describe.AWS_LISTS).partition(".")
        if prefix_list.name.startswith(describe.AWS_LISTS) and service:
            found.setdefault((service, region), set()).add(prefix_list.id)
    for table in tables.values():
        for route in table.routes:
            endpoint = endpoints.get(route.target) if route.prefix_list else None
            if endpoint is not None and endpoint.type == "Gateway":
                found.setdefault((endpoint.service, endpoint.region), set()).add(route.destination)
    return {key: frozenset(identifiers) for key, identifiers in found.items()}
