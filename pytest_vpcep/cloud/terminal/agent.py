"""The agent: the one process of ours inside a terminal; it starts every program there.

It is a copy of the workshop that joined the terminal's namespaces, so ``aws`` runs in a copy of
it without importing anything. It answers the test process, over a connection nobody else has, and
the terminal's programs ``aws`` and ``sudo``, over a socket in the private root.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_vpcep.cloud.terminal import aws_command, namespaces, process_tree, programs, wire
from pytest_vpcep.cloud.terminal.sudo import SudoRefused, parse
from pytest_vpcep.cloud.terminal.users import Users

_PEER = struct.Struct("3i")


@dataclass(frozen=True)
class Place:
    """Where an agent works.

    Args:
        control: connection to the test process.
        listener: socket that the terminal's programs connect to.
        users: who its processes can be.
        region: the instance's Region.
        gate: address of the simulated cloud as seen from the terminal.
        path: the ``PATH`` of commands run by sudo.
    """

    control: socket.socket
    listener: socket.socket
    users: Users
    region: str
    gate: str
    path: str


def serve(place: Place) -> None:
    """Answer requests until the test process closes its connection or is gone."""
    namespaces.adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    poll = select.poll()
    poll.register(place.control, select.POLLIN)
    poll.register(place.listener, select.POLLIN)
    while True:
        ready = {file for file, _ in poll.poll()}
        if place.listener.fileno() in ready:
            connection, _ = place.listener.accept()
            _fork_job(place, connection, _peer(connection))
        if place.control.fileno() in ready:
            message = wire.receive(place.control)
            if message is None:
                return
            _fork_job(place, socket.socket(fileno=message[1][0]), None)


def _peer(connection: socket.socket) -> int:
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, user_id, _ = _PEER.unpack(data)
    return int(user_id)


def _fork_job(place: Place, connection: socket.socket, peer: int | None) -> None:
    if os.fork() == 0:
        status = 1
        try:
            place.control.close()
            place.listener.close()
            _job(place, connection, peer)
            status = 0
        except BaseException:  # noqa: BLE001  nothing may return into the agent's own loop
            traceback.print_exc()
        finally:
            os._exit(status)
    connection.close()


def _job(place: Place, connection: socket.socket, peer: int | None) -> None:
    """Run one program and tell how it ended; end it, and all it started, if nobody waits."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    namespaces.adopt_orphans()
    message = wire.receive(connection)
    if message is None or len(message[1]) != 3:
        return
    fields, files = message
    request = wire.Request.from_fields(fields)
    work = _work(place, request, peer)
    worker = os.fork()
    if worker == 0:
        connection.close()
        _become_worker(request, files, work)
    wire.close_all(files)
    with connection:
        status = _wait(worker, connection)
        if status is None:
            process_tree.end_descendants()
        else:
            wire.send_status(connection, status)


def _wait(worker: int, connection: socket.socket) -> int | None:
    """Wait for the worker's exit status, or None as soon as nobody waits for it any more."""
    ended = os.pidfd_open(worker)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(connection, select.POLLIN)
    ready = {file for file, _ in poll.poll()}
    os.close(ended)
    if ended not in ready:
        return None
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    return status if status >= 0 else 128 - status


def _become_worker(request: wire.Request, files: Sequence[int], work: Callable[[], int]) -> None:
    status = 1
    try:
        os.setsid()
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.closerange(3, 256)
        os.umask(request.umask)
        status = work()
    except OSError as error:
        os.write(2, os.fsencode(f"{request.program}: {error}\n"))
    except BaseException:  # noqa: BLE001  a worker never returns into the job's code
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        traceback.print_exc()
    finally:
        os._exit(status)


def _work(place: Place, request: wire.Request, peer: int | None) -> Callable[[], int]:
    """Find what to do for a request; `peer` is None where the test process asks."""
    if request.program == wire.SHELL and peer is None:
        return lambda: _shell(place, request)
    if request.program == wire.AWS and peer is not None:
        return lambda: _aws(place, request, peer)
    if request.program == wire.SUDO and peer is not None:
        return lambda: _sudo(place, request)
    raise ValueError(f"{request.program} is not for {'programs' if peer else 'the test process'}")


def _shell(place: Place, request: wire.Request) -> int:
    account = place.users.named(programs.USER)
    for number in (0, 1, 2):
        place.users.hand_over(number, account)
    place.users.become(account)
    os.chdir(request.directory)
    shell = programs.shell()
    _restore_signals()
    os.execve(shell, [shell, "-c", *request.arguments], dict(request.environment))  # noqa: S606


def _aws(place: Place, request: wire.Request, peer: int) -> int:
    place.users.become(place.users.of_peer(peer))
    os.chdir(request.directory)
    return aws_command.run(request.arguments, request.environment, place.region, place.gate)


def _sudo(place: Place, request: wire.Request) -> int:
    try:
        order = parse(request.arguments)
        account = place.users.named(order.user)
    except SudoRefused as refused:
        return _say(f"{refused}")
    except KeyError:
        return _say(f"sudo: unknown user {order.user}")
    if not order.arguments:
        return 0
    os.chdir(request.directory)
    place.users.become(account)
    _restore_signals()
    environment = order.environment(account, place.path, request.environment)
    try:
        os.execvpe(order.arguments[0], order.arguments, environment)  # noqa: S606
    except FileNotFoundError:
        return _say(f"sudo: {order.arguments[0]}: command not found")


def _say(line: str) -> int:
    os.write(2, os.fsencode(line + "\n"))
    return 1


def _restore_signals() -> None:
    for name in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
