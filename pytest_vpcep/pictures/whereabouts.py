"""In which subnet or VPC each hop of a path is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.network import Hop, Topology
    from pytest_vpcep.pictures.places import Places

_WORD = re.compile(r"[\w-]+")
#: Hops at the interface or subnet that the path is at already, unless they say otherwise.
_HERE = frozenset({"interface", "security-group", "network-acl", "route-table", "middlebox", "dns"})


class Whereabouts:
    """Follows a path from subnet to subnet.

    Args:
        topology: where ids are looked up.
        places: makes the boxes of subnets and VPCs.

    """

    def __init__(self, topology: Topology, places: Places) -> None:
        self._topology = topology
        self._places = places
        self._subnet: str | None = None
        #: Id of the VPC that the path starts in, None where it starts in none that is known.
        self.first_vpc: str | None = None

    def of(self, hop: Hop) -> str | None:
        """Return the key of the box that a hop is in; None for what is in no VPC.

        Args:
            hop: the next hop of the path.

        """
        named = [word for word in _WORD.findall(hop.detail) if word in self._topology.subnets]
        if named:
            self._subnet = named[0]
            self.first_vpc = self.first_vpc or self._topology.subnets[self._subnet].vpc
        if (named or hop.kind in _HERE) and self._subnet and self._is_here(hop):
            return self._places.subnet(self._subnet)
        vpc = self._vpc_of(hop)
        return self._places.vpc(vpc) if vpc else None

    def _is_here(self, hop: Hop) -> bool:
        """Whether a hop is of the subnet the path is at, as a route table may not be."""
        table = self._topology.route_tables.get(hop.id)
        if table is None or self._subnet is None:
            return True
        return self._topology.route_table_of(self._subnet, table.vpc) is table

    def _vpc_of(self, hop: Hop) -> str | None:
        topology, identifier = self._topology, hop.id
        found = (
            topology.endpoints.get(identifier)
            or topology.internet_gateways.get(identifier)
            or topology.vpn_gateways.get(identifier)
            or topology.route_tables.get(identifier)
            or topology.nat_gateways.get(identifier)
        )
        if found is not None:
            return found.vpc
        return identifier if identifier in topology.vpcs else None
