"""Damaged snapshots: one clear error or an answer, nothing else."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest
from network_expectations import topology_of
from network_neighbours import (
    gateway_endpoint,
    interface_endpoint,
    nat_gateway,
    peering,
    transit_attachment,
    transit_route,
    vpn_gateway,
)
from network_worlds import (
    ENI,
    INSTANCE,
    PUBLIC,
    SUBNET,
    VPC,
    egress_only_gateway,
    route,
    vpc,
    world_of,
)

from pytest_vpcep.errors import VpcepError
from pytest_vpcep.network import (
    interface_of,
    trace_inbound,
    trace_instance_connect,
    trace_to_address,
    trace_to_service,
)

#: How many damaged snapshots each of the four seeds makes.
COUNT = int(os.environ.get("VPCEP_NETWORK_MUTATIONS", "250"))
WHOLE = json.dumps(
    world_of(
        vpc("vpc-2", "10.2.0.0/16", ipv6="2600:1f18:2::/56"),
        gateway_endpoint(tables=(PUBLIC,)),
        interface_endpoint("vpce-sts", "sts", ("eni-e", SUBNET, "10.0.0.50"), groups=["sg-1"]),
        nat_gateway("nat-1", SUBNET, "10.0.0.60"),
        peering("pcx-1", (VPC, "10.0.0.0/16"), ("vpc-2", "10.2.0.0/16")),
        vpn_gateway("vgw-1", VPC),
        egress_only_gateway("eigw-1", VPC),
        transit_attachment("tgw-attach-1", "tgw-1", VPC, subnets=[SUBNET]),
        transit_route("tgw-rtb-1", "10.3.0.0/16", "tgw-attach-1"),
        route(PUBLIC, "10.2.0.0/16", VpcPeeringConnectionId="pcx-1"),
        route(PUBLIC, "10.3.0.0/16", TransitGatewayId="tgw-1"),
        route(PUBLIC, "10.4.0.0/16", NatGatewayId="nat-1"),
        route(PUBLIC, "10.5.0.0/16", GatewayId="vgw-1"),
        route(PUBLIC, "10.6.0.0/16", NetworkInterfaceId="eni-e"),
    )
)
VALUES: list[Any] = [
    None, True, 0, -1, 70_000, 1.5, "", "x", "local", "0.0.0.0/0", "::/0", "10.0.0.0/33",
    "255.255.255.255", "pl-s3", "igw-1", "eni-1", [], {}, [None], [{}], {"": ""}, ["x"],
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, Any]] = []
    for key, inner in list(items):
        found.append((value, key))
        if isinstance(inner, (dict, list)):
            found += places(inner)
    return found


def damage(world: Any, chance: random.Random) -> None:
    """Replace, delete or repeat some parts."""
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(places(world))
        what = chance.randrange(4)
        if what == 0 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif what == 1:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))


def ask_everything(world: Any) -> int:
    """Ask every question; return how many were answered."""
    topology = topology_of(world)
    eni = interface_of(topology, INSTANCE)
    paths = [
        trace_instance_connect(topology, eni),
        trace_inbound(topology, eni, "203.0.113.7"),
        *(
            trace_to_service(topology, eni, service, region)
            for service, region in (("s3", "us-east-1"), ("sts", "us-east-1"), ("s3", "eu-west-1"))
        ),
        *(trace_to_address(topology, ENI, f"10.{second}.0.50", port=443) for second in range(8)),
        trace_to_address(topology, ENI, "2001:db8::1", port=443),
    ]
    return len(paths)


def outcome(world: Any) -> str:
    """Whether all questions were answered, or the error that says what is wrong."""
    try:
        return f"{ask_everything(world)} answers"
    except VpcepError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_snapshots(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (repeatable damage, no secret)
    outcomes = []
    for _ in range(COUNT):
        world = json.loads(WHOLE)
        damage(world, chance)
        outcomes.append(outcome(world))
    answered = [text for text in outcomes if text.endswith(" answers")]
    refused = [text for text in outcomes if not text.endswith(" answers")]
    assert answered
    assert refused
    assert not [text for text in refused if "\n" in text or len(text) > 300]
