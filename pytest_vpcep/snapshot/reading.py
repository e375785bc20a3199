"""One read-only call at a time: its answer as plain data, or AWS's refusal on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.snapshot.document import NotPermitted

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from pytest_vpcep.snapshot.calls import Call

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Refusals of one call that leave the others standing. "Common error codes for the Amazon EC2
#: API", "Error responses" (Amazon S3 API Reference), "Common errors" (IAM API Reference).
REFUSALS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "InvalidAction",
        "NotImplemented",
        "UnauthorizedOperation",
        "UnsupportedOperation",
    }
)

_REMEDY = "check the credentials (--profile), the Region (--region) and the network"


@dataclass(frozen=True)
class Reading:
    """Makes the calls of one collection.

    Args:
        record: told of each call that is refused.
        progress: told of each call that is made, by operation.
        executor: where calls that do not wait for each other are made; None: one by one.

    """

    record: Callable[[NotPermitted], None]
    progress: Callable[[str], None] = field(default=lambda _operation: None)
    executor: Executor | None = None

    def each(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """Return the function's result for each item, in order."""
        if self.executor is None:
            return [function(item) for item in items]
        return list(self.executor.map(function, items))

    def read(
        self,
        client: Any,
        call: Call,
        place: str,
        *,
        absent: frozenset[str] = frozenset(),
        **parameters: Any,
    ) -> dict[str, Any] | None:
        """Make a call, all its pages, and return what it answers without ``ResponseMetadata``.

        Args:
            client: a boto3 client of the call's service.
            call: the call.
            place: what it fills in the snapshot.
            absent: error codes that mean "there is none", answered as ``{}``.
            parameters: the call's parameters.

        Returns:
            The answer with every time as text; None where the call was refused.

        Raises:
            SnapshotError: it failed for another reason.

        """
        from botocore.exceptions import BotoCoreError, ClientError

        self.progress(call.operation)
        try:
            answer = _answer(client, call, parameters)
        except ClientError as error:
            if error.response["Error"].get("Code") in absent:
                return {}
            self.record(_refusal(error, call, place))
        except NotImplementedError as error:
            self.record(NotPermitted(place, call.operation, "NotImplemented", str(error)))
        except BotoCoreError as error:
            raise SnapshotError(f"{call.operation}: {error}; {_REMEDY}") from error
        else:
            return {key: plain(value) for key, value in answer.items()}
        return None


def refuse(gap: NotPermitted) -> None:
    """Take no refusal: what has nowhere to be recorded must not be lost in silence.

    Raises:
        SnapshotError: always.

    """
    raise SnapshotError(f"{gap.place} cannot be collected: {gap}")


#: Takes no refusal, where a caller has nowhere to record it.
STRICT = Reading(refuse)


def _answer(client: Any, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
    from botocore import xform_name

    method = xform_name(call.operation)
    if client.can_paginate(method):
        pages = client.get_paginator(method).paginate(**parameters)
        whole: dict[str, Any] = pages.build_full_result()
        return whole
    answer: dict[str, Any] = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata", None)
    return answer


def _refusal(error: ClientError, call: Call, place: str) -> NotPermitted:
    said = error.response["Error"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code, message = said.get("Code", ""), said.get("Message", "")
    if code not in REFUSALS and status != 501:
        raise SnapshotError(f"{call.operation}: {code}: {message}; {_REMEDY}") from error
    return NotPermitted(place, call.operation, code, message)


def plain(value: Any) -> Any:
    """Return boto3's answer as JSON knows it: times as ISO 8601 text in UTC."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return moment(value) if isinstance(value, datetime) else value


def moment(time: datetime) -> str:
    """Return a time as AWS writes it, such as ``2026-01-31T12:00:00Z``."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
