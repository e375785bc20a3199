"""``*`` and ``?``: what they match, and that no pattern is slow."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vpcep.policy.wildcards import compile_pattern, concatenate, literal_pattern

OPERATORS = "IAM JSON policy elements: Condition operators"


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        pytest.param(*row, id=f"{row[0]} {row[1]}")
        for row in (
            ("", "", True),
            ("", "a", False),
            ("a", "a", True),
            ("a", "ab", False),
            ("?", "a", True),
            ("?", "", False),
            ("a?", "a", False),
            ("?a?", "bac", True),
            ("*", "", True),
            ("**", "anything", True),
            ("a**b", "ab", True),
            ("a***b", "axyb", True),
            ("a*", "b", False),
            ("*a", "ab", False),
            ("a*a", "a", False),
            ("a*a", "aa", True),
            ("ab*ba", "aba", False),
            ("*ab*", "xaby", True),
            ("*ab*ab*", "xaby", False),
            ("*ab*ab*", "abab", True),
            ("*ab*ab", "abxab", True),
            ("a*b*c", "abc", True),
            ("a*b*c", "acb", False),
            ("a*?b*c", "a1bc", True),
            ("a*?b*c", "abc", False),
            ("*?x?*", "axb", True),
            ("*?x?*", "xb", False),
            ("*?x?*", "ax", False),
            ("*a?c*z", "abc-abcz", True),
            ("*a?c*z", "a-c", False),
            ("a?*b", "aab", True),
            ("a?*b", "ab", False),
            ("*bc?*bcd", "abcxbcd", True),
            ("*bc?*bcd", "abcd", False),
            ("*a?c*", "xxxxxx", False),
            ("*ab*ba*", "xxabaxx", False),
            ("*ab*b", "xab", False),
            ("*a?*b", "xab", False),
            ("*ab*a?*", "a-ab", False),
        )
    ],
)
def test_match(pattern, text, matches):
    assert compile_pattern(pattern).matches(text) is matches, OPERATORS


@pytest.mark.parametrize("text", ["a*b", "?", "plain", ""])
def test_literal_text_matches_itself_alone(text):
    assert literal_pattern(text).matches(text)
    assert not literal_pattern(text).matches(text + "x")
    assert not literal_pattern("*").matches("x")


@pytest.mark.parametrize(
    ("parts", "text", "matches"),
    [
        (("a", "b"), "ab", True),
        (("a*", "b"), "axb", True),
        (("a?", "?b"), "axyb", True),
        (("a?", "?b"), "axb", False),
        (("*", "*"), "", True),
        (("a*b", "c*d"), "a1bc2d", True),
        (("a*b", "c*d"), "a1b-c2d", False),
    ],
)
def test_patterns_one_after_the_other(parts, text, matches):
    assert concatenate([compile_pattern(part) for part in parts]).matches(text) is matches


@pytest.mark.parametrize(
    ("pattern", "literal", "prefix"),
    [("abc", "abc", "abc"), ("ab*", None, "ab"), ("a?c", None, "a"), ("*", None, "")],
)
def test_what_is_fixed_of_a_pattern(pattern, literal, prefix):
    compiled = compile_pattern(pattern)
    assert (compiled.literal, compiled.literal_prefix) == (literal, prefix)


def _by_definition(pattern, text):
    """The meaning of ``*`` and ``?``, by dynamic programming: slow, and too plain to be wrong."""
    reached = {0}
    for character in pattern:
        if character == "*":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and character in ("?", text[at])}
    return len(text) in reached


@settings(max_examples=500)
@given(st.text("ab*?", max_size=12), st.text("ab*", max_size=16))
def test_wildcards_match_as_defined(pattern, text):
    assert compile_pattern(pattern).matches(text) is _by_definition(pattern, text)


@pytest.mark.parametrize("length", [20_000])
def test_hostile_wildcards_stay_linear(length):
    """Backtracking would take longer than the universe has been around."""
    text = "a" * length + "b"
    for pattern in ("a*" * (length // 2) + "c", "*a" * 2_000 + "c", "a?*" * 2_000 + "c"):
        assert not compile_pattern(pattern).matches(text)
