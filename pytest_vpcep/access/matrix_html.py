"""A matrix as one HTML page, complete in itself: places in rows, buckets and actions in columns."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_vpcep.access.matrix_text import left_out, summary, way, why

if TYPE_CHECKING:
    from pytest_vpcep.access.askers import Asker
    from pytest_vpcep.access.matrix import Block, Cell, Matrix

#: So many places of a row are shown at once; more open on demand.
_SHOWN = 4

# Outcomes differ by word and mark as well as colour; each text colour has at least 4.5:1 on its
# ground ("Contrast (Minimum)", WCAG 2.2), in light and dark.
_STYLE = """
:root { color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de; --head: #f3f5f7;
  --allowed: #0b5a23; --allowed-ground: #e3f5e7; --denied: #9b1c1c; --denied-ground: #fdeaea;
  --unreachable: #4a5058; --unreachable-ground: #eceff2;
  --undetermined: #7a4a00; --undetermined-ground: #fdf3d8; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0f1318; --text: #e6e9ec; --faint: #a0a9b2; --line: #39414a; --head: #1a2027;
  --allowed: #8fe0a4; --allowed-ground: #12301b; --denied: #ffb0aa; --denied-ground: #401a1a;
  --unreachable: #c3cad1; --unreachable-ground: #272d34;
  --undetermined: #f0cd80; --undetermined-ground: #392a0c; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.45 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
h2 { font-size: 1.1rem; }
p { margin: .3rem 0; color: var(--faint); }
.scroll { overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: .4rem; }
table { border-collapse: separate; border-spacing: 0; font-size: .875rem; min-width: 100%; }
caption { text-align: left; padding: .5rem .6rem; color: var(--faint); }
th, td { padding: .45rem .6rem; text-align: left; vertical-align: top;
  border-top: 1px solid var(--line); border-left: 1px solid var(--line); }
th { font-weight: 600; background: var(--head); }
th:first-child { border-left: 0; }
th, .via { white-space: nowrap; }
tbody th { position: sticky; left: 0; }
tbody th + td { min-width: 8rem; overflow-wrap: anywhere; }
td b, .via { display: block; }
.via, tbody th { font-family: ui-monospace, monospace; font-size: .8125rem; }
td.allowed { color: var(--allowed); background: var(--allowed-ground); }
td.denied { color: var(--denied); background: var(--denied-ground); }
td.unreachable { color: var(--unreachable); background: var(--unreachable-ground); }
td.undetermined { color: var(--undetermined); background: var(--undetermined-ground); }
td a { color: inherit; }
li { margin: .3rem 0; overflow-wrap: anywhere; }
li:target { outline: 2px solid currentColor; outline-offset: .2rem; }
"""

_MARKS = {"allowed": "✓", "denied": "✕", "unreachable": "⊘", "undetermined": "?"}


def html_lines(matrix: Matrix) -> Iterator[str]:
    """Yield an HTML page without any reference to another resource.

    Args:
        matrix: what was decided.

    """
    snapshot = matrix.snapshot
    title = f"Who reaches what in account {snapshot.account}"
    yield "<!DOCTYPE html>\n"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<style>{_STYLE}</style></head>\n<body><main>\n<h1>{escape(title)}</h1>\n"
    yield f"<p>{escape(snapshot.region)}, as configured at {escape(snapshot.taken_at)}</p>\n"
    yield f"<p>{escape(summary(matrix))}</p>\n"
    if matrix.left_out:
        yield f"<p>{escape(left_out(matrix))}</p>\n"
    reasons: dict[str, int] = {}
    yield '<div class="scroll" role="region" aria-label="Matrix" tabindex="0"><table>\n'
    yield "<caption>Outcome, way, and the number of the reason below</caption>\n"
    yield from _head(matrix)
    yield "<tbody>\n"
    for block in matrix.blocks():
        yield from _row(block, snapshot.account, reasons)
    yield "</tbody></table></div>\n"
    yield from _legend(reasons)
    yield "</main></body></html>\n"


def _head(matrix: Matrix) -> Iterator[str]:
    yield '<thead><tr><th scope="col" rowspan="2">From</th><th scope="col" rowspan="2">As</th>'
    for bucket, columns in groupby(matrix.columns, key=lambda column: column.bucket):
        span = len(list(columns))
        yield f'<th scope="colgroup" colspan="{span}">{escape(bucket)}</th>'
    yield "</tr>\n<tr>"
    for column in matrix.columns:
        yield f'<th scope="col">{escape(column.action)}</th>'
    yield "</tr></thead>\n"


def _row(block: Block, account: str, reasons: dict[str, int]) -> Iterator[str]:
    first = block.askers[0]
    yield f'<tr><th scope="row">{_places(block)}</th><td>{escape(first.name(account))}</td>'
    for cell in block.cells:
        yield _cell(first, cell, reasons)
    yield "</tr>\n"


def _places(block: Block) -> str:
    names = [escape(asker.place) for asker in block.askers]
    if len(names) <= _SHOWN:
        return "<br>".join(names)
    listed = "<br>".join(names[1:])
    count = f"{len(names) - 1:,}"
    return f"{names[0]}<details><summary>and {count} alike</summary>{listed}</details>"


def _cell(asker: Asker, cell: Cell, reasons: dict[str, int]) -> str:
    outcome = str(cell.outcome)
    note = ""
    if cell.reason:
        number = reasons.setdefault(why(cell), len(reasons) + 1)
        note = f' <a href="#why-{number}" aria-label="reason {number}">[{number}]</a>'
    mark = f'<span aria-hidden="true">{_MARKS[outcome]}</span>'
    taken = way(asker, cell)
    via = f'<span class="via">{escape(taken)}</span>' if taken else ""
    return f'<td class="{outcome}"><b>{mark} {outcome}{note}</b>{via}</td>'


def _legend(reasons: dict[str, int]) -> Iterator[str]:
    if not reasons:
        return
    yield "<h2>Reasons</h2>\n<ol>\n"
    for text, number in reasons.items():
        yield f'<li id="why-{number}">{escape(text)}</li>\n'
    yield "</ol>\n"
