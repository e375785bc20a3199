"""Policy variables: ``${key}``, ``${key, 'default'}`` and the escapes ``${*}``, ``${?}``, ``${$}``.

Source: IAM User Guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.policy.wildcards import Pattern, compile_pattern, concatenate, literal_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPES = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Variable:
    """A reference to a context key.

    Args:
        key: the context key, in lower case.
        default: what stands in where the request has no such key; None: nothing does.

    """

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """Text with variables in it, to be filled in from a request's context.

    Args:
        parts: text, patterns and variables in order; text in a pattern place may hold wildcards.
        fixed: the compiled pattern where no variable occurs, so that nothing is done per request.
        text: the plain text where no variable occurs, escapes resolved.

    """

    parts: tuple[str | Pattern | Variable, ...]
    fixed: Pattern | None
    text: str | None

    def pattern(self, context: Mapping[str, tuple[str, ...]]) -> Pattern | None:
        """Return the pattern for one request; None where a variable has no value.

        A value that a variable stands for is taken literally: its own ``*`` and ``?`` match only
        themselves.
        """
        if self.fixed is not None:
            return self.fixed
        pieces = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = _value(part, context)
                if value is None:
                    return None
                pieces.append(literal_pattern(value))
            elif isinstance(part, Pattern):
                pieces.append(part)
            else:
                pieces.append(compile_pattern(part))
        return concatenate(pieces)

    def plain(self, context: Mapping[str, tuple[str, ...]]) -> str | None:
        """Return the text for one request, or None where a variable has no value."""
        if self.text is not None:
            return self.text
        pieces = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = _value(part, context)
                if value is None:
                    return None
                pieces.append(value)
            else:
                pieces.append(part if isinstance(part, str) else part.literal_prefix)
        return "".join(pieces)


def compile_template(text: str, *, version: str) -> Template:
    """Compile a value of a policy; in language version 2008-10-17 ``${`` is ordinary text.

    Args:
        text: the value as written.
        version: the policy's ``Version``.

    """
    parts = _split(text) if version == "2012-10-17" and "${" in text else (text,)
    fixed, plain = [], []
    for part in parts:
        if isinstance(part, Variable):
            return Template(parts, None, None)
        fixed.append(part if isinstance(part, Pattern) else compile_pattern(part))
        plain.append(part if isinstance(part, str) else part.literal_prefix)
    return Template(parts, concatenate(fixed), "".join(plain))


def _split(text: str) -> tuple[str | Pattern | Variable, ...]:
    parts: list[str | Pattern | Variable] = []
    position = 0
    while (start := text.find("${", position)) >= 0:
        end = _end(text, start)
        if end < 0:
            break
        if start > position:
            parts.append(text[position:start])
        parts.append(_reference(text[start + 2 : end]))
        position = end + 1
    if position < len(text) or not parts:
        parts.append(text[position:])
    return tuple(parts)


def _end(text: str, start: int) -> int:
    """Where the reference opened at ``start`` closes: a brace inside quotes does not close it."""
    closing = text.find("}", start)
    quote = text.find("'", start)
    if 0 <= quote < closing:
        second = text.find("'", quote + 1)
        return text.find("}", second) if second >= 0 else closing
    return closing


def _reference(inner: str) -> Pattern | Variable:
    if inner in _ESCAPES:
        return literal_pattern(inner)
    key, comma, default = inner.partition(",")
    default = default.strip()
    if comma and len(default) >= 2 and default[0] == default[-1] == "'":
        return Variable(key.strip().lower(), default[1:-1])
    return Variable(inner.strip().lower(), None)


def _value(variable: Variable, context: Mapping[str, tuple[str, ...]]) -> str | None:
    values = context.get(variable.key)
    # A key with several values has no one value to stand in the text.
    if values is None or len(values) != 1:
        return variable.default
    return values[0]
