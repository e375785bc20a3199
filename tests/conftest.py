"""Fixtures for all tests: a simulated cloud of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_vpcep.cloud.simulated import SimulatedCloud


@pytest.fixture
def cloud() -> Iterator[SimulatedCloud]:
    """An account of its own, with its administrator and nothing else."""
    with SimulatedCloud() as made:
        yield made
