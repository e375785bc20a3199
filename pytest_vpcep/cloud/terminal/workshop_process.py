"""The test process's side of the workshop: starting it, asking it for terminals, ending it."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

from pytest_vpcep.cloud.terminal import wire
from pytest_vpcep.errors import TerminalError

# The same search path as here, whatever put it together: the workshop is to find the same awscli.
_BOOT = """\
import json, sys
sys.path[:] = json.load(sys.stdin)
from pytest_vpcep.cloud.terminal.workshop import main
main(int(sys.argv[1]))
"""


class _Workshop:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pid = os.getpid()
        self._connection, other_end = socket.socketpair()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-X", "utf8", "-c", _BOOT, str(other_end.fileno())],
            pass_fds=(other_end.fileno(),),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent"},
        )
        other_end.close()
        path = json.dumps([os.path.abspath(entry) for entry in sys.path])  # noqa: PTH100
        if self._process.stdin:
            with self._process.stdin as stdin:
                stdin.write(path.encode())

    def ask(self, fields: Sequence[bytes]) -> list[int]:
        with self._lock:
            try:
                wire.send(self._connection, fields)
                answer = wire.receive(self._connection)
            except OSError:
                answer = None
        if answer is None:
            raise TerminalError("the process that runs the terminals has ended; start the run anew")
        (said, *detail), files = answer
        if said != b"opened":
            raise TerminalError(f"the terminal cannot be opened: {detail[0].decode()}")
        return files

    def close(self) -> None:
        self._connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_started: list[_Workshop] = []
_starting = threading.Lock()


def prewarm() -> None:
    """Start importing awscli in a process beside this one, and come back at once.

    Terminals opened later find it ready. Called again it does nothing.
    """
    _workshop()


def _workshop() -> _Workshop:
    with _starting:
        if _started and _started[0].pid != os.getpid():
            _started.clear()  # a fork of the process that it belongs to
        if not _started:
            _started.append(_Workshop())
            atexit.register(end)
        return _started[0]


def open_terminal(kind: str, hostname: str, region: str, gate: str) -> list[int]:
    """Open a terminal.

    Args:
        kind: ``bubblewrap`` or ``directory``.
        hostname: of the instance.
        region: of the instance.
        gate: address of the simulated cloud.

    Returns:
        File descriptors: the agent's connection, and for ``bubblewrap`` the lifeline.

    Raises:
        TerminalError: it cannot be opened, and why.
    """
    fields = [kind.encode(), hostname.encode(), region.encode(), gate.encode()]
    return _workshop().ask(fields)


def end() -> None:
    """End the workshop, and with it every terminal that is still open."""
    with _starting:
        while _started:
            workshop = _started.pop()
            if workshop.pid == os.getpid():
                workshop.close()
