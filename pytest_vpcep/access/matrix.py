"""Who reaches what by which way: every place of a snapshot by every bucket and action.

Each cell is what :func:`decide` says of its request. Requests that cannot be decided differently
are decided once: every interface is traced for itself, once for each Region, and of those that come
by the same way only such as the policies in play can tell apart are decided apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_vpcep.access.askers import Asker, find_askers, instances_without_interface
from pytest_vpcep.access.context import instance_context
from pytest_vpcep.access.decide import decide_on_path, destination_region, policies_for, trace
from pytest_vpcep.access.request import CONSOLE, Decision, Request, RequestOutcome
from pytest_vpcep.errors import PolicyRefused, RequestError, SnapshotError
from pytest_vpcep.network import interface_of
from pytest_vpcep.policy import Outcome, Policy, PolicyType
from pytest_vpcep.policy.s3_actions import BUCKET_ACTIONS, OBJECT_ACTIONS

if TYPE_CHECKING:
    from pytest_vpcep.network import Path
    from pytest_vpcep.policy import Evaluation, Policies
    from pytest_vpcep.snapshot import Snapshot

DEFAULT_ACTIONS = ("s3:ListBucket", "s3:GetObject")

#: What a policy may say that tells apart requests of one role over one endpoint, in lower case.
_BY_ADDRESS = ("aws:sourceip", "aws:vpcsourceip")
_BY_SESSION = (":assumed-role/", "aws:userid")
_BY_INSTANCE = (
    "aws:ec2instancesourcevpc",
    "aws:ec2instancesourceprivateipv4",
    "ec2:sourceinstancearn",
)
_TELLING = (*_BY_ADDRESS, *_BY_SESSION, *_BY_INSTANCE)

_TYPE_NAMES = {
    PolicyType.IDENTITY: "identity-based policy",
    PolicyType.PERMISSIONS_BOUNDARY: "permissions boundary",
    PolicyType.RESOURCE: "bucket policy",
    PolicyType.VPC_ENDPOINT: "VPC endpoint policy",
}


@dataclass(frozen=True)
class Column:
    """One action on one bucket.

    Args:
        bucket: the bucket's name.
        action: such as ``s3:GetObject``.
        resource: ARN of the bucket, or of an object in it.

    """

    bucket: str
    action: str
    resource: str


@dataclass(frozen=True)
class Cell:
    """What becomes of one request.

    Args:
        outcome: allowed, denied, unreachable or undetermined.
        via: id of the gateway or endpoint by which it leaves the VPC; None where it leaves none.
        code: what stops it: Reachability Analyzer's code of a blocked path, ``explicitDeny`` or
            ``implicitDeny``; None where nothing does or it cannot be told.
        reason: what stops it, or why it cannot be told, in words; empty where it is allowed.

    """

    outcome: RequestOutcome
    via: str | None = None
    code: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Block:
    """Rows that are equal: askers with the same policies and the same cells.

    Args:
        askers: the rows.
        cells: what becomes of their requests; the reasons of several rows name "its instance" and
            "its network interface" in place of each one's own.

    """

    askers: tuple[Asker, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, repr=False)
class Matrix:
    """Every asker by every bucket and action.

    Args:
        snapshot: the configuration it was decided on.
        askers: its rows.
        columns: its columns, those of one bucket side by side.
        cells: by row, then by column; equal cells are one object.
        left_out: ids of the instances without network interface, which ask nothing.

    """

    snapshot: Snapshot
    askers: tuple[Asker, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    left_out: tuple[str, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Yield the rows, equal ones together, in the order of each block's first."""
        alike: dict[tuple[object, ...], list[int]] = {}
        shown: dict[Cell, Cell] = {}
        for row, (asker, cells) in enumerate(zip(self.askers, self.cells, strict=True)):
            numbers = {}
            for own in {id(cell): cell for cell in cells}.values():
                general = self._in_general(asker, own)
                numbers[id(own)] = id(shown.setdefault(general, general))
            look = (asker.identity, asker.note, asker.place == CONSOLE)
            key = (*look, *(numbers[id(cell)] for cell in cells))
            alike.setdefault(key, []).append(row)
        for rows in alike.values():
            first = self.cells[rows[0]]
            if len(rows) > 1:
                first = tuple(self._in_general(self.askers[rows[0]], cell) for cell in first)
            yield Block(tuple(self.askers[row] for row in rows), first)

    def _in_general(self, asker: Asker, cell: Cell) -> Cell:
        """Return a cell whose reason does not name the asker's own instance and interface."""
        if not cell.reason or asker.place == CONSOLE:
            return cell
        topology = self.snapshot.topology
        interface = topology.interface(interface_of(topology, asker.place))
        reason = _unnamed(cell.reason, interface.id, "network interface")
        if interface.attached_to is not None:
            reason = _unnamed(reason, interface.attached_to, "instance")
        return replace(cell, reason=reason)

    def count(self) -> dict[RequestOutcome, int]:
        """Return how many cells have each outcome."""
        counted = dict.fromkeys(RequestOutcome, 0)
        for cells in self.cells:
            for cell in cells:
                counted[cell.outcome] += 1
        return counted


def _unnamed(text: str, identifier: str, kind: str) -> str:
    if identifier not in text:
        return text
    return re.sub(rf"(?:\b{kind} )?(?<![\w-]){re.escape(identifier)}(?![\w-])", f"its {kind}", text)


def access_matrix(
    snapshot: Snapshot,
    *,
    places: Iterable[str] = (),
    principals: Iterable[str] = (),
    buckets: Iterable[str] = (),
    actions: Iterable[str] = (),
    key: str = "*",
) -> Matrix:
    """Decide every action on every bucket from every place.

    Args:
        snapshot: the account's configuration.
        places: ``console``, instances and network interfaces; none: the console and every instance.
        principals: who asks; none: from an instance its role or, without one, ``anonymous``, and
            from the console every IAM user.
        buckets: names of buckets; none: all in the snapshot.
        actions: S3 actions on buckets or objects; none: ``s3:ListBucket`` and ``s3:GetObject``.
        key: the object that actions on objects are about. The default, ``*``, is one that only
            statements on all objects of the bucket cover.

    Raises:
        RequestError: the snapshot has no such place, principal or bucket, or an action is neither
            on buckets nor on objects.
        SnapshotError: a value in the snapshot is not of AWS's response shape.

    """
    places = tuple(places)
    askers = tuple(find_askers(snapshot, places, principals))
    columns = tuple(_columns(snapshot, buckets, tuple(actions) or DEFAULT_ACTIONS, key))
    return Matrix(
        snapshot,
        askers,
        columns,
        _Sheet(snapshot, askers, columns).fill(),
        () if places else instances_without_interface(snapshot),
    )


def request_of(asker: Asker, column: Column) -> Request:
    """Return the request of a cell, of an asker whose principal is known.

    Args:
        asker: the cell's row.
        column: the cell's column.

    """
    principal = asker.principal or ""
    return Request(principal, column.action, column.resource)


def _columns(
    snapshot: Snapshot, buckets: Iterable[str], actions: Sequence[str], key: str
) -> Iterator[Column]:
    names = tuple(dict.fromkeys(buckets)) or tuple(snapshot.buckets)
    if not names:
        raise RequestError("the snapshot has no buckets to ask about; collect it with --bucket")
    for name in names:
        snapshot.bucket(name)
        for action in dict.fromkeys(actions):
            yield Column(name, action, _resource(snapshot.partition, name, action, key))


def _resource(partition: str, bucket: str, action: str, key: str) -> str:
    service, _, operation = action.lower().partition(":")
    arn = f"arn:{partition}:s3:::{bucket}"
    if service == "s3" and operation in BUCKET_ACTIONS:
        return arn
    if service == "s3" and operation in OBJECT_ACTIONS:
        return f"{arn}/{key}"
    raise RequestError(
        f"action {action!r} is no S3 action on a bucket or object; name one like s3:ListBucket"
    )


@dataclass(frozen=True, slots=True)
class _Member:
    """A row whose request arrives, and the way it comes."""

    row: int
    asker: Asker
    path: Path | None


class _Sheet:
    """The cells while they are being filled in."""

    def __init__(
        self, snapshot: Snapshot, askers: Sequence[Asker], columns: Sequence[Column]
    ) -> None:
        self._snapshot = snapshot
        self._askers = askers
        self._columns = columns
        self._rows: list[list[Cell]] = [
            [Cell(RequestOutcome.UNDETERMINED)] * len(columns) for _ in askers
        ]
        self._cells: dict[Cell, Cell] = {}
        # By identity, since comparing compiled policies is long; kept, so that no id comes again.
        self._telling: dict[int, tuple[Policy, frozenset[str]]] = {}

    def fill(self) -> tuple[tuple[Cell, ...], ...]:
        """Decide every cell."""
        by_region: dict[str, list[int]] = {}
        for number, column in enumerate(self._columns):
            request = Request("", column.action, column.resource)
            by_region.setdefault(destination_region(self._snapshot, request), []).append(number)
        for numbers in by_region.values():
            self._fill_region(numbers)
        return tuple(map(tuple, self._rows))

    def _fill_region(self, numbers: Sequence[int]) -> None:
        """Decide the columns of one Region, which every interface reaches by one way."""
        paths: dict[str, Path | None] = {}
        alike: dict[tuple[object, ...], list[_Member]] = {}
        for row, asker in enumerate(self._askers):
            path = self._path(asker, self._columns[numbers[0]], paths)
            stopped = _stopped(asker, path)
            if stopped is not None:
                self._put([row], numbers, stopped)
                continue
            way = (path.via, path.endpoint, path.source_vpc) if path else None
            alike.setdefault((asker.identity, way), []).append(_Member(row, asker, path))
        for members in alike.values():
            for number in numbers:
                self._decide(members, number)

    def _path(self, asker: Asker, column: Column, known: dict[str, Path | None]) -> Path | None:
        if asker.place == CONSOLE:
            return None
        interface = interface_of(self._snapshot.topology, asker.place)
        if interface not in known:
            known[interface] = trace(self._snapshot, interface, request_of(asker, column))
        return known[interface]

    def _decide(self, members: Sequence[_Member], number: int) -> None:
        """Decide one column for rows of one identity and way, one decision for those alike."""
        telling = self._what_tells_apart(members[0], number)
        apart: dict[tuple[object, ...], list[_Member]] = {}
        for member in members if telling else ():
            values = tuple(_value(self._snapshot, word, member) for word in telling)
            apart.setdefault(values, []).append(member)
        for same in apart.values() if telling else (members,):
            first = same[0]
            request = request_of(first.asker, self._columns[number])
            decision = decide_on_path(self._snapshot, first.asker.place, request, first.path)
            self._put([member.row for member in same], [number], cell_of(decision))

    def _what_tells_apart(self, member: _Member, number: int) -> tuple[str, ...]:
        request = request_of(member.asker, self._columns[number])
        try:
            policies = policies_for(self._snapshot, request, member.path)
        except (PolicyRefused, SnapshotError):
            # What cannot be read is the same for all of one identity.
            return ()
        return tuple(sorted(frozenset().union(*map(self._telling_in, _each(policies)))))

    def _telling_in(self, policy: Policy) -> frozenset[str]:
        known = self._telling.get(id(policy))
        if known is None:
            text = json.dumps(policy.to_document(), ensure_ascii=False).lower()
            known = (policy, frozenset(word for word in _TELLING if word in text))
            self._telling[id(policy)] = known
        return known[1]

    def _put(self, rows: Iterable[int], numbers: Sequence[int], cell: Cell) -> None:
        cell = self._cells.setdefault(cell, cell)
        for row in rows:
            for number in numbers:
                self._rows[row][number] = cell


def _stopped(asker: Asker, path: Path | None) -> Cell | None:
    """Return the cell of a request that does not arrive, or whose principal is not known."""
    if path is not None and path.undetermined:
        return Cell(RequestOutcome.UNDETERMINED, path.via, reason=path.undetermined)
    if path is not None and path.blocked:
        blocked = path.blocked
        return Cell(RequestOutcome.UNREACHABLE, path.via, blocked.code, blocked.detail)
    if asker.principal is None:
        via = path.via if path else None
        return Cell(RequestOutcome.UNDETERMINED, via, reason=asker.note)
    return None


def _value(snapshot: Snapshot, word: str, member: _Member) -> str | None:
    """Return a member's own value of what a policy asks for."""
    if word in _BY_ADDRESS:
        return member.path.source_ip if member.path else None
    if word in _BY_SESSION:
        return member.asker.principal
    carried = instance_context(snapshot, member.asker.place, member.asker.principal or "")
    return {key.lower(): value for key, value in carried.items()}.get(word)


def _each(policies: Policies) -> Iterator[Policy]:
    yield from policies.identity
    for policy in (policies.permissions_boundary, policies.resource, policies.vpc_endpoint):
        if policy is not None:
            yield policy


def cell_of(decision: Decision) -> Cell:
    """Return what a matrix shows of a decision on a request that arrives.

    Args:
        decision: the decision.

    """
    evaluation = decision.evaluation
    if decision.undetermined is not None or evaluation is None:
        return Cell(decision.outcome, decision.via, reason=decision.undetermined or "")
    if decision.allowed:
        return Cell(decision.outcome, decision.via)
    return Cell(decision.outcome, decision.via, str(evaluation.outcome), _denial(evaluation))


def _denial(evaluation: Evaluation) -> str:
    by = evaluation.decided_by
    name = _TYPE_NAMES.get(by, str(by)) if by else "policy"
    if evaluation.outcome is Outcome.IMPLICIT_DENY or evaluation.statement is None:
        return f"no {name} allows it"
    statement = evaluation.statement
    sid = f' "{statement.sid}"' if statement.sid else ""
    of = f" of {statement.policy}" if statement.policy else ""
    return f"explicit deny in the {name}{of}, statement {statement.index + 1}{sid}"
