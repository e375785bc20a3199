"""What all tests share: a simulated cloud of the test's own, and tests that need a program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from missing_piece import require

from pytest_vpcep.cloud.simulated import SimulatedCloud


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(program): skipped on a machine without the program")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        (program,) = mark.args
        require(shutil.which(program), f"this test needs {program}, which is not installed")


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    """An account of its own, with its administrator and nothing else."""
    with SimulatedCloud() as made:
        yield made
