"""Secrets that stay out of what pytest shows: locals of a traceback, and botocore's logs."""

from __future__ import annotations

import logging
import re

_HIDDEN = "<secret>"


class Secret(str):
    """Text whose ``repr`` does not tell it: ``--showlocals`` prints the ``repr`` of locals."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Tell that it is a secret."""
        return _HIDDEN


class SecretBytes(bytes):
    """Bytes whose ``repr`` does not tell them."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Tell that they are a secret."""
        return _HIDDEN


#: The loggers of botocore that write requests' headers and answers' bodies at DEBUG.
_LOGGERS = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
_IN_LOGS = re.compile(
    r"(?P<before><SecretAccessKey>|<SessionToken>"
    r"|x-amz-security-token:|'x-amz-security-token': b?')[^<'\s]+",
    re.IGNORECASE,
)


class _Redacted(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Take secrets out of a record, and let it pass."""
        told = record.getMessage()
        redacted = _IN_LOGS.sub(rf"\g<before>{_HIDDEN}", told)
        if redacted != told:
            record.msg, record.args = redacted, ()
        return True


def keep_out_of_logs() -> None:
    """Take secret access keys and session tokens out of what botocore logs from now on."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, _Redacted) for known in logger.filters):
            logger.addFilter(_Redacted())
