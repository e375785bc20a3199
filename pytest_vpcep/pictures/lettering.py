"""How much room text takes, without a font at hand, and which characters can be written."""

from __future__ import annotations

import unicodedata

TITLE_SIZE, TEXT_SIZE = 14.0, 12.0
LINE_HEIGHT = 18.0
#: From the top of a line to its baseline.
ASCENT = 13.0

#: Widths in em of DejaVu Sans, among the widest of the fonts in use, each rounded up to its
#: group's; whatever is not listed counts as the widest of all.
_GROUPS = {
    0.36: " ',./:;\\|-ijlIJf·",
    0.42: "!()[]rt",
    0.55: '"*_`?csz',
    0.64: "EFLPSTYabdeghknopquvxy$0123456789{}",
    0.76: "ABCHKNRUVXZ",
    0.86: "DGMOQw&#+<=>^~→←↔✓✗",
}
_WIDTHS = {letter: width for width, letters in _GROUPS.items() for letter in letters}
_WIDEST = 1.1
#: What bold letters take more, and some room for fonts that are wider still.
_BOLD, _SPARE = 1.18, 1.03


def text_width(text: str) -> float:
    """Return the room that ordinary text takes, in px, rather too much than too little."""
    return TEXT_SIZE * _SPARE * _ems(text)


def title_width(text: str) -> float:
    """Return the room that a box's title takes, in px, rather too much than too little."""
    return TITLE_SIZE * _BOLD * _SPARE * _ems(text)


def _ems(text: str) -> float:
    return sum(_WIDTHS.get(letter, _WIDEST) for letter in text)


def printable(text: str) -> str:
    """Return text in one line, with what XML 1.0 cannot hold replaced by U+FFFD."""
    return " ".join("".join(map(_replaced, text)).split())


def _replaced(character: str) -> str:
    if character.isspace():
        return " "
    # Control characters, surrogates, and what Unicode has not assigned, noncharacters among them.
    category = unicodedata.category(character)
    return "\N{REPLACEMENT CHARACTER}" if category in ("Cc", "Cf", "Cs", "Cn") else character
