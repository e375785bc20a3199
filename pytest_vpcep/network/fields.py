"""Reading AWS's response shapes: every value checked, every error with its place and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.network.spans import Span, span_of

_REMEDY = "collect the snapshot again, or put the value right by hand"


class Fields:
    """One object of a response and where it stands in the snapshot.

    Args:
        data: the object.
        place: where it is, such as ``ec2.DescribeVpcs.Vpcs[0]``.

    Raises:
        SnapshotError: it is not an object.
    """

    __slots__ = ("_data", "place")

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, Mapping):
            raise SnapshotError(f"{place} must be an object, not {_kind(data)}; {_REMEDY}")
        self._data: Mapping[str, Any] = data
        self.place = place

    def wrong(self, key: str, expected: str) -> SnapshotError:
        """Return the error for a value that is not what it has to be."""
        found = self._data.get(key)
        shown = "missing" if found is None else f"not {found!r:.60}"
        return SnapshotError(f"{self.place}.{key} must be {expected}, {shown}; {_REMEDY}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; an absent one is the default, or an error where there is none."""
        value = self._data.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value and default is None):
            raise self.wrong(key, "a string")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None where it is absent or empty."""
        return self.text(key, "") or None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a boolean."""
        value = self._data.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def optional_flag(self, key: str) -> bool | None:
        """Return a boolean, or None where it is absent."""
        return None if self._data.get(key) is None else self.flag(key, default=False)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self._data.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, "a whole number")
        return value

    def span(self, key: str) -> Span:
        """Return the addresses of a CIDR block or an address."""
        text = self.text(key)
        try:
            return span_of(text)
        except ValueError:
            raise self.wrong(key, "a CIDR block such as 10.0.0.0/16") from None

    def object(self, key: str) -> Fields:
        """Return an object inside this one; an absent one is empty."""
        value = self._data.get(key)
        return Fields({} if value is None else value, f"{self.place}.{key}")

    def objects(self, key: str) -> Iterator[Fields]:
        """Yield the objects of a list; an absent list is empty."""
        for index, item in enumerate(self._list(key)):
            yield Fields(item, f"{self.place}.{key}[{index}]")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; an absent list is empty."""
        items = self._list(key)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "a list of strings")
        return tuple(items)

    def __iter__(self) -> Iterator[str]:
        for key in self._data:
            if not isinstance(key, str):
                raise SnapshotError(f"{self.place} has a field that is no string: {key!r:.60}")
            yield key

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def _list(self, key: str) -> list[Any]:
        value = self._data.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return value


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__
