"""Which statements of a policy can speak of an action on a resource, found without trying all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_vpcep.policy.documents import Statement

#: Distinct actions remembered; AWS has some 20,000, a run of tests or a benchmark a few dozen.
_REMEMBERED = 512


class _ByResource:
    """Statements by the fixed beginning of the resources they name."""

    __slots__ = ("_anywhere", "_by_name")

    def __init__(self, statements: list[Statement]) -> None:
        self._anywhere: list[Statement] = []
        self._by_name: dict[str, list[Statement]] = {}
        for statement in statements:
            names = _names_of(statement)
            if names is None:
                self._anywhere.append(statement)
            else:
                for name in names:
                    self._by_name.setdefault(name, []).append(statement)

    def candidates(self, name: str) -> list[Statement]:
        named = self._by_name.get(name)
        if named is None:
            return self._anywhere
        if not self._anywhere:
            return named
        return sorted([*self._anywhere, *named], key=lambda statement: statement.index)


class StatementIndex:
    """The statements of one policy, looked up by action and resource.

    Args:
        statements: all statements, in order.

    """

    __slots__ = ("_by_action", "_statements")

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self._statements = statements
        self._by_action: dict[str, _ByResource] = {}

    def candidates(self, action: str, name: str) -> list[Statement]:
        """Every statement that covers the action and may cover the resource, in order.

        Args:
            action: the action, in lower case.
            name: what the resource is looked up by, its ``resource_name``.

        """
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= _REMEMBERED:
                self._by_action.clear()
            found = _ByResource(
                [statement for statement in self._statements if statement.action.covers(action)]
            )
            self._by_action[action] = found
        return found.candidates(name)


@lru_cache(maxsize=4096)
def resource_name(resource: str) -> str:
    """Return what a resource is looked up by: its ARN up to the last segment's first ``/``."""
    start = 0
    for _ in range(5):
        start = resource.find(":", start) + 1
        if not start:
            return resource
    end = resource.find("/", start)
    return resource if end < 0 else resource[:end]


def _names_of(statement: Statement) -> set[str] | None:
    """Return what the statement's resources are looked up by; None where one is not fixed."""
    element = statement.resource
    if element is None or element.negated:
        return None
    names = set()
    for pattern in element.patterns:
        if pattern.segments or pattern.template.fixed is None:
            return None
        compiled = pattern.template.fixed
        prefix = compiled.literal_prefix
        name = resource_name(prefix)
        if compiled.literal is None and name == prefix:
            return None
        names.add(name)
    return names
