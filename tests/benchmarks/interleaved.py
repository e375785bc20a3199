"""Measuring several ways of doing a thing in turns, so that a busy machine hits all of them."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spent:
    """What one run took, in seconds: on the clock, and of processors, children included."""

    clock: float
    processors: float


def spent_by(command: Sequence[str], directory: str) -> Spent:
    """Run a command, and give what it took until all that it started had ended.

    Raises:
        SystemExit: it failed; its output is in the text.

    """
    before = _processors()
    started = time.perf_counter()
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    clock = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return Spent(clock, _processors() - before)


def _processors() -> float:
    """Processor time of all processes that this one started and that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_turns(ways: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, list[Spent]]:
    """Run each way once per round, every other round in reverse; a round before is not counted.

    Args:
        ways: what to run, by name; gives what it took.
        rounds: how many rounds count.

    """
    taken: dict[str, list[Spent]] = {name: [] for name in ways}
    for round_number in range(-1, rounds):
        names = list(ways) if round_number % 2 else list(reversed(ways))
        for name in names:
            one = ways[name]()
            if round_number >= 0:
                taken[name].append(one)
    return taken


def ratio(ours: Sequence[Spent], peers: Sequence[Spent]) -> str:
    """Median of the rounds' ratios, of clock and processors, with the clock's quartiles."""
    clock = [one.clock / peer.clock for one, peer in zip(ours, peers, strict=True)]
    processors = [one.processors / peer.processors for one, peer in zip(ours, peers, strict=True)]
    low, middle, high = statistics.quantiles(clock, n=4)
    of_processors = f", processors {statistics.median(processors):.2f}"
    return f"{middle:.2f} ({low:.2f} to {high:.2f}){of_processors}"


def median_clock(taken: Sequence[Spent]) -> float:
    """Median time on the clock, in seconds."""
    return statistics.median(one.clock for one in taken)


def median_difference(ours: Sequence[Spent], peers: Sequence[Spent]) -> Spent:
    """Median of what ours took more in each round, in seconds."""
    pairs = list(zip(ours, peers, strict=True))
    return Spent(
        statistics.median(one.clock - peer.clock for one, peer in pairs),
        statistics.median(one.processors - peer.processors for one, peer in pairs),
    )
