"""The matrix of a large account: loading, a million decisions, and the cost of each.

Run it by name: ``pytest tests/benchmarks/bench_matrix.py -s``. Times are of the processor, so that
they hold for one core whatever else the machine does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from large_account import account

from pytest_vpcep.access import access_matrix
from pytest_vpcep.snapshot import Snapshot, load

ACTION = ("s3:GetObject",)


@contextmanager
def seconds() -> Iterator[list[float]]:
    measured: list[float] = []
    started = time.process_time()
    yield measured
    measured.append(time.process_time() - started)


def write(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "account.json"
    path.write_text(json.dumps(document))
    return path


def ask_for_the_address(document: dict[str, Any]) -> None:
    """Have every bucket's policy ask for an address, so that none decides instances together."""
    asks = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "54.0.16.0/20"}},
    }
    for bucket in document["s3"]["Buckets"].values():
        bucket["Policy"] = {"Version": "2012-10-17", "Statement": [asks]}


def cost(snapshot: Snapshot) -> tuple[int, float]:
    """How many requests a matrix decides, and the seconds for all of them."""
    with seconds() as measured:
        matrix = access_matrix(snapshot, actions=ACTION)
    return sum(map(len, matrix.cells)), measured[0]


def test_a_thousand_subnets_load_in_ten_seconds(tmp_path: Path) -> None:
    path = write(tmp_path, account())
    with seconds() as measured:
        snapshot = load(path)
        topology = snapshot.topology
    routes = sum(len(table.routes) for table in topology.route_tables.values())
    print(f"\n{path.stat().st_size / 1e6:.0f} MB loaded in {measured[0]:.2f} s")
    assert (len(topology.subnets), routes) == (1_000, 100_000)
    assert (len(topology.instances), len(snapshot.buckets)) == (10_000, 100)
    assert measured[0] < 10


def test_a_million_decisions_in_a_minute(tmp_path: Path) -> None:
    number, spent = cost(load(write(tmp_path, account())))
    print(f"\n{number:,} decisions in {spent:.2f} s: {spent / number * 1e6:.2f} us each")
    assert number >= 1_000_000
    assert spent < 60


def test_a_million_decisions_that_nothing_makes_equal(tmp_path: Path) -> None:
    """Every bucket asks for the address, so no two instances are decided together."""
    document = account()
    ask_for_the_address(document)
    # Everybody is behind the internet gateway, and has an address of his own there.
    for number, interface in enumerate(
        document["ec2"]["DescribeNetworkInterfaces"]["NetworkInterfaces"]
    ):
        interface["SubnetId"] = f"subnet-{number % 333 * 3 + 1}"
        interface["Association"] = {"PublicIp": f"54.9.{number // 256}.{number % 256}"}
    number, spent = cost(load(write(tmp_path, document)))
    print(f"\nnone alike: {number:,} in {spent:.2f} s: {spent / number * 1e6:.2f} us each")
    assert number >= 1_000_000
    assert spent < 60


@pytest.mark.parametrize("alike", [True, False], ids=["as-they-come", "none-alike"])
def test_the_cost_of_a_decision_is_flat(tmp_path: Path, alike: bool) -> None:
    """From a thousand decisions to a million it never grows by more than half."""
    each = {}
    for instances in (10, 100, 1_000, 10_000):
        document = account(subnets=max(instances // 10, 1), instances=instances)
        if not alike:
            ask_for_the_address(document)
        number, spent = cost(load(write(tmp_path, document)))
        each[number] = spent / number
    print("\n" + ", ".join(f"{number:,}: {us * 1e6:.2f} us" for number, us in each.items()))
    first, *others = each.values()
    assert max(others) < 1.5 * first
