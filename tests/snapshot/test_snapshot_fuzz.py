"""Damaged documents give a :class:`SnapshotError` or a snapshot that answers, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snapshot_lab import ADMINISTRATOR, ROLE, MotoLab

from pytest_vpcep.access import Request, decide
from pytest_vpcep.errors import SnapshotError, VpcepError
from pytest_vpcep.snapshot import Snapshot, load
from pytest_vpcep.snapshot.files import as_document
from pytest_vpcep.snapshot.shape import read_document

EXAMPLES = settings(
    max_examples=1500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["", "*", "10.0.0.0/33", "::/0", "vpc-", "local", "-1", "\ud800", "{}", "%7B"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["Id", "Arn", "Entries", "Key"]), inner, max_size=2),
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def text(collected: tuple[Snapshot, MotoLab]) -> str:
    """The document without what only makes it long."""
    document = as_document(collected[0])
    for entries in document["ec2"]["ManagedPrefixListEntries"].values():
        del entries["Entries"][2:]
    return json.dumps(document)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in inner:
        found.append((*path, key))
        if isinstance(item, dict | list):
            found.extend(places(item, (*path, key)))
    return found


@pytest.fixture(scope="module")
def spots(text: str) -> list[tuple[Any, ...]]:
    return places(json.loads(text))


def answers(read: Callable[[], Snapshot], instance: str) -> bool:
    """Whether a snapshot comes out; what it is asked then answers or raises our own errors."""
    try:
        snapshot = read()
    except SnapshotError:
        return False
    for principal in (ADMINISTRATOR, ROLE):
        request = Request(principal, "s3:GetObject", "arn:aws:s3:::lab-bucket/one.txt")
        for vantage in ("console", instance):
            with suppress(VpcepError):
                decide(snapshot, vantage, request)
    return True


@EXAMPLES
@given(data=st.data())
def test_values_put_wrong(
    data: st.DataObject,
    text: str,
    spots: list[tuple[Any, ...]],
    collected: tuple[Snapshot, MotoLab],
) -> None:
    document = json.loads(text)
    for _ in range(data.draw(st.integers(1, 2))):
        *path, last = data.draw(st.sampled_from(spots))
        owner = document
        for key in path:
            owner = owner[key] if _holds(owner, key) else None
        if not _holds(owner, last):
            continue
        if data.draw(st.booleans()):
            owner[last] = data.draw(VALUES)
        else:
            del owner[last]
    answers(lambda: read_document(document), collected[1].instance)


def _holds(owner: Any, key: Any) -> bool:
    if isinstance(owner, dict):
        return key in owner
    return isinstance(owner, list) and isinstance(key, int) and key < len(owner)


@EXAMPLES
@given(at=st.floats(0, 1, exclude_max=True), cut=st.integers(0, 40), put=st.binary(max_size=4))
def test_bytes_put_wrong(
    at: float,
    cut: int,
    put: bytes,
    text: str,
    tmp_path: Path,
    collected: tuple[Snapshot, MotoLab],
) -> None:
    whole = text.encode()
    start = int(at * len(whole))
    path = tmp_path / "lab.json"
    path.write_bytes(whole[:start] + put + whole[start + cut :])
    answers(lambda: load(path), collected[1].instance)


@settings(EXAMPLES, max_examples=200)
@given(at=st.floats(0, 1, exclude_max=True))
def test_truncated(at: float, text: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.json"
    path.write_text(text[: int(at * len(text))])
    with pytest.raises(SnapshotError, match="no JSON at line 1 column"):
        load(path)


@given(document=VALUES)
def test_anything(document: Any) -> None:
    with pytest.raises(SnapshotError):
        read_document(document)


def test_undamaged_document_answers(text: str, collected: tuple[Snapshot, MotoLab]) -> None:
    assert answers(lambda: read_document(json.loads(text)), collected[1].instance)
