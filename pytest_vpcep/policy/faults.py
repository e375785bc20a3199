"""What can be wrong with a policy document, before any service has put it into its own words."""

from __future__ import annotations

from enum import Enum, auto


class FaultKind(Enum):
    """The ways a document can fail to be a policy."""

    NOT_JSON = auto()
    NOT_AN_OBJECT = auto()
    REPEATED = auto()
    TOO_LARGE = auto()
    UNKNOWN_ELEMENT = auto()
    MISSING_ELEMENT = auto()
    EMPTY_STATEMENT = auto()
    WRONG_TYPE = auto()
    CONFLICTING_ELEMENTS = auto()
    INVALID_VERSION = auto()
    INVALID_EFFECT = auto()
    INVALID_SID = auto()
    REPEATED_SID = auto()
    INVALID_PRINCIPAL = auto()
    UNEXPECTED_PRINCIPAL = auto()
    INVALID_ACTION = auto()
    INVALID_RESOURCE = auto()
    INVALID_CONDITION_OPERATOR = auto()
    INVALID_CONDITION_KEY = auto()
    INVALID_CONDITION_VALUE = auto()
    ACTION_WITHOUT_RESOURCE = auto()


class DocumentFault(Exception):
    """One fault of one document.

    Args:
        kind: what is wrong.
        detail: the element, value or name it is about.
        line: line of the text, from 1, where it is about syntax.
        column: position in that line, from 0.

    """

    def __init__(
        self, kind: FaultKind, detail: str = "", *, line: int = 1, column: int = 0
    ) -> None:
        super().__init__(kind.name, detail)
        self.kind = kind
        self.detail = detail
        self.line = line
        self.column = column
