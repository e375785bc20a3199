"""The instance metadata service of one terminal, version 2 only.

A session token is asked for with PUT and sent with every request; see "IMDS versions" in the AWS
Snowball Edge Developer Guide, which describes the same service: without the time-to-live header
the answer is 400, a time to live is 1 second to 6 hours. Amazon Linux 2023 requires version 2, so
a request without a token is answered 401.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

Metadata = Callable[[str, str, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""``metadata(method, path, headers) -> (status, headers, body)``, asked with valid tokens only."""

_TOKEN_PATH = "/latest/api/token"  # noqa: S105
_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105
_TTL = "X-aws-ec2-metadata-token-ttl-seconds"
_LONGEST = 21_600


class MetadataService:
    """Answers the connections of one terminal to its metadata address.

    Args:
        metadata: what the service knows; see :data:`Metadata`.
    """

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()

    def handle(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until it ends."""
        _Handler(connection, self)

    def answer(
        self, method: str, path: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Answer one request."""
        if path == _TOKEN_PATH:
            return self._grant(headers.get(_TTL, "")) if method == "PUT" else (405, {}, b"")
        if method not in ("GET", "HEAD"):
            return 405, {}, b""
        if not self._is_valid(headers.get(_TOKEN, "")):
            return 401, {}, b""
        return self._metadata(method, path, headers)

    def _grant(self, ttl: str) -> tuple[int, Mapping[str, str], bytes]:
        if not (ttl.isascii() and ttl.isdecimal() and 1 <= int(ttl) <= _LONGEST):
            return 400, {}, b""
        token = secrets.token_urlsafe(40)
        with self._lock:
            self._tokens[token] = time.monotonic() + int(ttl)
        return 200, {_TTL: ttl}, token.encode()

    def _is_valid(self, token: str) -> bool:
        with self._lock:
            return self._tokens.get(token, 0) > time.monotonic()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "EC2ws", ""
    timeout = 30
    wbufsize = -1

    def __init__(self, connection: socket.socket, service: MetadataService) -> None:
        self._service = service
        no_server: Any = None
        super().__init__(connection, ("", 0), no_server)

    def log_message(self, *_: object) -> None:
        """Say nothing: a path may name a role, a header holds a token."""

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        self.rfile.read(min(int(length), 65536) if length.isdecimal() else 0)
        headers = {name.title(): value for name, value in self.headers.items()}
        canonical = {name: headers.get(name.title(), "") for name in (_TOKEN, _TTL)}
        status, given, body = self._service.answer(
            self.command, self.path.partition("?")[0], headers | canonical
        )
        self.send_response(status)
        for name, value in given.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815
