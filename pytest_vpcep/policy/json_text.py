"""Policy text to plain data, with the rules that AWS adds to JSON.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" (no element twice in one block)
and "JSON policy elements" (numbers and Booleans may stand unquoted).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_vpcep.policy.faults import DocumentFault, FaultKind

#: Policies nest six levels deep; what nests deeper than this is no policy.
_DEEPEST = 32


class Unquoted(str):
    """A number or Boolean that stood without quotation marks, as its text."""

    __slots__ = ()


def read_json(document: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    """Read a policy document into dicts, lists and strings.

    Args:
        document: JSON text (bytes in UTF-8), or the same as Python data.

    Raises:
        DocumentFault: it is not one JSON object, or names an element twice.

    """
    plain = _plain(document if isinstance(document, Mapping) else _load(document), 0)
    if not isinstance(plain, dict):
        raise DocumentFault(FaultKind.NOT_AN_OBJECT)
    return plain


def _load(document: str | bytes) -> Any:
    try:
        text = document.decode("utf-8") if isinstance(document, bytes) else document
        if not text.lstrip().startswith("{"):
            raise DocumentFault(FaultKind.NOT_AN_OBJECT)
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_int=Unquoted,
            parse_float=Unquoted,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        raise DocumentFault(
            FaultKind.NOT_JSON, line=error.lineno, column=error.colno - 1
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise DocumentFault(FaultKind.NOT_JSON) from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            raise DocumentFault(FaultKind.REPEATED, key)
        read[key] = value
    return read


def _no_constant(name: str) -> Any:
    raise DocumentFault(FaultKind.NOT_JSON, name)


def _plain(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise DocumentFault(FaultKind.NOT_JSON)
    if isinstance(value, Mapping):
        return {_name(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, bool):
        return Unquoted("true" if value else "false")
    if isinstance(value, int | float):
        return Unquoted(value)
    if isinstance(value, str) or value is None:
        return value
    raise DocumentFault(FaultKind.NOT_JSON, type(value).__name__)


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise DocumentFault(FaultKind.NOT_JSON, repr(key))
    return key
