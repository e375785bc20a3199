"""The lab's nine steps against the same calls and commands on bare moto, warm and cold.

``python tests/benchmarks/bench_lab.py [ROUNDS]`` prints ratios; see README.md beside it.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bare_moto
from interleaved import Spent, in_turns, median_clock, ratio, spent_by

Watch = Callable[[Any], None]

TARGET_WARM = 1.5
TARGET_COLD = 1.3

_NAME = re.compile(r"vpcep-[0-9a-f]{8}")
_LAB_TEST = "def test_lab(lab):\n    lab.reach(9)\n"
_BARE_TEST = "import bare_moto\n\ndef test_lab():\n    bare_moto.main()\n"
#: Neither side's own: hypothesis comes with the project's own tests, not with the plugin.
_PYTEST = [
    *(sys.executable, "-m", "pytest", "-q"),
    *("-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
]


def lab_run(watch: Watch | None = None) -> Spent:
    """A new simulated account, and the whole lab in it.

    Args:
        watch: given the events that botocore emits for the lab's calls.

    """
    from pytest_vpcep.cloud.simulated import SimulatedCloud
    from pytest_vpcep.lab import Lab

    started, before = time.perf_counter(), time.process_time()
    with SimulatedCloud() as cloud:
        lab = Lab(cloud)
        if watch is not None:
            watch(lab.console.session.events)
        lab.reach(9)
    return Spent(time.perf_counter() - started, time.process_time() - before)


def bare_run(gate: str, watch: Watch | None = None) -> Spent:
    """The same on bare moto, whose clients and user are there before the clock starts."""
    with bare_moto.bare_clients() as clients:
        for client in clients.values() if watch else ():
            watch(client.meta.events)
        started, before = time.perf_counter(), time.process_time()
        bare_moto.run_lab(clients, gate)
        return Spent(time.perf_counter() - started, time.process_time() - before)


@contextmanager
def _commands_kept(made: list[str]) -> Iterator[None]:
    """Keep the commands that terminals run, without the lab's name."""
    from pytest_vpcep.cloud.terminal import Terminal

    run = Terminal.run

    def noted(self: Terminal, command: str, **options: Any) -> Any:
        made.append(_NAME.sub("LAB", command))
        return run(self, command, **options)

    Terminal.run = noted  # type: ignore[method-assign]
    yield
    Terminal.run = run  # type: ignore[method-assign]


def _calls_of(run: Callable[[Watch], object]) -> list[str]:
    """The API calls and commands of one lab, in order."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(f"{model.service_model.service_name}:{model.name}")

    def watch(events: Any) -> None:
        events.register("before-call", note)

    with _commands_kept(made):
        run(watch)
    return made


def require_same_calls(gate: str) -> int:
    """Give the number of calls and commands of a lab.

    Raises:
        SystemExit: the two sides do not make the same ones, so there is nothing to compare.

    """
    ours = _calls_of(lab_run)
    peers = _calls_of(lambda watch: bare_run(gate, watch))
    if ours != peers:
        raise SystemExit(f"not the same calls:\nlab  {ours}\nbare {peers}")
    return len(ours)


def warm(rounds: int) -> None:
    """Both in this process, loaded as the plugin loads it, with ``aws`` warm."""
    from pytest_vpcep.loading import loaded_for_good

    with loaded_for_good():
        from pytest_vpcep.cloud.simulated import SimulatedCloud

        SimulatedCloud().close()
    with bare_moto.moto_over_http() as gate:
        calls = require_same_calls(gate)
        taken = in_turns({"lab": lab_run, "bare": lambda: bare_run(gate)}, rounds)
    print(f"Both make the same {calls} calls and commands, in the same order.")
    print(f"warm: lab {median_clock(taken['lab']):.2f} s, ", end="")
    print(f"bare moto {median_clock(taken['bare']):.2f} s, ", end="")
    print(f"ratio {ratio(taken['lab'], taken['bare'])}; target {TARGET_WARM}")


def cold(rounds: int) -> None:
    """Both as processes of their own."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "pytest.ini").write_text(
            f"[pytest]\npythonpath = {Path(__file__).parent}\n"
        )
        (Path(directory) / "test_lab.py").write_text(_LAB_TEST)
        (Path(directory) / "test_bare.py").write_text(_BARE_TEST)
        script = [sys.executable, bare_moto.__file__]
        bare_test = [*_PYTEST, "-p", "no:vpcep", "test_bare.py"]
        ways = {
            "pytest with the lab": lambda: spent_by([*_PYTEST, "test_lab.py"], directory),
            "bare script": lambda: spent_by(script, directory),
            "bare script as a test": lambda: spent_by(bare_test, directory),
        }
        taken = in_turns(ways, rounds)
    ours = taken.pop("pytest with the lab")
    print(f"cold: pytest with the lab {median_clock(ours):.2f} s")
    for name, peers in taken.items():
        print(f"  against {name} {median_clock(peers):.2f} s, ratio {ratio(ours, peers)}", end="")
        print(f"; target {TARGET_COLD}")


def main() -> int:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    cold(rounds)
    warm(rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
