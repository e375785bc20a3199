"""The matrix says what ``decide()`` says, cell by cell, on drawn accounts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from matrix_accounts import (
    ADMINISTRATOR,
    CONDITIONS,
    PRINCIPALS,
    RESOURCES,
    account_of_pairs,
    snapshots,
)

from pytest_vpcep.access import Decision, RequestOutcome, access_matrix, decide
from pytest_vpcep.access.matrix import Cell, Matrix, request_of
from pytest_vpcep.snapshot import Snapshot

ACTIONS = ("s3:ListBucket", "s3:GetObject", "s3:PutObject")


def agrees(cell: Cell, decision: Decision) -> bool:
    """Whether a cell shows a decision; worked out from the decision's parts alone."""
    told = (cell.outcome, cell.via) == (decision.outcome, decision.via)
    if decision.undetermined is not None:
        return told and (cell.code, cell.reason) == (None, decision.undetermined)
    if decision.evaluation is None:
        assert decision.path is not None
        blocked = decision.path.blocked
        assert blocked is not None
        return told and (cell.code, cell.reason) == (blocked.code, blocked.detail)
    if decision.allowed:
        return told and (cell.code, cell.reason) == (None, "")
    statement = decision.evaluation.statement
    named = statement is None or f"statement {statement.index + 1}" in cell.reason
    return told and named and cell.code == decision.evaluation.outcome


def disagreements(snapshot: Snapshot, matrix: Matrix) -> list[str]:
    return [
        f"{asker} {column}: {cell}, not {decision!r}"
        for asker, cells in zip(matrix.askers, matrix.cells, strict=True)
        for column, cell in zip(matrix.columns, cells, strict=True)
        if asker.principal is not None
        and not agrees(cell, decision := decide(snapshot, asker.place, request_of(asker, column)))
    ]


@pytest.mark.parametrize("of", ["bucket", "endpoint", "role"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize("condition", CONDITIONS, ids=str)
def test_what_tells_requests_apart(condition: dict[str, Any], effect: str, of: str) -> None:
    """Of two instances that differ in address and name only, each by itself."""
    for principal in PRINCIPALS if of != "role" else PRINCIPALS[:1]:
        for resource in RESOURCES:
            asked = {"Effect": effect, "Principal": principal, "Action": "s3:*"}
            asked |= {"Resource": resource, "Condition": condition}
            snapshot = account_of_pairs(asked, of)
            matrix = access_matrix(snapshot, key="54.1.1.1")
            assert disagreements(snapshot, matrix) == []


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots(), st.sampled_from([(), (ADMINISTRATOR, "anonymous")]))
def test_every_cell_is_decided_as_it_would_be_alone(
    snapshot: Snapshot, principals: tuple[str, ...]
) -> None:
    if not snapshot.iam and principals:
        principals = ("anonymous",)
    matrix = access_matrix(snapshot, principals=principals, actions=ACTIONS)
    for outcome, number in matrix.count().items():
        event(f"{outcome}: {'some' if number else 'none'}")
    assert disagreements(snapshot, matrix) == []


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_who_is_not_known_is_not_guessed(snapshot: Snapshot) -> None:
    """Without a principal a request is unreachable if no packet gets through, else undetermined."""
    matrix = access_matrix(snapshot)
    for asker, cells in zip(matrix.askers, matrix.cells, strict=True):
        for cell in cells if asker.principal is None else ():
            assert cell.outcome in (RequestOutcome.UNREACHABLE, RequestOutcome.UNDETERMINED)
            assert cell.reason


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(snapshots())
def test_blocks_hold_every_row_once(snapshot: Snapshot) -> None:
    matrix = access_matrix(snapshot)
    rows = {
        (asker.place, asker.principal): cells
        for asker, cells in zip(matrix.askers, matrix.cells, strict=True)
    }
    for block in matrix.blocks():
        for asker in block.askers:
            cells = rows.pop((asker.place, asker.principal))
            for cell, shown in zip(cells, block.cells, strict=True):
                assert replace(cell, reason="") == replace(shown, reason="")
                assert bool(cell.reason) == bool(shown.reason)
                # In company no row's own name stands for the others'; alone it stands as it is.
                assert cell == shown or (
                    len(block.askers) > 1 and asker.place not in re.split(r"[^\w-]", shown.reason)
                )
    assert rows == {}
