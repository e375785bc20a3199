"""A plain folder of ``aws ec2 describe-*`` outputs, read as a snapshot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.network.fields import Fields
from pytest_vpcep.snapshot.calls import DESCRIBES, GET_AUTHORIZATION_DETAILS
from pytest_vpcep.snapshot.document import Snapshot
from pytest_vpcep.snapshot.json_file import read_json
from pytest_vpcep.snapshot.partitions import partition_of
from pytest_vpcep.snapshot.reading import moment
from pytest_vpcep.snapshot.shape import check_parts

_OPERATIONS = {call.key: call.operation for call in DESCRIBES}
_FILE_NAMES = {re.sub(r"(?<=.)(?=[A-Z])", "-", name).lower(): name for name in _OPERATIONS.values()}
_ATTRIBUTES = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}
_PREFIX_LIST = re.compile(r"pl-[0-9a-f]+")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")


@dataclass
class _Contents:
    """What the files of a folder hold, brought together."""

    ec2: dict[str, Any] = field(default_factory=dict)
    iam: dict[str, Any] = field(default_factory=dict)
    newest: float = 0.0


def read_folder(folder: Path) -> Snapshot:
    """Load a folder of command-line outputs as a snapshot without buckets.

    A file is known by its content's top-level key, whatever its name: ``describe-vpcs.json`` and
    the like, ``describe-vpc-attribute`` outputs, ``get-managed-prefix-list-entries`` outputs in
    files with the list's id in their names, ``get-account-authorization-details.json``. Account
    and Region are those the resources speak of. Other files are left alone.

    Args:
        folder: the folder; files in folders below it are not read.

    Raises:
        SnapshotError: there is no such output in it, or one cannot be read.

    """
    contents = _Contents()
    for path in sorted(folder.glob("*.json")):
        try:
            known = _take(contents, read_json(path), path.stem)
        except SnapshotError as error:
            prefix = "" if str(error).startswith(str(path)) else f"{path}: "
            raise SnapshotError(f"{prefix}{error}") from error
        if known:
            contents.newest = max(contents.newest, path.stat().st_mtime)
    if not contents.ec2:
        raise SnapshotError(
            f"{folder}: no describe output in it; "
            "fill it with commands like `aws ec2 describe-vpcs --output json > describe-vpcs.json`"
        )
    try:
        snapshot = _snapshot(contents)
        check_parts(snapshot)
    except SnapshotError as error:
        raise SnapshotError(f"{folder}: {error}") from error
    return snapshot


def _take(contents: _Contents, document: Any, stem: str) -> bool:
    """Add one file's content; False where it is none of ours."""
    fields = Fields(document, stem)
    keys = [key for key in fields if key in _OPERATIONS]
    for key in keys:
        added = [dict(document[key][index]) for index, _ in enumerate(fields.objects(key))]
        listed = contents.ec2.setdefault(_OPERATIONS[key], {}).setdefault(key, [])
        listed.extend(item for item in added if item not in listed)
    if keys:
        return True
    if stem in _FILE_NAMES:
        expected = next(key for key, name in _OPERATIONS.items() if name == _FILE_NAMES[stem])
        raise fields.wrong(expected, "a list")
    return _take_attributes(contents, fields) or _take_others(contents, document, stem)


def _take_attributes(contents: _Contents, fields: Fields) -> bool:
    found = [key for key in _ATTRIBUTES if key in fields]
    for key in found:
        of_vpc = contents.ec2.setdefault("VpcAttributes", {}).setdefault(fields.text("VpcId"), {})
        of_vpc[_ATTRIBUTES[key]] = fields.object(key).flag("Value", default=False)
    return bool(found)


def _take_others(contents: _Contents, document: Mapping[str, Any], stem: str) -> bool:
    if "UserDetailList" in document:
        contents.iam[GET_AUTHORIZATION_DETAILS.operation] = dict(document)
        return True
    if "Entries" not in document:
        return False
    named = _PREFIX_LIST.search(stem)
    if named is None:
        raise SnapshotError(
            "entries of a prefix list nobody named; put its id into the file's name, "
            "such as entries-pl-63a5400a.json"
        )
    contents.ec2.setdefault("ManagedPrefixListEntries", {})[named[0]] = dict(document)
    return True


def _snapshot(contents: _Contents) -> Snapshot:
    region = _most_common(_regions(contents.ec2))
    account = _most_common(_owners(contents.ec2))
    if region is None or account is None:
        raise SnapshotError(
            "neither account nor Region can be told from it; add `aws ec2 describe-subnets` and "
            "`aws ec2 describe-network-interfaces` outputs"
        )
    return Snapshot(
        account=account,
        partition=partition_of(region),
        region=region,
        taken_at=moment(datetime.fromtimestamp(contents.newest, UTC)),
        ec2=contents.ec2,
        s3={},
        iam=contents.iam,
    )


def _most_common(found: Iterator[str]) -> str | None:
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else None


def _items(ec2: Mapping[str, Any]) -> Iterator[Fields]:
    for call in DESCRIBES:
        yield from Fields(ec2, "ec2").object(call.operation).objects(call.key)


def _owners(ec2: Mapping[str, Any]) -> Iterator[str]:
    for item in _items(ec2):
        owner = item.optional_text("OwnerId")
        if owner and owner.isdigit():
            yield owner


def _regions(ec2: Mapping[str, Any]) -> Iterator[str]:
    for item in _items(ec2):
        for key in ("AvailabilityZone", "ServiceName"):
            named = _REGION.search(item.text(key, "").removeprefix("com.amazonaws."))
            if named:
                yield named[0]
