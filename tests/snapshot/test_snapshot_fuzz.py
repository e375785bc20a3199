"""Damaged documents give a :class:`SnapshotError` or a snapshot that answers, nothing else."""

from __future__ import annotations

import copy
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
#: Stands for taking a value away.
REMOVED = object()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["Id", "Arn", "Entries", "Key"]), inner, max_size=2),
    ),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in inner:
        found.append((*path, key))
        if isinstance(item, dict | list):
            found.extend(places(item, (*path, key)))
    return found


class Undamaged:
    """The document that is damaged, its places, and the instance it has.

    No dataclass: Hypothesis would print all of it with each failing example.
    """

    def __init__(self, document: dict[str, Any], instance: str) -> None:
        self.text = json.dumps(document)
        self.spots = places(document)
        self.instance = instance


@pytest.fixture(scope="module")
def undamaged(collected: tuple[Snapshot, MotoLab]) -> Undamaged:
    snapshot, moto_lab = collected
    document = json.loads(json.dumps(as_document(snapshot)))
    for entries in document["ec2"]["ManagedPrefixListEntries"].values():
        # A dozen like them would only draw the damage away from what matters.
        del entries["Entries"][2:]
    return Undamaged(document, moto_lab.instance)


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


CHANGES = st.lists(
    st.tuples(st.integers(0, 1_000_000), st.one_of(st.just(REMOVED), VALUES)),
    min_size=1,
    max_size=2,
)


@EXAMPLES
@given(changes=CHANGES)
def test_values_put_wrong(changes: list[tuple[int, Any]], undamaged: Undamaged) -> None:
    document, spots = json.loads(undamaged.text), undamaged.spots
    for number, value in changes:
        *path, last = spots[number % len(spots)]
        owner = document
        for key in path:
            owner = owner[key] if _holds(owner, key) else None
        if not _holds(owner, last):
            continue
        if value is REMOVED:
            del owner[last]
        else:
            owner[last] = copy.deepcopy(value)
    answers(lambda: read_document(document), undamaged.instance)


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
    undamaged: Undamaged,
    tmp_path: Path,
) -> None:
    whole = undamaged.text.encode()
    start = int(at * len(whole))
    path = tmp_path / "lab.json"
    path.write_bytes(whole[:start] + put + whole[start + cut :])
    answers(lambda: load(path), undamaged.instance)


@settings(EXAMPLES, max_examples=200)
@given(at=st.floats(0, 1, exclude_max=True))
def test_truncated(at: float, undamaged: Undamaged, tmp_path: Path) -> None:
    text = undamaged.text
    path = tmp_path / "lab.json"
    path.write_text(text[: int(at * len(text))])
    with pytest.raises(SnapshotError, match="no JSON at line 1 column"):
        load(path)


@given(document=VALUES)
def test_anything(document: Any) -> None:
    with pytest.raises(SnapshotError):
        read_document(document)


def test_undamaged_document_answers(undamaged: Undamaged) -> None:
    assert answers(lambda: read_document(json.loads(undamaged.text)), undamaged.instance)
