"""A piece that not every machine has: its tests are skipped there, and fail where none may be."""

from __future__ import annotations

import os

import pytest

#: Set where nothing may be skipped, as in ``.ci/run``.
NOTHING_SKIPPED = "VPCEP_NOTHING_SKIPPED"


def require(found: object, remedy: str) -> None:
    """Skip the running test, or fail it where nothing may be skipped, for want of a piece.

    Args:
        found: whether the piece is there.
        remedy: what is missing, and how to get it.
    """
    if found:
        return
    if os.environ.get(NOTHING_SKIPPED):
        pytest.fail(remedy, pytrace=False)
    pytest.skip(remedy)
