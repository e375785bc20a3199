"""The ``Condition`` element: operators, set qualifiers, ``IfExists``, and missing keys.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple
context keys or values" and "Set operators for multivalued context keys".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from pytest_vpcep.policy.operators import OPERATORS, Operator, Values

if TYPE_CHECKING:
    from collections.abc import Mapping


class SetQualifier(Enum):
    """How a request's several values are taken together."""

    NONE = ""
    FOR_ALL_VALUES = "forallvalues:"
    FOR_ANY_VALUE = "foranyvalue:"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one context key.

    Args:
        written_operator: the operator as the policy spells it.
        written_key: the context key as the policy spells it.
        written_values: the policy's values for it, as text.
        key: the context key, in lower case.
        qualifier: ``ForAllValues``, ``ForAnyValue`` or none.
        if_exists: whether a missing key makes the condition true.
        operator: what compares values; None for ``Null``.
        compiled: the values, as the operator wants them.

    """

    written_operator: str
    written_key: str
    written_values: tuple[str, ...]
    key: str
    qualifier: SetQualifier
    if_exists: bool
    operator: Operator | None
    compiled: tuple[Any, ...]

    def holds(self, context: Values, *, of_every_value: bool = False) -> bool:
        """Whether the condition is true of a request.

        Args:
            context: the request's context, keys in lower case.
            of_every_value: how to read an operator without set qualifier on a key with several
                values, which AWS leaves open: that every value, rather than any, has to match.

        """
        values = context.get(self.key)
        if self.operator is None:
            return ("false" if values else "true") in self.compiled
        negated = self.operator.negated
        if not values:
            return self._holds_of_missing_key(negated=negated)
        meets = self._meets_any
        if self.qualifier is SetQualifier.FOR_ALL_VALUES:
            return all(meets(value, context) is not negated for value in values)
        if self.qualifier is SetQualifier.FOR_ANY_VALUE:
            return any(meets(value, context) is not negated for value in values)
        together = all if of_every_value else any
        return together(meets(value, context) for value in values) is not negated

    def is_unsettled(self, context: Values) -> bool:
        """Whether AWS leaves open what the condition says: several values, and no set qualifier."""
        return (
            self.qualifier is SetQualifier.NONE
            and self.operator is not None
            and len(context.get(self.key, ())) > 1
        )

    def _holds_of_missing_key(self, *, negated: bool) -> bool:
        if self.if_exists or self.qualifier is SetQualifier.FOR_ALL_VALUES:
            return True
        return negated and self.qualifier is SetQualifier.NONE

    def _meets_any(self, value: str, context: Values) -> bool:
        if self.operator is None:
            return False
        meets = self.operator.meets
        return any(meets(value, expected, context) for expected in self.compiled)


def compile_condition(
    written_operator: str, written_key: str, values: tuple[str, ...], *, version: str
) -> Condition | None:
    """Compile one operator, key and list of values; None where there is no such operator.

    Args:
        written_operator: such as ``ForAnyValue:StringLikeIfExists``.
        written_key: the context key.
        values: the policy's values, as text.
        version: the policy's ``Version``.

    """
    qualifier, name = _split_qualifier(written_operator.lower())
    is_null = name == "null" and qualifier is SetQualifier.NONE
    operator = OPERATORS.get(name.removesuffix("ifexists"))
    if operator is None and not is_null:
        return None
    compiled: tuple[Any, ...] = (
        tuple(value.lower() for value in values)
        if operator is None
        else tuple(operator.compile(value, version) for value in values)
    )
    return Condition(
        written_operator,
        written_key,
        values,
        key=written_key.lower(),
        qualifier=qualifier,
        if_exists=name.endswith("ifexists"),
        operator=operator,
        compiled=compiled,
    )


def _split_qualifier(name: str) -> tuple[SetQualifier, str]:
    for qualifier in (SetQualifier.FOR_ALL_VALUES, SetQualifier.FOR_ANY_VALUE):
        if name.startswith(qualifier.value):
            return qualifier, name.removeprefix(qualifier.value)
    return SetQualifier.NONE, name


def condition_element(conditions: tuple[Condition, ...]) -> dict[str, Mapping[str, list[str]]]:
    """Return the ``Condition`` element that the given conditions were read from."""
    element: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        keys = element.setdefault(condition.written_operator, {})
        keys[condition.written_key] = list(condition.written_values)
    return dict(element)
