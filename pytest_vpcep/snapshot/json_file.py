"""A JSON file, or a clear word on why it is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_vpcep.errors import SnapshotError

_COLLECT = "collect the snapshot again with `vpcep snapshot -o FILE`"


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Args:
        path: the file, UTF-8 with or without a byte-order mark.

    Raises:
        SnapshotError: it cannot be read, or is no JSON; the text names the place.

    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        message = f"{path}: {error.strerror or error}; name a file that can be read"
        raise SnapshotError(message) from error
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{path}: byte {error.start} is no UTF-8; {_COLLECT}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise SnapshotError(f"{path}: no JSON at {where} ({error.msg}); {_COLLECT}") from error
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"{path}: no JSON that can be read ({error}); {_COLLECT}") from error
