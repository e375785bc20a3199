"""A lab on moto, and the snapshot collected of one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from moto import mock_aws
from snapshot_lab import REGION, MotoLab, build, new_session

from pytest_vpcep.snapshot import Snapshot, collect


@pytest.fixture
def moto_lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[MotoLab]:
    """A lab of the test's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield build(new_session())


@pytest.fixture(scope="session")
def collected() -> tuple[Snapshot, MotoLab]:
    """The snapshot of one lab, which nobody may change."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        made = build(new_session())
        return collect(made.session, region=REGION), made


@pytest.fixture
def snapshot(collected: tuple[Snapshot, MotoLab]) -> Snapshot:
    """The snapshot of one lab, which nobody may change."""
    return collected[0]


@pytest.fixture
def executor() -> Iterator[Executor]:
    """Threads, as the command line uses them."""
    with ThreadPoolExecutor(4) as threads:
        yield threads
