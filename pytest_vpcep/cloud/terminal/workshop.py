"""The workshop: a process with awscli imported once, from which each terminal gets its agent.

One per test process, which it does not outlive. It has a single thread, as joining namespaces
demands, and no environment but its own. awscli brings its own botocore, so it cannot be the test
process itself.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from pytest_vpcep.cloud import host_support
from pytest_vpcep.cloud.terminal import (
    agent,
    aws_command,
    namespaces,
    private_root,
    process_tree,
    programs,
    users,
    wire,
)
from pytest_vpcep.errors import TerminalError

METADATA_ADDRESS = "169.254.169.254"


def main(file: int) -> None:
    """Open terminals for the test process at the other end of the socket `file`, until it ends."""
    server = socket.socket(fileno=file)
    server.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the test process to handle
    signal.signal(signal.SIGCHLD, process_tree.reap)
    namespaces.adopt_orphans()  # agents, which lose their parent on the way into a PID namespace
    failure = _warm()
    while (message := wire.receive(server)) is not None:
        if failure:
            wire.send(server, [b"failed", failure.encode()])
        else:
            _open(server, *(field.decode() for field in message[0]))
    process_tree.wait_for_children(10)


def _open(server: socket.socket, kind: str, hostname: str, region: str, gate: str) -> None:
    control, other_end = socket.socketpair()
    with control, other_end:
        try:
            # A private root reaches the gate through a socket in it, whatever the address.
            if kind == host_support.BUBBLEWRAP:
                files = _open_private(control, hostname, region)
            else:
                files = _open_directory(control, region, gate)
        except (TerminalError, OSError) as error:
            wire.send(server, [b"failed", str(error).encode()])
        else:
            wire.send(server, [b"opened"], [other_end.fileno(), *files])
            wire.close_all(files)


def _warm() -> str:
    """Load awscli; give the reason where that fails."""
    try:
        aws_command.warm()
    except Exception as error:  # noqa: BLE001  told to the user when a terminal is opened
        return f"awscli cannot be used here ({error!r}); install awscli 1.46 or a later 1.x"
    return ""


def _open_private(control: socket.socket, hostname: str, region: str) -> list[int]:
    holder = private_root.hold(hostname)
    made = private_root.made_by_bubblewrap()
    host = Path("/").stat().st_dev

    def live() -> None:
        namespaces.join_user_namespace(holder.pid)
        if holder.users == "many":
            namespaces.forbid_user_namespaces()
        namespaces.join_other_namespaces(holder.pid)
        if os.fork():
            os._exit(0)  # only children are in the PID namespace
        if Path("/").stat().st_dev == host:
            raise TerminalError("the private root is the host's; nothing was done in it")
        who = _become_root(holder.users)
        owner = programs.USER_ID if holder.users == "many" else 0
        programs.furnish(hostname, made, owner)
        _live_in_private_root(control, region, who)

    _fork_agent(control, live)
    return [holder.lifeline]


def _become_root(kind: str) -> users.Users:
    os.umask(0o022)
    if kind == "one":
        return users.OneUser()
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    return users.ManyUsers()


def _live_in_private_root(control: socket.socket, region: str, who: users.Users) -> None:
    namespaces.add_link_local_address(METADATA_ADDRESS)
    metadata = socket.create_server((METADATA_ADDRESS, 80))
    gate = _listen(programs.GATE_SOCKET)
    listener = _listen(programs.SOCKET)
    users.restrict_agent()
    wire.send(control, [b"ready"], [metadata.fileno(), gate.fileno()])
    metadata.close()
    gate.close()
    address = f"unix:{programs.GATE_SOCKET}"
    agent.serve(agent.Place(control, listener, who, region, address, programs.PATH))


def _open_directory(control: socket.socket, region: str, gate: str) -> list[int]:
    def live() -> None:
        with tempfile.TemporaryDirectory(prefix="vpcep-") as directory:
            _live_in_directory(control, Path(directory), region, gate)
            process_tree.end_descendants()

    _fork_agent(control, live)
    return []


def _live_in_directory(control: socket.socket, root: Path, region: str, gate: str) -> None:
    for name in ("home", "tmp"):
        (root / name).mkdir(mode=0o700)
    address = str(root / "socket")
    (root / "python").symlink_to(programs.PYTHON)  # a first line has no room for long paths
    programs.write_clients(root / "bin", address, str(root / "python"))
    listener = _listen(address)
    metadata = socket.create_server(("127.0.0.1", 0))
    path = f"{root / 'bin'}:{os.defpath}:/usr/local/bin"
    wire.send(control, [b"ready", os.fsencode(root), path.encode()], [metadata.fileno()])
    metadata.close()
    who = users.InvokingUser(str(root / "home"))
    agent.serve(agent.Place(control, listener, who, region, gate, path))


def _fork_agent(control: socket.socket, live: Callable[[], None]) -> None:
    if os.fork():
        return
    try:
        # Whatever else the workshop has open would keep other ends from noticing that it closed.
        os.closerange(3, control.fileno())
        os.closerange(control.fileno() + 1, 1024)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        os.close(nowhere)
        live()
    except BaseException as error:  # noqa: BLE001  an agent never returns into the workshop
        detail = "".join(traceback.format_exception_only(error)).strip()
        wire.send(control, [b"failed", detail.encode()])
    finally:
        os._exit(0)


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    Path(path).chmod(0o666)
    listener.listen(128)
    return listener
