"""A matrix as a table to read, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from pytest_vpcep.access.request import CONSOLE, RequestOutcome

if TYPE_CHECKING:
    from pytest_vpcep.access.askers import Asker
    from pytest_vpcep.access.matrix import Block, Cell, Matrix

#: The value of the JSON document's ``format``.
FORMAT = "vpcep-matrix/1"

_TITLES: tuple[str, ...] = ("FROM", "AS", "BUCKET", "ACTION", "OUTCOME", "WAY", "WHY")
_NOTHING = "-"
_NO_ANSWER = ("",) * (len(_TITLES) - 2)


def way(asker: Asker, cell: Cell) -> str:
    """Return by which gateway or endpoint a request goes, in a word; empty where by none.

    Args:
        asker: who asks from where.
        cell: what becomes of the request.

    """
    return cell.via or ("internet" if asker.place == CONSOLE else "")


def why(cell: Cell) -> str:
    """Return the reason of a cell, with Reachability Analyzer's code where a path is blocked.

    Args:
        cell: what becomes of a request.

    """
    unreachable = cell.outcome is RequestOutcome.UNREACHABLE
    return f"{cell.code}: {cell.reason}" if unreachable else cell.reason


def summary(matrix: Matrix) -> str:
    """Return in one line how many requests there are, and how many have which outcome.

    Args:
        matrix: what was decided.

    """
    counted = {outcome: number for outcome, number in matrix.count().items() if number}
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in counted.items())
    return f"{sum(counted.values()):,} requests: {outcomes or 'none'}"


def left_out(matrix: Matrix) -> str:
    """Return which instances ask nothing; empty where all do.

    Args:
        matrix: what was decided.

    """
    instances = matrix.snapshot.topology.instances
    named = ", ".join(f"{name} ({instances[name].state})" for name in matrix.left_out)
    return f"left out, since they have no network interface: {named}" if named else ""


def table_lines(matrix: Matrix) -> Iterator[str]:
    """Yield a table, equal rows and the actions that fare alike joined.

    Args:
        matrix: what was decided.

    """
    account = matrix.snapshot.account
    blocks = [list(_block_rows(matrix, block, account)) for block in matrix.blocks()]
    rows = [_TITLES, *(row for block in blocks for row in block)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield f"{summary(matrix)}\n"
    yield f"{left_out(matrix)}\n" if matrix.left_out else ""
    for block_rows in ([_TITLES], *blocks):
        yield "\n"
        for row in block_rows:
            padded = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            yield "  ".join(padded).rstrip() + "\n"


def _block_rows(matrix: Matrix, block: Block, account: str) -> Iterator[tuple[str, ...]]:
    first = block.askers[0]
    places = (asker.place for asker in block.askers)
    for number, (place, answer) in enumerate(zip_longest(places, _answers(matrix, block))):
        name = "" if number else first.name(account)
        yield (place or "", name, *(answer or _NO_ANSWER))


def _answers(matrix: Matrix, block: Block) -> Iterator[tuple[str, ...]]:
    """Yield bucket, actions, outcome, way and reason, one line for the actions that fare alike."""
    alike: dict[tuple[str, Cell], list[str]] = {}
    for column, cell in zip(matrix.columns, block.cells, strict=True):
        alike.setdefault((column.bucket, cell), []).append(column.action)
    for (bucket, cell), actions in alike.items():
        taken = way(block.askers[0], cell) or _NOTHING
        yield bucket, ", ".join(actions), str(cell.outcome), taken, why(cell)


def json_lines(matrix: Matrix) -> Iterator[str]:
    """Yield a JSON document, each request on a line of its own.

    Args:
        matrix: what was decided.

    """
    snapshot = matrix.snapshot
    head = {
        "format": FORMAT,
        "account": snapshot.account,
        "region": snapshot.region,
        "taken_at": snapshot.taken_at,
        "outcomes": matrix.count(),
        "left_out": matrix.left_out,
    }
    yield json.dumps(head)[:-1] + ', "requests": ['
    separator = "\n"
    for asker, cells in zip(matrix.askers, matrix.cells, strict=True):
        for column, cell in zip(matrix.columns, cells, strict=True):
            request = {
                "from": asker.place,
                "principal": asker.principal,
                "action": column.action,
                "resource": column.resource,
                "outcome": cell.outcome,
                "via": cell.via,
                "code": cell.code,
                "reason": cell.reason,
            }
            yield separator + json.dumps(request)
            separator = ",\n"
    yield "\n]}\n"
