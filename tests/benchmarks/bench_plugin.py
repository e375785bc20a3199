"""What the installed plugin costs a run that does not use it.

``python tests/benchmarks/bench_plugin.py [ROUNDS]`` prints milliseconds; see README.md beside it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from interleaved import in_turns, median_clock, median_difference, spent_by

TARGET_MILLISECONDS = 15

_EMPTY_TEST = "def test_nothing():\n    assert True\n"
_WITHOUT = ["-p", "no:vpcep"]
_RUNS = {
    "pytest --version": ["--version"],
    "one empty test": ["test_empty.py"],
    "one empty test, quiet": ["-q", "test_empty.py"],
}
#: hypothesis comes with the project's own tests, and its noise is larger than what is measured.
_PYTEST = [
    *(sys.executable, "-m", "pytest"),
    *("-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
]


def compare(name: str, options: list[str], directory: str, rounds: int) -> None:
    """Run pytest with and without the plugin, and print the difference."""
    taken = in_turns(
        {
            "with": lambda: spent_by([*_PYTEST, *options], directory),
            "without": lambda: spent_by([*_PYTEST, *_WITHOUT, *options], directory),
        },
        rounds,
    )
    more = median_difference(taken["with"], taken["without"])
    print(f"{name}: {median_clock(taken['without']) * 1000:.0f} ms without the plugin,", end="")
    print(f" {more.clock * 1000:+.1f} ms with it", end="")
    print(f" (processors {more.processors * 1000:+.1f}); target {TARGET_MILLISECONDS}")


def main() -> int:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "pytest.ini").write_text("[pytest]\n")
        (Path(directory) / "test_empty.py").write_text(_EMPTY_TEST)
        for name, options in _RUNS.items():
            compare(name, options, directory, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
