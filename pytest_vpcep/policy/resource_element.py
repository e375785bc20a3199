"""The ``Resource`` and ``NotResource`` elements, and the resources they cover.

Source: IAM User Guide, "IAM JSON policy elements: Resource": a wildcard works within a segment of
an ARN, except that a ``*`` that ends a segment can reach beyond the colon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.policy.variables import Template, compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ResourcePattern:
    """One entry of a ``Resource`` element.

    Args:
        written: the entry as written.
        segments: the templates of the first five segments, where they have to be matched one by
            one; empty where matching the whole is the same.
        template: the template of the rest, or of the whole.

    """

    written: str
    segments: tuple[Template, ...]
    template: Template

    def matches(self, resource: str, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the entry covers a resource."""
        if not self.segments:
            pattern = self.template.fixed or self.template.pattern(context)
            return pattern is not None and pattern.matches(resource)
        parts = resource.split(":", 5)
        if len(parts) != 6:
            return False
        templates = (*self.segments, self.template)
        for part, template in zip(parts, templates, strict=True):
            pattern = template.pattern(context)
            if pattern is None or not pattern.matches(part):
                return False
        return True


@dataclass(frozen=True, slots=True)
class ResourceElement:
    """A compiled ``Resource`` or ``NotResource`` element."""

    patterns: tuple[ResourcePattern, ...]
    negated: bool

    def covers(self, resource: str, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether the statement speaks of a resource."""
        for pattern in self.patterns:
            if pattern.matches(resource, context):
                return not self.negated
        return self.negated


def compile_resource(written: str, *, version: str) -> ResourcePattern:
    """Compile one entry of a ``Resource`` element.

    Args:
        written: an ARN pattern, or ``*``.
        version: the policy's ``Version``.

    """
    parts = written.split(":", 5)
    head = parts[:5]
    inner = any(("*" in part or "?" in part) and "$" not in part for part in head)
    crossing = any(part.endswith("*") for part in head)
    if len(parts) == 6 and inner and not crossing:
        segments = tuple(compile_template(part, version=version) for part in head)
        return ResourcePattern(written, segments, compile_template(parts[5], version=version))
    return ResourcePattern(written, (), compile_template(written, version=version))
