"""boto3 clients whose requests go past the gate, straight to moto, in whichever account is meant.

Making a client of EC2 costs more than ten requests do, so all simulated accounts of a process
share one per service and Region.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.credentials import Credential
from pytest_vpcep.cloud.sessions import SimulatedSession, http_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_vpcep.cloud.door import Answer

_account: ContextVar[str] = ContextVar("account")
#: Nobody checks who signs here; botocore wants somebody to.
_ANYBODY = Credential("anybody", "anybody", "anybody", "nothing")


def _to_moto(method: str, url: str, headers: Mapping[str, Any], body: Any) -> Answer:
    return moto_backend.forward(http_request(method, url, headers, body), _account.get())


@cache
def _session(region: str) -> SimulatedSession:
    return SimulatedSession(_ANYBODY, region, _to_moto)


@contextmanager
def client_in(account: str, service: str, region: str) -> Iterator[Any]:
    """A boto3 client that acts in an account for as long as the ``with`` statement lasts.

    Args:
        account: account id.
        service: the service, as boto3 calls it.
        region: the Region.

    """
    before = _account.set(account)
    try:
        yield _session(region).client(service)
    finally:
        _account.reset(before)
