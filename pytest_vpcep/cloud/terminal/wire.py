"""Messages between the test process, the workshop, the agents and the programs of a terminal.

A message is a list of byte strings without NUL, and open files that travel with it. The small
programs inside a terminal speak it too, without this module (see ``programs.py``).
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SIZE = struct.Struct("!I")
_STATUS = struct.Struct("!i")
_LARGEST = 8 * 1024 * 1024
_MOST_FILES = 8

SHELL = "shell"
AWS = "aws"
SUDO = "sudo"


@dataclass(frozen=True)
class Request:
    """One program to run inside a terminal.

    Args:
        program: ``shell``, ``aws`` or ``sudo``.
        directory: where to run it, an absolute path inside the terminal.
        umask: its file-mode creation mask.
        arguments: without the program's own name; for ``shell`` the one command line.
        environment: its whole environment.
    """

    program: str
    directory: str
    umask: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def __repr__(self) -> str:
        """Name the program only: arguments and environment may hold secrets."""
        return f"Request({self.program})"

    def fields(self) -> list[bytes]:
        """Give the request as the byte strings of a message."""
        head = [self.program, self.directory, str(self.umask), str(len(self.arguments))]
        pairs = [f"{name}={value}" for name, value in self.environment.items()]
        return [os.fsencode(field) for field in (*head, *self.arguments, *pairs)]

    @classmethod
    def from_fields(cls, fields: Sequence[bytes]) -> Request:
        """Read a request back.

        Raises:
            ValueError: the message is no request.
        """
        program, directory, umask, count, *rest = (os.fsdecode(field) for field in fields)
        arguments, pairs = rest[: int(count)], rest[int(count) :]
        environment = {}
        for pair in pairs:
            name, _, value = pair.partition("=")
            environment[name] = value
        return cls(program, directory, int(umask), tuple(arguments), environment)


def send(to: socket.socket, fields: Sequence[bytes], files: Sequence[int] = ()) -> None:
    """Send one message; `files` are file descriptors that the receiver gets copies of."""
    data = b"\0".join(fields)
    socket.send_fds(to, [_SIZE.pack(len(data))], files)
    to.sendall(data)


def receive(source: socket.socket) -> tuple[list[bytes], list[int]] | None:
    """Wait for one message and the files that came with it; None when the other side is gone.

    Raises:
        ValueError: what came is too large to be one.
    """
    try:
        head, files, _, _ = socket.recv_fds(source, _SIZE.size, _MOST_FILES)
    except ConnectionResetError:
        return None
    (size,) = _SIZE.unpack(head) if len(head) == _SIZE.size else (_LARGEST + 1,)
    try:
        if not head:
            return None
        if size > _LARGEST:
            raise ValueError("a message that is too large or broken off")
        data = _receive_exactly(source, size)
    finally:
        if not head or size > _LARGEST:
            close_all(files)
    if data is None:
        close_all(files)
        return None
    for file in files:
        fcntl.fcntl(file, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    return data.split(b"\0"), files


def _receive_exactly(source: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = source.recv(min(size - len(data), 65536))
        if not piece:
            return None
        data += piece
    return bytes(data)


def close_all(files: Sequence[int]) -> None:
    """Close file descriptors."""
    for file in files:
        os.close(file)


def send_status(to: socket.socket, status: int) -> None:
    """Tell how a program ended: its exit status, 128 + N where signal N ended it."""
    to.sendall(_STATUS.pack(status))


def receive_status(source: socket.socket) -> int | None:
    """Read how a program ended; None when the other side is gone without saying."""
    try:
        data = source.recv(_STATUS.size)
    except ConnectionResetError:
        return None
    return int(_STATUS.unpack(data)[0]) if len(data) == _STATUS.size else None
