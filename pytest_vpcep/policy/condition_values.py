"""Reading the values that condition operators compare: numbers, dates, addresses, binary, ARNs.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". A value that cannot be
read compares as unequal to everything; it is never an error, since it may come from the request.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

#: Longer numbers and dates are nothing AWS sends, and reading them would cost time.
_LONGEST = 64
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_EPOCH = re.compile(r"\d{1,13}(\.\d{1,9})?", re.ASCII)
_ISO_8601 = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)

#: An address or block: its width in bits, its bits, and how many of them the block fixes.
Network = tuple[int, int, int]


@lru_cache(maxsize=4096)
def read_number(text: str) -> Decimal | None:
    """Return an integer or decimal, or None."""
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def read_date(text: str) -> datetime | None:
    """Return a date in one of the W3C's ISO 8601 formats or in epoch seconds, or None."""
    if len(text) > _LONGEST:
        return None
    iso = _ISO_8601.fullmatch(text)
    try:
        # Four digits alone are a year, as the W3C note has it; longer runs are epoch seconds.
        if iso:
            return _from_groups(iso)
        if _EPOCH.fullmatch(text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        return None
    return None


def _from_groups(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    value = datetime(
        int(year),
        int(month or 1),
        int(day or 1),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
        tzinfo=UTC,
    )
    if zone and zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        return value - offset if zone[0] == "+" else value + offset
    return value


@lru_cache(maxsize=4096)
def read_network(text: str) -> Network | None:
    """Return an IPv4 or IPv6 address or CIDR block, or None; an address alone is a block of one."""
    address, slash, length = text.partition("/")
    try:
        bits, number = (
            (128, int(IPv6Address(address))) if ":" in address else (32, int(IPv4Address(address)))
        )
    except AddressValueError:
        return None
    if not slash:
        return bits, number, bits
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= bits):
        return None
    return bits, number, int(length)


def contains(block: Network, address: Network) -> bool:
    """Whether ``address`` lies in ``block``; an IPv4 address lies in no IPv6 block."""
    bits, base, fixed = block
    return address[0] == bits and address[2] >= fixed and (base ^ address[1]) >> (bits - fixed) == 0


@lru_cache(maxsize=1024)
def read_binary(text: str) -> bytes | None:
    """Return the bytes that base-64 text stands for, or None."""
    try:
        return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def split_arn(text: str) -> list[str] | None:
    """Return an ARN's six components, the last one holding any further colons."""
    parts = text.split(":", 5)
    return parts if len(parts) == 6 and parts[0] == "arn" else None
