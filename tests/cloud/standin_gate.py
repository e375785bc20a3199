"""A small HTTP server in the gate's place: it records requests in absolute form and answers them.

It knows no AWS: a test gives it the answers, by what the URL contains.
"""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """One request as it reached the server."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What the server says to a request whose method and URL hold the given parts."""

    method: str
    url_part: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class StandInGate:
    """Address, replies (first match wins; none: no way out) and the requests seen."""

    address: str
    replies: list[Reply]
    seen: list[Seen]


def _read_chunked(stream: object) -> bytes:
    pieces = []
    while size := int(stream.readline().split(b";")[0], 16):
        pieces.append(stream.read(size))
        stream.readline()
    stream.readline()
    return b"".join(pieces)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return "local"

    def _answer(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = _read_chunked(self.rfile)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        gate: StandInGate = self.server.gate
        gate.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
        reply = next(
            (r for r in gate.replies if r.method == self.command and r.url_part in self.path),
            Reply(self.command, "", 504, {"x-vpcep-outcome": "unreachable"}),
        )
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def standin_gate(replies: list[Reply], unix_path: Path | None = None) -> Iterator[StandInGate]:
    """Serve `replies` on a free loopback port, or on a Unix socket where a path is given."""
    if unix_path:
        server = _UnixServer(os.fspath(unix_path), _Handler)
        address = f"unix:{unix_path}"
    else:
        server = _TcpServer(("127.0.0.1", 0), _Handler)
        address = f"http://127.0.0.1:{server.server_address[1]}"
    server.gate = StandInGate(address, replies, [])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.gate
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


LIST_BUCKETS = Reply(
    "GET",
    "ListBuckets",
    headers={"Content-Type": "application/xml"},
    body=b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Owner><ID>1</ID></Owner><Buckets><Bucket><Name>lab-bucket</Name>"
    b"<CreationDate>2024-01-02T03:04:05.000Z</CreationDate></Bucket></Buckets>"
    b"</ListAllMyBucketsResult>",
)
