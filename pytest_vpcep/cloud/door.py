"""How a botocore session reaches the simulated cloud while it keeps AWS's own URLs.

A handler of botocore's ``before-send`` event hands the request, signed for AWS and unchanged, to
a transport and gives botocore the answer. The AWS command line carries a botocore of its own, so
nothing here imports botocore: the botocore that made a request is used to answer it.
"""

from __future__ import annotations

import http.client
import io
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_vpcep.errors import CloudError

OUTCOME_HEADER = "x-vpcep-outcome"
UNREACHABLE = "unreachable"

# What botocore's own retry handlers fall back to: `_retry.json`, and `retries/standard.py`.
_DEFAULT_ATTEMPTS = {"legacy": 5, "standard": 3, "adaptive": 3}
# Three levels deep, so that botocore's emitter calls us ahead of every other handler.
_BEFORE_SEND = "before-send.*.*"
_NEEDS_RETRY = "needs-retry.*.*"


@dataclass(frozen=True)
class Answer:
    """What came back for one HTTP request.

    Args:
        status: HTTP status code.
        headers: response headers.
        body: the whole response body.
        unreachable: True when no packet reaches the service; the rest then means nothing.

    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    unreachable: bool = False


Transport = Callable[[str, str, Mapping[str, Any], Any], Answer]
"""``transport(method, url, headers, body)``: body is None, bytes, str or has ``read``."""


class _Body(io.BytesIO):
    """An answer's body with the one method of urllib3's response that botocore adds to a file."""

    def stream(self, amt: int = 65536, **_: object) -> Iterator[bytes]:
        """Yield what is left in pieces of at most `amt` bytes."""
        while piece := self.read(amt):
            yield piece


def register(emitter: Any, transport: Transport) -> None:
    """Let every request of a botocore session be answered by `transport`.

    Clients made afterwards are covered; those made before keep their own handlers.

    Args:
        emitter: a botocore session's event emitter, a client's ``meta.events``, or anything else
            with their ``register_first``.
        transport: answers one request; see :data:`Transport`.

    """

    def send(request: Any, **_: Any) -> Any:
        answer = transport(request.method, request.url, request.headers, request.body)
        module = type(request).__module__
        if answer.unreachable:
            exceptions = sys.modules[module.rpartition(".")[0] + ".exceptions"]
            raise exceptions.ConnectTimeoutError(endpoint_url=request.url)
        response = sys.modules[module].AWSResponse(
            request.url, answer.status, answer.headers, _Body(answer.body)
        )
        if not request.stream_output:
            _ = response.content
        return response

    emitter.register_first(_BEFORE_SEND, send, unique_id="vpcep-door-send")
    emitter.register_first(_NEEDS_RETRY, retry_at_once, unique_id="vpcep-door-retry")


def retry_at_once(
    attempts: int, request_dict: Mapping[str, Any], caught_exception: object = None, **_: Any
) -> int | None:
    """Take the waiting, and only the waiting, out of retries of a connect timeout.

    botocore takes the first answer of its ``needs-retry`` handlers as the seconds to wait; with
    no attempt left, its own handler ends the request.

    Args:
        attempts: how many attempts were made.
        request_dict: botocore's request, for the client's retry settings.
        caught_exception: what the last attempt ended in.

    """
    if type(caught_exception).__name__ != "ConnectTimeoutError":
        return None
    context = request_dict["context"]
    settings = context["client_config"].retries
    maximum = (
        context.get("retries", {}).get("max")
        or settings.get("total_max_attempts")
        or _DEFAULT_ATTEMPTS[settings["mode"]]
    )
    return 0 if attempts < maximum else None


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


class HttpTransport:
    """Sends requests as HTTP/1.1 in absolute form, as to a proxy, to a gate's address.

    The request line carries AWS's URL (``PUT https://bucket.s3.us-east-1.amazonaws.com/key
    HTTP/1.1``) and the headers are the signed ones. An answer with the header
    ``x-vpcep-outcome: unreachable`` means that the request has no way out.

    Args:
        address: ``http://HOST:PORT`` or ``unix:/path/of/socket``.

    Raises:
        CloudError: `address` is neither.

    """

    def __init__(self, address: str) -> None:
        self.address = address
        parts = urlsplit(address)
        if parts.scheme == "unix" and parts.path.startswith("/"):
            self._connect: Callable[[], http.client.HTTPConnection] = lambda: _UnixConnection(
                parts.path
            )
        elif parts.scheme == "http" and parts.hostname:
            self._connect = lambda: http.client.HTTPConnection(parts.netloc)
        else:
            raise CloudError(
                f"gate address {address!r}: expected http://HOST:PORT or unix:/path/of/socket"
            )

    def __call__(self, method: str, url: str, headers: Mapping[str, Any], body: Any) -> Answer:
        """Send one request and read its whole answer.

        Raises:
            CloudError: nobody listens at the address, or the connection broke.

        """
        connection = self._connect()
        try:
            connection.request(method, url, body, dict(headers.items()), encode_chunked=True)
            response = connection.getresponse()
            received = dict(response.getheaders())
            outcome = response.headers.get(OUTCOME_HEADER)
            return Answer(response.status, received, response.read(), outcome == UNREACHABLE)
        except (OSError, http.client.HTTPException) as error:
            raise CloudError(
                f"the simulated cloud does not answer at {self.address}: {error!r}"
            ) from error
        finally:
            connection.close()


def connect(session: Any, address: str) -> None:
    """Send every request of a botocore session to the simulated cloud at `address`.

    Args:
        session: a ``botocore.session.Session`` (boto3's is ``boto3_session._session``), or an
            event emitter of botocore.
        address: ``http://HOST:PORT`` or ``unix:/path/of/socket``, of one vantage point.

    Raises:
        CloudError: `address` is no such address.

    """
    transport = HttpTransport(address)
    component = getattr(session, "get_component", None)
    register(component("event_emitter") if component else session, transport)
