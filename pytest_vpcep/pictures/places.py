"""The boxes that both pictures have in common: VPCs, subnets, gateways, endpoints, services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access.decide import bucket_region
from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.network.spans import address_text, prefix_length
from pytest_vpcep.pictures.diagram import Element, Line, Sketch, Tone, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_vpcep.network.records import Endpoint, Interface
    from pytest_vpcep.network.routing import RouteTable
    from pytest_vpcep.network.spans import Spans
    from pytest_vpcep.policy import Policy
    from pytest_vpcep.snapshot import Snapshot

#: Condition keys whose values are ids worth seeing on a bucket.
_WAY_KEYS = ("aws:sourcevpce", "aws:sourcevpc")


class Places:
    """Adds boxes to a sketch, those that they are in first.

    Args:
        sketch: what is added to.
        snapshot: where it is looked up.

    """

    def __init__(self, sketch: Sketch, snapshot: Snapshot) -> None:
        self._sketch = sketch
        self._snapshot = snapshot
        self._topology = snapshot.topology
        self._keys: dict[str, str] = {}

    def add(
        self,
        kind: str,
        identifier: str,
        title: str,
        lines: tuple[Line, ...],
        *,
        inside: str | None = None,
        tone: Tone = Tone.PLAIN,
        stands_for: Iterable[str] = (),
    ) -> str:
        """Add a resource's box and return its key.

        Args:
            kind: what it is.
            identifier: its id.
            title: its first line.
            lines: its further lines.
            inside: key of the box it is in.
            tone: what it says of a request.
            stands_for: ids of further resources that are in this box only.

        """
        element = Element(f"{kind} {identifier}", kind, title, lines, inside, tone)
        for name in (identifier, *stands_for):
            self._keys.setdefault(name, element.key)
        return self._sketch.add(element)

    def key_of(self, identifier: str) -> str | None:
        """Return the key of the box that stands for a resource, None where none does."""
        interface = self._topology.interfaces.get(identifier)
        if identifier not in self._keys and interface and interface.attached_to:
            identifier = interface.attached_to
        return self._keys.get(identifier)

    def vpc(self, identifier: str) -> str:
        """Add a VPC, also one that the snapshot only mentions."""
        vpc = self._topology.vpcs.get(identifier)
        if vpc is None:
            return self.add("vpc", identifier, f"VPC {identifier}", plain("not in the snapshot"))
        return self.add("vpc", identifier, f"VPC {identifier}", plain(_cidrs(vpc.cidrs)))

    def subnet(self, identifier: str, vpc: str | None = None) -> str:
        """Add a subnet, also one that the snapshot only mentions, in its VPC.

        Args:
            identifier: the subnet's id.
            vpc: id of its VPC, where the snapshot does not have the subnet.

        """
        subnet = self._topology.subnets.get(identifier)
        title = f"subnet {identifier}"
        if subnet is None:
            inside = self.vpc(vpc) if vpc else None
            note = plain("not in the snapshot")
            return self.add("subnet", identifier, title, note, inside=inside)
        acl = self._topology.network_acl_of(identifier, subnet.vpc)
        where = ", ".join(filter(None, (_cidrs(subnet.cidrs), subnet.zone)))
        lines = plain(where, f"network ACL {acl.id}" if acl else "")
        return self.add("subnet", identifier, title, lines, inside=self.vpc(subnet.vpc))

    def internet(self) -> str:
        """Add the internet."""
        return self.add("internet", "internet", "internet", ())

    def s3(self, region: str) -> str:
        """Add Amazon S3 in a Region, with the buckets there."""
        snapshot = self._snapshot
        buckets = (name for name in snapshot.buckets if bucket_region(snapshot, name) == region)
        lines = [line for name in buckets for line in self._bucket_lines(name)]
        return self.add("s3", f"s3.{region}", f"Amazon S3, {region}", tuple(lines))

    def endpoint(self, endpoint: Endpoint, *notes: str, tone: Tone = Tone.PLAIN) -> str:
        """Add a VPC endpoint, in its VPC."""
        if not notes and endpoint.type == "Gateway" and not self._routed(endpoint):
            notes = ("no route leads to it",)
        lines = plain(*self._endpoint_texts(endpoint), *notes)
        title, inside = f"{endpoint.type} endpoint", self.vpc(endpoint.vpc)
        return self.add("endpoint", endpoint.id, title, lines, inside=inside, tone=tone)

    def endpoints(self, endpoints: Sequence[Endpoint]) -> str:
        """Add several VPC endpoints of one VPC in one box."""
        names = [endpoint.id for endpoint in endpoints]
        lines = [" · ".join(self._endpoint_texts(endpoint)) for endpoint in endpoints]
        return self.add(
            "endpoint",
            ", ".join(names),
            f"{len(names)} endpoints",
            plain(*lines),
            inside=self.vpc(endpoints[0].vpc),
            stands_for=names,
        )

    def _endpoint_texts(self, endpoint: Endpoint) -> list[str]:
        state = "" if endpoint.state == "available" else f" ({endpoint.state})"
        texts = [f"{endpoint.id}{state}", endpoint.service_name]
        if endpoint.type != "Interface":
            return texts
        known = self._topology.interfaces
        interfaces = [known[eni] for eni in endpoint.interfaces if eni in known]
        groups = [group for item in interfaces for group in self._topology.groups_of(item)]
        return [
            *texts,
            f"private DNS {'on' if endpoint.private_dns else 'off'}",
            *(f"in {subnet}" for subnet in endpoint.subnets),
            *(endpoint.groups or dict.fromkeys(groups)),
        ]

    def service_of(self, endpoint: Endpoint) -> str:
        """Add what an endpoint leads to: S3, or the Region's other services with an endpoint."""
        if endpoint.service == "s3":
            return self.s3(endpoint.region)
        services = dict.fromkeys(
            other.service
            for other in self._topology.endpoints.values()
            if other.region == endpoint.region and other.service != "s3"
        )
        title = f"services, {endpoint.region}"
        return self.add("services", f"services.{endpoint.region}", title, plain(*services))

    def _routed(self, endpoint: Endpoint) -> bool:
        tables = self._topology.route_tables.values()
        return any(route.target == endpoint.id for table in tables for route in table.routes)

    def _bucket_lines(self, name: str) -> tuple[Line, ...]:
        words = plain(*(f"· {text}" for text in self._policy_words(name)))
        return (*plain(f"bucket {name}"), *words)

    def _policy_words(self, bucket: str) -> tuple[str, ...]:
        try:
            policy = self._snapshot.bucket_policy(bucket)
        except PolicyRefused as refused:
            return ("bucket policy: " + refused.code,)
        if policy is None:
            withheld = self._snapshot.bucket_policy_withheld(bucket)
            return ("bucket policy: not known",) if withheld else ("no bucket policy",)
        denials = sum(statement.denies for statement in policy.statements)
        allows = len(policy.statements) - denials
        counts = [f"{count} {what}" for count, what in ((denials, "Deny"), (allows, "Allow"))]
        said = ", ".join(word for word in counts if not word.startswith("0"))
        return (f"bucket policy: {said}", *_ways_named(policy))


def _ways_named(policy: Policy) -> tuple[str, ...]:
    """Return the endpoints and VPCs that a policy's conditions name."""
    found = {
        f"{condition.written_operator} {value}"
        for statement in policy.statements
        for condition in statement.conditions
        if condition.key in _WAY_KEYS
        for value in condition.written_values
    }
    return tuple(sorted(found))


def address_line(interface: Interface) -> str:
    """Return an interface's addresses in one line."""
    pairs = [
        f"{private} (public {public})" if public else private
        for private, public in interface.addresses
    ]
    return ", ".join((*pairs, *interface.ipv6_addresses))


def route_lines(table: RouteTable) -> tuple[Line, ...]:
    """Return a route table's routes, one in a line."""
    lines = []
    for route in table.routes:
        text = f"{route.destination} → {route.target}"
        if route.propagated:
            text += " (propagated)"
        if route.blackhole:
            text += " (blackhole)"
        lines.append(Line(text, Tone.BAD if route.blackhole else Tone.PLAIN))
    return tuple(lines) or plain("no route")


def _cidrs(spans: Spans) -> str:
    return ", ".join(
        f"{address_text(span.version, span.first)}/{prefix_length(span)}" for span in spans
    )
