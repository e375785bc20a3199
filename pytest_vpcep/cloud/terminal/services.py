"""Threads of the test process that answer what comes out of a terminal's network namespace."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit


class Service:
    """Accepts connections on a socket that was made inside a terminal.

    Args:
        listener: the listening socket; closed with the service.
        handle: answers one connection, in a thread of its own; need not close it.
        name: for the threads' names.
    """

    def __init__(
        self, listener: socket.socket, handle: Callable[[socket.socket], None], name: str
    ) -> None:
        self._listener = listener
        self._handle = handle
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._name = name
        self._thread = threading.Thread(target=self._accept, name=name, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name=self._name, daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):  # the terminal's side broke off
                self._handle(connection)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def close(self) -> None:
        """Stop accepting, and break off what is open."""
        # Wakes the thread that is in accept(); closing alone would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def relay_to(address: str) -> Callable[[socket.socket], None]:
    """Make a handler that passes a connection on to a gate's address, bytes unchanged.

    Args:
        address: ``http://HOST:PORT`` or ``unix:/path/of/socket``.
    """
    parts = urlsplit(address)

    def handle(connection: socket.socket) -> None:
        if parts.scheme == "unix":
            gate = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            gate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with gate:
            gate.connect(parts.path if parts.scheme == "unix" else (parts.hostname, parts.port))
            back = threading.Thread(target=_pump, args=(gate, connection), daemon=True)
            back.start()
            _pump(connection, gate)
            back.join()

    return handle


def _pump(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side may break off
        while data := source.recv(65536):
            to.sendall(data)
    with contextlib.suppress(OSError):
        to.shutdown(socket.SHUT_WR)
