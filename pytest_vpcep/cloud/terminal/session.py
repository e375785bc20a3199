"""A terminal session on a simulated instance."""

from __future__ import annotations

import atexit
import os
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from pytest_vpcep.cloud import host_support
from pytest_vpcep.cloud.door import HttpTransport
from pytest_vpcep.cloud.terminal import programs, wire, workshop_process
from pytest_vpcep.cloud.terminal.command import CommandOutput, RunningCommand
from pytest_vpcep.cloud.terminal.metadata import Metadata, MetadataService
from pytest_vpcep.cloud.terminal.services import Service, relay_to
from pytest_vpcep.errors import TerminalError

__all__ = ["CommandOutput", "Terminal", "open_terminals", "prewarm", "terminals_on_demand"]

_HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62})")
_DEFAULT_TIMEOUT = 60.0

open_terminals: dict[str, Terminal] = {}
"""The terminals open in this process, by instance id."""

terminals_on_demand: dict[str, Callable[[], Terminal]] = {}
"""Names that a terminal is opened for when it is first asked for, and what opens it."""

prewarm = workshop_process.prewarm


def _knows_nothing(*_: object) -> tuple[int, dict[str, str], bytes]:
    return 404, {}, b""


class Terminal:
    """A shell of ec2-user on one simulated instance, until it is closed.

    Files under ``/home/ec2-user``, ``/root`` and ``/tmp`` stay from command to command. The only
    network is the simulated cloud, which ``aws`` reaches, and the instance metadata service.

    Where there is no bubblewrap (``isolation`` is ``directory``) commands run on the host itself
    as whoever runs the tests: ``HOME`` and ``TMPDIR`` are private, but ``/tmp`` is the host's,
    ``sudo`` only runs the command, the network is the host's, and programs find instance metadata
    through ``AWS_EC2_METADATA_SERVICE_ENDPOINT``. That is for commands one trusts.

    Args:
        instance_id: the EC2 instance; one terminal is open on it at a time.
        region: its Region, which ``aws`` uses where none is configured.
        hostname: its private host name, such as ``ip-10-0-0-12``.
        gate: address of the simulated cloud as seen from the instance: ``http://HOST:PORT`` or
            ``unix:/path/of/socket``.
        metadata: what its instance metadata service answers to a request with a valid token;
            without one, 404 to everything.
        isolation: ``bubblewrap`` or ``directory``; what the host can do where None.
        timeout: default time limit of a command in seconds.

    Raises:
        TerminalError: it cannot be opened, and why.
        CloudError: `gate` is no address.
    """

    def __init__(
        self,
        instance_id: str,
        *,
        region: str,
        hostname: str,
        gate: str,
        metadata: Metadata | None = None,
        isolation: str | None = None,
        timeout: float = _DEFAULT_TIMEOUT,
    ) -> None:
        self.instance_id = instance_id
        self.isolation = isolation or host_support.isolation().kind
        self._timeout = timeout
        self._lock = threading.Lock()
        self._services: list[Service] = []
        _check(instance_id, hostname, self.isolation)
        HttpTransport(gate)
        files = workshop_process.open_terminal(self.isolation, hostname, region, gate)
        self._control = socket.socket(fileno=files[0])
        self._lifeline = files[1:]
        try:
            self._start(gate, metadata or _knows_nothing)
        except BaseException:
            self.close()
            raise
        open_terminals[instance_id] = self
        atexit.register(self.close)

    def _start(self, gate: str, metadata: Metadata) -> None:
        answer = wire.receive(self._control)
        if answer is None:
            raise TerminalError("the terminal ended as it was opened")
        (said, *detail), files = answer
        if said != b"ready":
            raise TerminalError(f"the terminal cannot be opened: {detail[0].decode()}")
        sockets = [socket.socket(fileno=file) for file in files]
        handlers = [MetadataService(metadata).handle, relay_to(gate)]
        for listener, handler in zip(sockets, handlers, strict=False):
            self._services.append(Service(listener, handler, f"vpcep {self.instance_id}"))
        if detail:
            self._live_in(os.fsdecode(detail[0]), detail[1].decode(), sockets[0])
        else:
            self._home = programs.HOME
            self._environment = programs.environment(self._home, programs.PATH)

    def _live_in(self, directory: str, path: str, metadata: socket.socket) -> None:
        self._home = f"{directory}/home"
        self._environment = programs.environment(self._home, path) | {
            "TMPDIR": str(Path(directory, "tmp")),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{metadata.getsockname()[1]}",
        }

    def __repr__(self) -> str:
        """Name the instance, and nothing that was typed or printed."""
        return f"<Terminal of {self.instance_id} ({self.isolation})>"

    def __enter__(self) -> Terminal:
        """Give the terminal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the terminal."""
        self.close()

    def run(
        self,
        command: str,
        *,
        input: bytes = b"",  # noqa: A002  subprocess's name for it
        timeout: float | None = None,
    ) -> CommandOutput:
        """Run a command line in the shell, as ec2-user, in the home directory.

        Args:
            command: for ``bash -c`` (``sh -c`` on a host without bash).
            input: its standard input; what is typed at ``aws configure``, say.
            timeout: seconds; then the command and all it started are killed, and the exit status
                is 124. None: the terminal's default.

        Raises:
            TerminalError: the terminal is closed, or ended meanwhile.
        """
        if "\0" in command:
            raise TerminalError("a command line cannot hold a NUL character")
        request = wire.Request(wire.SHELL, self._home, 0o022, (command,), self._environment)
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                with self._lock:
                    wire.send(self._control, [b"job"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise TerminalError(f"the terminal of {self.instance_id} is closed") from None
        with RunningCommand(ours, request, input) as running:
            return running.result(self._timeout if timeout is None else timeout)

    def run_untrusted(
        self,
        command: str,
        *,
        input: bytes = b"",  # noqa: A002
        timeout: float | None = None,
    ) -> CommandOutput:
        """Run a command line that somebody else wrote; otherwise as :meth:`run`.

        Raises:
            TerminalError: there is no private root here to run it in.
        """
        if self.isolation != host_support.BUBBLEWRAP:
            reason = host_support.isolation().reason or "the terminal was opened without it"
            raise TerminalError(f"commands of a submission run only under bubblewrap: {reason}")
        return self.run(command, input=input, timeout=timeout)

    def close(self) -> None:
        """End the terminal with everything that runs in it; closing again does nothing."""
        if open_terminals.get(self.instance_id) is self:
            del open_terminals[self.instance_id]
        atexit.unregister(self.close)
        for service in self._services:
            service.close()
        self._services.clear()
        if self._control.fileno() < 0:
            return
        for file in self._lifeline:
            _end(file)
        self._control.shutdown(socket.SHUT_WR)
        self._control.settimeout(10)
        while self._control.recv(4096):
            continue
        self._control.close()


def _end(lifeline: int) -> None:
    try:
        os.write(lifeline, b"\n")
    except BrokenPipeError:  # it has ended by itself
        return
    finally:
        os.close(lifeline)


def _check(instance_id: str, hostname: str, isolation: str) -> None:
    if instance_id in open_terminals:
        raise TerminalError(f"a terminal of {instance_id} is open already; close it first")
    if not _HOSTNAME.fullmatch(hostname):
        raise TerminalError(f"hostname {hostname!r}: expected something like ip-10-0-0-12")
    if isolation not in (host_support.BUBBLEWRAP, host_support.DIRECTORY):
        raise TerminalError(f"isolation {isolation!r}: expected 'bubblewrap' or 'directory'")
    reason = host_support.isolation().reason
    if isolation == host_support.BUBBLEWRAP and reason:
        raise TerminalError(f"isolation 'bubblewrap': {reason}")
