"""The condition operators: for each, how one value of the request meets one of the policy.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_vpcep.policy.condition_values import (
    Network,
    contains,
    read_binary,
    read_date,
    read_network,
    read_number,
    split_arn,
)
from pytest_vpcep.policy.variables import Template, compile_template

Values = Mapping[str, tuple[str, ...]]
#: Whether one value of the request meets one compiled value of the policy.
Meets = Callable[[str, Any, Values], bool]
#: Compiles one value of the policy; the second argument is the policy's ``Version``.
Compile = Callable[[str, str], Any]


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator without its set qualifier and ``IfExists``.

    Args:
        name: AWS's spelling.
        compile: compiles one value of the policy.
        meets: tests one value of the request against one compiled value of the policy.
        negated: whether it is the negation of what ``meets`` tests.

    """

    name: str
    compile: Compile
    meets: Meets
    negated: bool = False


def _template(text: str, version: str) -> Template:
    return compile_template(text, version=version)


def _equal(value: str, template: Template, context: Values) -> bool:
    return value == template.plain(context)


def _equal_ignoring_case(value: str, template: Template, context: Values) -> bool:
    expected = template.plain(context)
    return expected is not None and value.lower() == expected.lower()


def _like(value: str, template: Template, context: Values) -> bool:
    pattern = template.pattern(context)
    return pattern is not None and pattern.matches(value)


def _same_boolean(value: str, template: Template, context: Values) -> bool:
    expected = template.plain(context)
    return expected is not None and value.lower() == expected.lower() in ("true", "false")


def _arn_template(text: str, version: str) -> tuple[Template, ...] | None:
    if text == "*":
        return ()
    parts = _split_outside_variables(text)
    return tuple(_template(part, version) for part in parts) if len(parts) == 6 else None


def _split_outside_variables(text: str) -> list[str]:
    """Split at the first five colons, but not at those inside ``${...}``."""
    parts: list[str] = []
    depth, start = 0, 0
    for position, character in enumerate(text):
        if character == "{" and text[position - 1 : position] == "$":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif character == ":" and not depth and len(parts) < 5:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _arn_like(value: str, templates: tuple[Template, ...] | None, context: Values) -> bool:
    if templates is None:
        return False
    if not templates:
        return True
    parts = split_arn(value)
    if parts is None:
        return False
    for part, template in zip(parts, templates, strict=True):
        pattern = template.pattern(context)
        if pattern is None or not pattern.matches(part):
            return False
    return True


def _comparison(read: Callable[[str], Any], test: Callable[[Any, Any], bool]) -> Meets:
    def meets(value: str, bound: Any, _: Values) -> bool:
        found = read(value)
        return found is not None and bound is not None and test(found, bound)

    return meets


def _comparisons(family: str, read: Callable[[str], Any]) -> list[Operator]:
    def compile_bound(text: str, _: str) -> Any:
        return read(text)

    equal = _comparison(read, lambda found, bound: bool(found == bound))
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "LessThan": lambda found, bound: bool(found < bound),
        "LessThanEquals": lambda found, bound: bool(found <= bound),
        "GreaterThan": lambda found, bound: bool(found > bound),
        "GreaterThanEquals": lambda found, bound: bool(found >= bound),
    }
    return [
        *_pair(f"{family}Equals", f"{family}NotEquals", compile_bound, equal),
        *(
            Operator(family + name, compile_bound, _comparison(read, test))
            for name, test in tests.items()
        ),
    ]


_in_block = _comparison(read_network, lambda address, block: contains(block, address))
_same_bytes = _comparison(read_binary, lambda found, bound: bool(found == bound))


def _network(text: str, _: str) -> Network | None:
    return read_network(text)


def _binary(text: str, _: str) -> bytes | None:
    return read_binary(text)


def _pair(name: str, negated_name: str, compile_value: Compile, meets: Meets) -> list[Operator]:
    return [
        Operator(name, compile_value, meets),
        Operator(negated_name, compile_value, meets, negated=True),
    ]


#: Every operator of the IAM reference but ``Null``, by name in lower case.
OPERATORS: Mapping[str, Operator] = {
    operator.name.lower(): operator
    for operator in (
        *_pair("StringEquals", "StringNotEquals", _template, _equal),
        *_pair(
            "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", _template, _equal_ignoring_case
        ),
        *_pair("StringLike", "StringNotLike", _template, _like),
        *_comparisons("Numeric", read_number),
        *_comparisons("Date", read_date),
        Operator("Bool", _template, _same_boolean),
        Operator("BinaryEquals", _binary, _same_bytes),
        *_pair("IpAddress", "NotIpAddress", _network, _in_block),
        *_pair("ArnEquals", "ArnNotEquals", _arn_template, _arn_like),
        *_pair("ArnLike", "ArnNotLike", _arn_template, _arn_like),
    )
}
