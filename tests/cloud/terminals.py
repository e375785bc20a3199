"""Terminals for tests: each on an instance of its own, over a stand-in gate, closed at the end."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from missing_piece import require
from standin_gate import LIST_BUCKETS, Reply, StandInGate, standin_gate

from pytest_vpcep.cloud.host_support import BUBBLEWRAP, isolation
from pytest_vpcep.cloud.terminal import Terminal

REGION = "us-west-2"
BUCKETS = Reply("GET", f"https://s3.{REGION}.amazonaws.com/", 200, *(), body=LIST_BUCKETS.body)
#: What this machine can do, found out before any test pretends otherwise.
HERE = isolation()
_numbers = itertools.count(1)


def new_instance_id() -> str:
    """Name an instance that no other test of this run has."""
    return f"i-{os.getpid():08x}{next(_numbers):09x}"


@dataclass
class Bench:
    """A terminal and the gate it leads to."""

    terminal: Terminal
    gate: StandInGate

    def run(self, command: str, **options: object) -> tuple[int, str, str]:
        """Run a command; exit status, standard output and standard error as text."""
        rc, stdout, stderr = self.terminal.run(command, **options)
        return rc, stdout.decode(), stderr.decode()

    def output(self, command: str, **options: object) -> str:
        """Run a command that must succeed and say nothing on standard error."""
        rc, stdout, stderr = self.run(command, **options)
        assert (rc, stderr) == (0, ""), f"{command}: {rc} {stderr}"
        return stdout.rstrip("\n")


@contextmanager
def bench(*replies: Reply, **options: object) -> Iterator[Bench]:
    """Open a terminal over a gate that gives `replies`: in a private root unless told otherwise.

    Never whatever the machine can do: without a private root, what the tests run in it, such as
    ``kill -9 -1``, would meet the machine itself.
    """
    settings = {"region": REGION, "hostname": "ip-10-0-0-12", "isolation": BUBBLEWRAP} | options
    if settings["isolation"] == BUBBLEWRAP:
        require(HERE.kind == BUBBLEWRAP, HERE.reason)
    with (
        standin_gate(list(replies)) as gate,
        Terminal(new_instance_id(), gate=gate.address, **settings) as terminal,
    ):
        yield Bench(terminal, gate)


def configured(bench: Bench, region: str = REGION) -> Bench:
    """Give a terminal's user access keys, as typed at ``aws configure``."""
    typed = f"AKIAIOSFODNN7EXAMPLE\nnot-a-secret\n{region}\njson\n".encode()
    rc, _, stderr = bench.run("aws configure", input=typed)
    assert (rc, stderr) == (0, "")
    return bench
