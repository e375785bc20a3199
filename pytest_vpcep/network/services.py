"""AWS services as destinations: their public addresses, and which name leads to an endpoint.

Rests on "Gateway endpoints for Amazon S3" and "Access an AWS service using an interface VPC
endpoint" (AWS PrivateLink Guide), "AWS PrivateLink for Amazon S3" (Amazon S3 User Guide), and
"DNS attributes for your VPC" (Amazon VPC User Guide).
"""

from __future__ import annotations

import re

from pytest_vpcep.network.describe import AWS_LISTS
from pytest_vpcep.network.records import Endpoint, Vpc
from pytest_vpcep.network.spans import PUBLIC_IPV4, PUBLIC_IPV6, Spans, subtract
from pytest_vpcep.network.topology import Topology
from pytest_vpcep.network.traffic import Peer

_TITLES = {
    "s3": "Amazon S3",
    "dynamodb": "Amazon DynamoDB",
    "sts": "AWS STS",
    "ec2": "Amazon EC2",
    "iam": "IAM",
}
_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
_ENDPOINT_NAME = re.compile(
    r"(?:^|\.)(vpce-[0-9a-z]+)-[0-9a-z]+(-[a-z0-9-]+)?\..*vpce\.amazonaws\."
)


def service_title(service: str, region: str) -> str:
    """Return what a sentence calls a service in a Region."""
    return f"{_TITLES.get(service, service)} in {region}"


def service_peer(topology: Topology, service: str, region: str, version: int = 4) -> Peer:
    """Return a service's public endpoint: the addresses of its prefix list, where it has one.

    Any other service may have any public address, but none that is another service's.
    """
    return topology.once(
        ("service", service, region, version),
        lambda: _service_peer(topology, service, region, version),
    )


def _service_peer(topology: Topology, service: str, region: str, version: int) -> Peer:
    name = service if version == 4 else f"ipv6.{service}"
    own = topology.service_lists.get((name, region), frozenset())
    spans: Spans = tuple(
        span
        for identifier in sorted(own)
        if identifier in topology.prefix_lists
        for span in topology.prefix_lists[identifier].spans or ()
        if span.version == version
    )
    return Peer(
        key=f"{service}.{region}.ipv{version}",
        name=service_title(service, region),
        spans=spans or _any_public(topology, own, version),
        prefix_lists=own,
        service=True,
    )


def _any_public(topology: Topology, own: frozenset[str], version: int) -> Spans:
    """Return where a service's address may lie: not in another's list, not in a VPC's IPv6 block.

    A VPC's IPv6 blocks are its own alone; an IPv4 block may be anyone's that it shadows.
    """
    taken = tuple(
        span for vpc in topology.vpcs.values() for span in vpc.cidrs if span.version == 6
    ) + tuple(
        span
        for prefix_list in topology.prefix_lists.values()
        if prefix_list.id not in own and prefix_list.name.startswith(AWS_LISTS)
        for span in prefix_list.spans or ()
    )
    public = PUBLIC_IPV4 if version == 4 else PUBLIC_IPV6
    return subtract(public, taken) or public


def regional_name(topology: Topology, service: str, region: str) -> str:
    """Return the DNS name of a service's Regional endpoint."""
    return f"{service}.{region}.{_SUFFIXES.get(topology.partition, 'amazonaws.com')}"


def endpoint_named(topology: Topology, hostname: str) -> tuple[Endpoint | None, str | None] | None:
    """Return the endpoint, and the zone, that an endpoint-specific DNS name means.

    Returns:
        None where the name is of no such form; the endpoint is None where the snapshot has none
        of that id; the zone is None for a Regional name.
    """
    match = _ENDPOINT_NAME.search(hostname.lower())
    if match is None:
        return None
    zone = (match.group(2) or "").removeprefix("-") or None
    return topology.endpoints.get(match.group(1)), zone


def private_dns_endpoints(
    topology: Topology, vpc: Vpc, service: str, region: str, hostname: str | None
) -> tuple[Endpoint, ...]:
    """Return the interface endpoints of a VPC whose private DNS answers for a service's name.

    Args:
        topology: where to look.
        vpc: the VPC whose resolver is asked; private DNS names are known to no other.
        service: such as ``s3``.
        region: Region of the service.
        hostname: the name that is looked up; None for the Regional endpoint's.
    """
    if vpc.dns_support is False or vpc.dns_hostnames is False:
        return ()
    name = (hostname or regional_name(topology, service, region)).lower().rstrip(".")
    return tuple(
        endpoint
        for endpoint in topology.endpoints.values()
        if endpoint.vpc == vpc.id
        and (endpoint.service, endpoint.region) == (service, region)
        and endpoint.type == "Interface"
        and endpoint.state == "available"
        and endpoint.private_dns
        and not endpoint.inbound_resolver_only
        and (hostname is None or _answers(topology, endpoint, name))
    )


def _answers(topology: Topology, endpoint: Endpoint, name: str) -> bool:
    listed = [entry for entry in endpoint.dns_names if "vpce-" not in entry]
    if not listed:
        regional = regional_name(topology, endpoint.service, endpoint.region)
        listed = [regional, f"*.{regional}"]
    return any(
        name.endswith(entry[1:]) if entry.startswith("*.") else name == entry for entry in listed
    )
