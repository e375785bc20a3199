"""What all tests share: a simulated cloud of the test's own, and tests that need a program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from pytest_vpcep.cloud.simulated import SimulatedCloud

#: Where nothing may be skipped, a missing program fails the tests that need it.
NOTHING_SKIPPED = "VPCEP_NOTHING_SKIPPED"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): skipped on a machine without the program")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        (program,) = mark.args
        if shutil.which(program) is None:
            missing = f"this test needs {program}, which is not installed"
            if os.environ.get(NOTHING_SKIPPED):
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    """An account of its own, with its administrator and nothing else."""
    with SimulatedCloud() as made:
        yield made
