"""The private root of a terminal: what of the host is in it, and the bubblewrap that holds it.

bubblewrap makes the namespaces and mounts the system read-only; it then only waits for its
lifeline to end. Everything that can be written lives in memory and goes when it does.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from pytest_vpcep.errors import TerminalError

# The invoking user is mapped to an id nothing in the terminal uses, so that neither root nor
# ec2-user in the terminal is anybody outside it; the ids on either side are subordinate ones.
_INVOKING_USER = 65533
_NOBODY = 65534
_IDS = _INVOKING_USER + 1
_FIRST_ID_FOR_ROOT = 100_000

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache")
_SIZES = {"/tmp": 512, "/home": 512, "/root": 64, "/run": 16}  # noqa: S108  MiB, of memory


# What runs in the private root. It starts when all mounts are made: nobody may join before, for
# until then the names there are the host's. It ends with the lifeline: on its end of file, or on
# one byte where a copy of it leaked.
_READY = b"ready\n"
_WAIT = "echo ready; exec head -c 1 > /dev/null"


@dataclass(frozen=True)
class Holder:
    """A bubblewrap that holds a terminal's namespaces open.

    Args:
        pid: a process in those namespaces.
        lifeline: write end of a pipe; the terminal ends when it is closed everywhere.
        users: how many users the terminal has: ``many``, or ``one`` who is root by turns.
    """

    pid: int
    lifeline: int
    users: str


def python_directories() -> list[str]:
    """Name the directories that this Python and the packages loaded so far live in."""
    found = {os.path.realpath(sys.base_prefix), sysconfig.get_path("stdlib")}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and "." not in name and not name.startswith("pytest_vpcep"):
            package = Path(file).parent
            found.add(str(package.parent if Path(file).stem == "__init__" else package))
    kept: list[str] = []
    for directory in sorted(found):
        inside = any(Path(directory).is_relative_to(parent) for parent in (*kept, *_SYSTEM))
        if (not inside or directory.startswith("/usr/local")) and directory not in ("/", "/usr"):
            kept.append(directory)
    return kept


def _arguments(hostname: str, information: int, mapped: int) -> list[str]:
    arguments = [
        "--unshare-all",
        "--unshare-user",
        "--hostname",
        hostname,
        "--uid",
        "0",
        "--gid",
        "0",
    ]
    arguments += ["--die-with-parent", "--new-session", "--clearenv", "--chdir", "/"]
    arguments += ["--info-fd", str(information), "--userns-block-fd", str(mapped)]
    for path in _SYSTEM:
        if os.path.islink(path):  # noqa: PTH114
            arguments += ["--symlink", os.readlink(path), path]  # noqa: PTH115
        else:
            arguments += ["--ro-bind-try", path, path]
    arguments += ["--dir", "/etc", "--dir", "/opt", "--dir", "/var"]
    arguments += ["--tmpfs", "/usr/local", "--proc", "/proc", "--dev", "/dev"]
    for path, size in _SIZES.items():
        arguments += ["--size", str(size * 1024 * 1024), "--tmpfs", path]
    for path in (*_SETTINGS, *python_directories()):
        arguments += ["--ro-bind-try", path, path]
    return arguments


def made_by_bubblewrap() -> list[str]:
    """Name the directories and links of a private root that are not the host's."""
    made = {"/", "/etc", "/opt", "/run", "/var", *_SIZES}
    made |= {path for path in _SYSTEM if os.path.islink(path)}  # noqa: PTH114
    for directory in python_directories():
        parents = (str(parent) for parent in Path(directory).parents)
        made |= {parent for parent in parents if not Path(parent).is_relative_to("/usr")}
    return sorted(made)


def hold(hostname: str) -> Holder:
    """Make a private root and the namespaces around it.

    Args:
        hostname: the instance's host name.

    Raises:
        TerminalError: bubblewrap failed; its own words are in the message.
    """
    program = _bubblewrap()
    information, information_end = os.pipe()
    mapped_end, mapped = os.pipe()
    lifeline_end, lifeline = os.pipe()
    # Not on the command line, where the terminal's users could read it.
    arguments = os.memfd_create("arguments")
    os.write(arguments, os.fsencode("\0".join(_arguments(hostname, information_end, mapped_end))))
    os.lseek(arguments, 0, os.SEEK_SET)
    process = subprocess.Popen(  # noqa: S603
        [program, "--args", str(arguments), "/bin/sh", "-c", _WAIT],
        pass_fds=(information_end, mapped_end, arguments),
        stdin=lifeline_end,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
    )
    for end in (information_end, mapped_end, lifeline_end, arguments):
        os.close(end)
    started = [process.pid]
    try:
        pid = _child(information, process)
        started.append(pid)
        users = _map_users(pid)
        os.write(mapped, b"1")
        _await_mounts(process)
        return Holder(pid, lifeline, users)
    except BaseException:
        os.close(lifeline)
        # Both: until all is mounted, the one inside does not end with the one outside.
        for each in started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        raise
    finally:
        os.close(information)
        os.close(mapped)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def _child(information: int, process: subprocess.Popen[bytes]) -> int:
    told = b""
    while not told.rstrip().endswith(b"}"):
        piece = os.read(information, 4096)
        if not piece:
            raise TerminalError(f"bubblewrap: {_complaint(process)}")
        told += piece
    return int(json.loads(told)["child-pid"])


def _await_mounts(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is None or process.stdout.readline() != _READY:
        raise TerminalError(f"bubblewrap: {_complaint(process)}")


def _complaint(process: subprocess.Popen[bytes]) -> str:
    text = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    return text.removeprefix("bwrap: ") or "ended without a word"


def _bubblewrap() -> str:
    program = shutil.which("bwrap")
    if program is None:
        raise TerminalError("bubblewrap (the program bwrap) is not installed")
    return program


def _map_users(pid: int) -> str:
    """Give the terminal its users: 65533 of them where the host lets us, else one."""
    own = {"uid": os.getuid(), "gid": os.getgid()}
    if own["uid"] == 0:
        return _map_as_root(pid, own)
    starts = {kind: _subordinate_ids(Path(f"/etc/sub{kind}")) for kind in own}
    programs = {kind: shutil.which(f"new{kind}map") for kind in own}
    if not all((*starts.values(), *programs.values())):
        return _map_one_user(pid)
    handler = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it would take the exit status away
    for kind, number in own.items():
        numbers = [str(part) for line in _map(starts[kind] or 0, number) for part in line]
        done = subprocess.run(  # noqa: S603
            [str(programs[kind]), str(pid), *numbers], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise TerminalError(f"{done.stderr.strip()} (see /etc/sub{kind})")
    signal.signal(signal.SIGCHLD, handler)
    return "many"


def _map(first: int, own: int) -> list[tuple[int, int, int]]:
    """Give (id in the terminal, id on the host, how many) for subordinate ids from `first` on."""
    below = (0, first, _INVOKING_USER)
    return [below, (_INVOKING_USER, own, 1), (_NOBODY, first + _INVOKING_USER, 1)]


def _map_as_root(pid: int, own: dict[str, int]) -> str:
    for kind, number in own.items():
        lines = [" ".join(map(str, line)) for line in _map(_FIRST_ID_FOR_ROOT, number)]
        try:
            Path(f"/proc/{pid}/{kind}_map").write_text("\n".join(lines))
        except PermissionError:  # root of a container that has no such ids itself
            return _map_one_user(pid)
    return "many"


def _map_one_user(pid: int) -> str:
    Path(f"/proc/{pid}/setgroups").write_text("deny")
    Path(f"/proc/{pid}/uid_map").write_text(f"0 {os.getuid()} 1")
    Path(f"/proc/{pid}/gid_map").write_text(f"0 {os.getgid()} 1")
    return "one"


def _subordinate_ids(file: Path) -> int | None:
    """Find the first of the invoking user's subordinate ids, where there are enough of them."""
    if not file.exists():
        return None
    owners = {str(os.getuid())}
    with contextlib.suppress(KeyError):  # an id without an account
        owners.add(pwd.getpwuid(os.getuid()).pw_name)
    for line in file.read_text().splitlines():
        owner, _, numbers = line.partition(":")
        start, _, count = numbers.partition(":")
        if owner in owners and int(count) >= _IDS:
            return int(start)
    return None
