"""The topology of a snapshot as a diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access.decide import bucket_region
from pytest_vpcep.pictures.diagram import Diagram, Sketch, Tone, plain
from pytest_vpcep.pictures.places import Places, address_line, route_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_vpcep.network.records import (
        Attachment,
        Endpoint,
        Instance,
        Interface,
        Peering,
        PeeringSide,
    )
    from pytest_vpcep.network.routing import RouteTable
    from pytest_vpcep.snapshot import Snapshot

#: More things of a kind than this side by side, and they are listed in one box.
MOST_APART = 3
#: What is in a subnet and sends by its route table.
_SENDERS = frozenset({"instance", "interface", "nat"})


def topology_diagram(snapshot: Snapshot) -> Diagram:
    """What is configured in a snapshot, from its VPCs down to the services they lead to.

    Args:
        snapshot: the configuration to draw.

    Raises:
        SnapshotError: a value in it is not of AWS's response shape.

    """
    drawn = _Drawn(snapshot)
    drawn.add_boxes()
    drawn.add_tables()
    title = f"Topology of account {snapshot.account} in {snapshot.region}"
    return drawn.sketch.diagram(title, _description(snapshot))


def _description(snapshot: Snapshot) -> str:
    topology = snapshot.topology
    counts = (
        (topology.vpcs, "VPC"),
        (topology.subnets, "subnet"),
        (topology.instances, "instance"),
        (topology.nat_gateways, "NAT gateway"),
        (topology.endpoints, "VPC endpoint"),
        (snapshot.buckets, "bucket"),
    )
    told = [f"{len(found)} {what}{'' if len(found) == 1 else 's'}" for found, what in counts]
    routes = [
        f"Subnet {subnet.id} has {table.title}: {', '.join(map(str, table.routes)) or 'no route'}."
        for subnet in topology.subnets.values()
        if (table := topology.route_table_of(subnet.id, subnet.vpc))
    ]
    return " ".join((f"{', '.join(told)}.", *routes))


class _Drawn:
    """Adds the resources of a snapshot to a sketch, one kind after the other."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.sketch = Sketch()
        self._snapshot = snapshot
        self._topology = snapshot.topology
        self._places = Places(self.sketch, snapshot)

    def add_boxes(self) -> None:
        """Add a box for each resource, what packets start from first."""
        topology = self._topology
        for vpc in topology.vpcs:
            self._places.vpc(vpc)
        for subnet in topology.subnets:
            self._places.subnet(subnet)
        self._add_instances()
        self._add_lone_interfaces()
        self._add_nat_gateways()
        self._add_gateways()
        self._add_services()
        self._add_transit_gateways()
        for peering in topology.peerings.values():
            self._add_peering(peering)

    def add_tables(self) -> None:
        """Add the route tables, and the arrows that their routes mean."""
        topology, used = self._topology, set()
        for subnet in topology.subnets.values():
            table = topology.route_table_of(subnet.id, subnet.vpc)
            if table is not None:
                used.add(table.id)
                self._add_subnet_table(subnet.id, table)
        gateways = {table: gateway for gateway, table in topology.gateway_tables.items()}
        for table in topology.route_tables.values():
            if table.id not in used:
                gateway = gateways.get(table.id)
                note = f"of gateway {gateway}" if gateway else "no subnet uses it"
                inside = self._places.vpc(table.vpc)
                lines = (*plain(note), *route_lines(table))
                self._places.add("route-table", table.id, table.title, lines, inside=inside)

    def _add_services(self) -> None:
        """Add the endpoints, S3 and what else the endpoints lead to."""
        snapshot, internet = self._snapshot, self._places.key_of("internet")
        for region in dict.fromkeys(bucket_region(snapshot, name) for name in snapshot.buckets):
            key = self._places.s3(region)
            if internet:
                self.sketch.link(internet, key)
        for vpc in self._topology.vpcs:
            found = [item for item in self._topology.endpoints.values() if item.vpc == vpc]
            self._add_endpoints([item for item in found if item.type == "Gateway"])
            self._add_endpoints([item for item in found if item.type != "Gateway"])

    def _add_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        """Add endpoints of a VPC, in one box where they are many."""
        if len(endpoints) <= MOST_APART:
            keys = [self._places.endpoint(endpoint) for endpoint in endpoints]
        else:
            keys = [self._places.endpoints(endpoints)] * len(endpoints)
        for key, endpoint in zip(keys, endpoints, strict=True):
            if endpoint.type in ("Gateway", "Interface"):
                self.sketch.link(key, self._places.service_of(endpoint))

    def _add_instances(self) -> None:
        """Add the instances of each subnet, in one box where they are many."""
        by_subnet: dict[str | None, list[Instance]] = {}
        for instance in self._topology.instances.values():
            by_subnet.setdefault(self._subnet_of(instance), []).append(instance)
        for inside, instances in by_subnet.items():
            texts = {instance.id: self._instance_texts(instance) for instance in instances}
            if len(instances) <= MOST_APART:
                for identifier, lines in texts.items():
                    self._places.add(
                        "instance", identifier, "EC2 instance", plain(*lines), inside=inside
                    )
            else:
                lines = [" · ".join(filter(None, lines)) for lines in texts.values()]
                title = f"{len(instances)} EC2 instances"
                self._places.add(
                    "instance",
                    ", ".join(texts),
                    title,
                    plain(*lines),
                    inside=inside,
                    stands_for=texts,
                )

    def _interfaces(self, instance: Instance) -> list[Interface]:
        known = self._topology.interfaces
        return [known[eni] for _, eni in instance.interfaces if eni in known]

    def _subnet_of(self, instance: Instance) -> str | None:
        """Return the key of the subnet of an instance's primary network interface."""
        for interface in self._interfaces(instance):
            return self._places.subnet(interface.subnet, interface.vpc)
        return None

    def _instance_texts(self, instance: Instance) -> list[str]:
        running = instance.state == "running"
        texts = [instance.id if running else f"{instance.id} ({instance.state})"]
        for number, interface in enumerate(self._interfaces(instance)):
            elsewhere = f" in {interface.subnet}" if number else ""
            texts += [f"{interface.id}{elsewhere}", address_line(interface)]
            texts += self._topology.groups_of(interface)
        return texts

    def _add_lone_interfaces(self) -> None:
        """Add the network interfaces that no other box speaks for."""
        topology = self._topology
        spoken_for = {eni for item in topology.instances.values() for _, eni in item.interfaces}
        spoken_for |= {eni for item in topology.endpoints.values() for eni in item.interfaces}
        spoken_for |= {item.interface for item in topology.nat_gateways.values() if item.interface}
        for interface in topology.interfaces.values():
            if interface.id in spoken_for:
                continue
            lines = (interface.id, address_line(interface), *topology.groups_of(interface))
            subnet = interface.subnet
            inside = self._places.subnet(subnet, interface.vpc) if subnet else None
            self._places.add(
                "interface", interface.id, "network interface", plain(*lines), inside=inside
            )

    def _add_nat_gateways(self) -> None:
        for nat in self._topology.nat_gateways.values():
            state = "" if nat.state == "available" else f" ({nat.state})"
            addresses = " → ".join(filter(None, (nat.private_ip, nat.public_ip)))
            inside = self._places.subnet(nat.subnet, nat.vpc) if nat.subnet else None
            self._places.add(
                "nat",
                nat.id,
                f"{'public' if nat.public else 'private'} NAT gateway",
                plain(f"{nat.id}{state}", addresses),
                inside=inside or self._places.vpc(nat.vpc),
            )

    def _add_gateways(self) -> None:
        for gateway in self._topology.internet_gateways.values():
            only = "egress-only " if gateway.id.startswith("eigw-") else ""
            key = self._add_attached(gateway, f"{only}internet gateway")
            if gateway.vpc:
                self.sketch.link(key, self._places.internet())
        for gateway in self._topology.vpn_gateways.values():
            self._add_attached(gateway, "virtual private gateway")

    def _add_attached(self, gateway: Attachment, title: str) -> str:
        note = "" if gateway.vpc else "attached to no VPC"
        inside = self._places.vpc(gateway.vpc) if gateway.vpc else None
        return self._places.add(
            "gateway", gateway.id, title, plain(gateway.id, note), inside=inside
        )

    def _add_transit_gateways(self) -> None:
        attached: dict[str, list[str]] = {}
        for item in self._topology.transit_attachments.values():
            attached.setdefault(item.gateway, []).append(f"{item.id}: {item.kind} {item.resource}")
        for gateway, lines in attached.items():
            self._places.add("transit", gateway, "transit gateway", plain(gateway, *lines))

    def _add_peering(self, peering: Peering) -> None:
        lines = [f"{peering.id} ({peering.status})"]
        lines += [f"{peering.requester.vpc} ↔ {peering.accepter.vpc}"]
        for side in (peering.requester, peering.accepter):
            if side.vpc not in self._topology.vpcs:
                lines.append(f"{side.vpc} is not in the snapshot")
            elif not self._routed(side, peering.id):
                lines.append(f"no subnet of {side.vpc} has a route to it")
        self._places.add("peering", peering.id, "VPC peering connection", plain(*lines))

    def _routed(self, side: PeeringSide, target: str) -> bool:
        """Whether some subnet of a side has a route to a target."""
        tables = (
            self._topology.route_table_of(subnet.id, subnet.vpc)
            for subnet in self._topology.subnets.values()
            if subnet.vpc == side.vpc
        )
        return any(route.target == target for table in tables if table for route in table.routes)

    def _add_subnet_table(self, subnet: str, table: RouteTable) -> None:
        inside = self._places.subnet(subnet)
        key = self._places.add(
            "route-table", f"{table.id} {subnet}", table.title, route_lines(table), inside=inside
        )
        for element in tuple(self.sketch.elements.values()):
            if element.inside == inside and element.kind in _SENDERS:
                self.sketch.link(element.key, key)
        for route in table.routes:
            target = self._places.key_of(route.target)
            if target:
                self.sketch.link(key, target, Tone.BAD if route.blackhole else Tone.PLAIN)
