"""The EC2 part of a snapshot, indexed by what a packet asks of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pytest_vpcep.errors import RequestError
from pytest_vpcep.network import describe, describe_transit, indexes
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.network.records import (
    Attachment,
    Endpoint,
    Instance,
    Interface,
    NatGateway,
    NetworkAcl,
    Peering,
    PrefixList,
    SecurityGroup,
    Subnet,
    TransitAttachment,
    Vpc,
)
from pytest_vpcep.network.routing import RouteTable

_T = TypeVar("_T")


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
    vpn_gateways: Mapping[str, Attachment]
    peerings: Mapping[str, Peering]
    transit_attachments: Mapping[str, TransitAttachment]
    transit_route_tables: Mapping[str, RouteTable]
    prefix_lists: Mapping[str, PrefixList]
    service_lists: Mapping[tuple[str, str], frozenset[str]] = field(repr=False)
    default_groups: Mapping[str, str] = field(repr=False)
    subnet_tables: Mapping[str, str] = field(repr=False)
    main_tables: Mapping[str, str] = field(repr=False)
    gateway_tables: Mapping[str, str] = field(repr=False)
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
                ``ManagedPrefixListEntries``, ``TransitGatewayRoutes`` (the answers of
                ``SearchTransitGatewayRoutes``) and ``VpcAttributes`` by id; any may be missing.
            account: id of the account the snapshot is of.
            partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
            region: Region the snapshot is of.

        Raises:
            SnapshotError: a value is not of AWS's response shape; names its place and the remedy.
        """
        fields = Fields(ec2, "ec2")
        prefix_lists = indexes.read_prefix_lists(fields)
        endpoints, gone = indexes.read_endpoints(fields, region)
        instances, interfaces = indexes.read_instances_and_interfaces(fields)
        tables, subnet_tables, main_tables = indexes.read_route_tables(fields, prefix_lists, gone)
        groups, default_groups = indexes.read_security_groups(fields)
        acls, subnet_acls, default_acls = indexes.read_network_acls(fields)
        return cls(
            account=account,
            partition=partition,
            region=region,
            collected=frozenset(key for key in fields if key in fields),
            vpcs=indexes.read_vpcs(fields),
            subnets=indexes.read_each(fields, "DescribeSubnets", "Subnets", describe.read_subnet),
            instances=instances,
            interfaces=interfaces,
            route_tables=tables,
            security_groups=groups,
            network_acls=acls,
            endpoints=endpoints,
            internet_gateways=indexes.read_internet_gateways(fields),
            nat_gateways=indexes.read_each(
                fields, "DescribeNatGateways", "NatGateways", describe.read_nat_gateway
            ),
            vpn_gateways=indexes.read_each(
                fields, "DescribeVpnGateways", "VpnGateways", describe_transit.read_vpn_gateway
            ),
            peerings=indexes.read_each(
                fields,
                "DescribeVpcPeeringConnections",
                "VpcPeeringConnections",
                describe_transit.read_peering,
            ),
            transit_attachments=indexes.read_transit_attachments(fields),
            transit_route_tables=indexes.read_transit_route_tables(fields),
            prefix_lists=prefix_lists,
            service_lists=indexes.service_lists(prefix_lists, tables, endpoints),
            default_groups=default_groups,
            subnet_tables=subnet_tables,
            main_tables=main_tables,
            gateway_tables=indexes.read_gateway_tables(fields),
            subnet_acls=subnet_acls,
            default_acls=default_acls,
            interface_at=indexes.by_address(interfaces),
            interface_with_public=indexes.by_public_address(interfaces),
        )

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
