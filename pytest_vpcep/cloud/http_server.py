"""The gate over HTTP: one address on loopback, or one Unix socket, per vantage point."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.cloud.door import OUTCOME_HEADER, UNREACHABLE, Answer
from pytest_vpcep.errors import CloudError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    Answerer = Callable[[HttpRequest], Answer]

#: Informally "network connect timeout error"; botocore takes it as final and does not wait.
_CONNECT_TIMEOUT = 599
_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})


class _Quiet(WSGIRequestHandler):
    """Serves without a log line per request, which would hold presigned signatures."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing."""


def _listening(host: str, port: int) -> socket.socket:
    """A bound socket, made here since werkzeug ends the process when a port is taken."""
    if not isinstance(port, int) or not 0 <= port < 2**16:
        message = f"there is no port {port!r}; give another port, or 0 for a free one"
        raise CloudError(message)
    try:
        if not host.startswith("unix:"):
            return socket.create_server((host, port))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(host.removeprefix("unix://"))
        listener.listen(128)
    except OSError as error:
        where = host if host.startswith("unix:") else f"{host}:{port}"
        message = f"cannot listen on {where}: {error}; give another port, or 0 for a free one"
        raise CloudError(message) from error
    return listener


class HttpServer:
    """Serves one vantage point's requests until closed.

    Args:
        answer: answers one request; called from several threads.
        host: ``127.0.0.1``, or ``unix:///path/of/socket``.
        port: a port, 0 for any that is free.

    Raises:
        CloudError: the port is taken, or the socket cannot be made.

    """

    def __init__(self, answer: Answerer, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._answer = answer
        with _listening(host, port) as listener:
            bound = listener.getsockname()
            self._server = make_server(
                host,
                port,
                self._application,
                threaded=True,
                request_handler=_Quiet,
                fd=listener.fileno(),
            )
        self._thread = threading.Thread(target=self._serve, name="vpcep-http", daemon=True)
        self._thread.start()
        self.address = (
            f"unix:{host.removeprefix('unix://')}"
            if host.startswith("unix:")
            else f"http://{host}:{bound[1]}"
        )

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop serving and give the address back."""
        # Wakes the thread that waits for connections; it would notice at its next look otherwise.
        with contextlib.suppress(OSError):
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _application(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            answer = self._answer(_http_request(environ))
        except RequestError as error:
            answer = Answer(400, {"content-type": "text/plain"}, str(error).encode())
        if answer.unreachable:
            answer = _connect_timeout(answer)
        headers = [
            (name, value)
            for name, value in answer.headers.items()
            if name.lower() not in _HOP_BY_HOP
        ]
        start_response(f"{answer.status} -", [*headers, ("Content-Length", str(len(answer.body)))])
        return [answer.body]


def _connect_timeout(answer: Answer) -> Answer:
    headers = {OUTCOME_HEADER: UNREACHABLE, "content-type": "application/xml"}
    return Answer(_CONNECT_TIMEOUT, headers, answer.body)


def _http_request(environ: WSGIEnvironment) -> HttpRequest:
    target = environ["REQUEST_URI"]
    url = target if "://" in target.partition("?")[0] else f"http://{environ['HTTP_HOST']}{target}"
    headers = {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    length = environ.get("CONTENT_LENGTH")
    chunked = environ.get("wsgi.input_terminated")
    body = environ["wsgi.input"].read() if chunked else environ["wsgi.input"].read(int(length or 0))
    return HttpRequest(environ["REQUEST_METHOD"], url, headers, body)
