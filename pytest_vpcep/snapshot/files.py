"""Snapshots on disk: one JSON document, or a folder of ``aws ec2 describe-*`` outputs."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot.described_folder import read_folder
from pytest_vpcep.snapshot.document import FORMAT, Snapshot
from pytest_vpcep.snapshot.json_file import read_json
from pytest_vpcep.snapshot.shape import read_document


def load(path: str | os.PathLike[str]) -> Snapshot:
    """Load a snapshot.

    Args:
        path: a ``vpcep-snapshot/1`` document, or a folder of ``aws ec2 describe-*`` outputs.

    Raises:
        SnapshotError: it cannot be read or is no snapshot; the text names the file, the place
            in it and the remedy.

    """
    place = Path(path)
    if place.is_dir():
        return read_folder(place)
    document = read_json(place)
    try:
        return read_document(document)
    except SnapshotError as error:
        raise SnapshotError(f"{place}: {error}") from error


def save(snapshot: Snapshot, path: str | os.PathLike[str]) -> None:
    """Write a snapshot as one ``vpcep-snapshot/1`` document, whole or not at all.

    Args:
        snapshot: what to write.
        path: the file; one that is there already is replaced.

    Raises:
        SnapshotError: the file cannot be written.

    """
    place = Path(path)
    text = json.dumps(as_document(snapshot), indent=1, sort_keys=True) + "\n"
    try:
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SnapshotError(
            f"{place}: {error.strerror or error}; name a file in a folder you can write to"
        ) from error


def as_document(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as the document that :func:`save` writes."""
    return {
        "format": FORMAT,
        "account": snapshot.account,
        "partition": snapshot.partition,
        "region": snapshot.region,
        "taken_at": snapshot.taken_at,
        "ec2": dict(snapshot.ec2),
        "s3": dict(snapshot.s3),
        "iam": dict(snapshot.iam),
        "not_permitted": [asdict(gap) for gap in snapshot.not_permitted],
    }
