"""The Linux calls a terminal needs and Python 3.11 lacks: namespaces, capabilities, an address."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Collection
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# Mounts come last: from then on /proc is the other side's.
_KINDS = ("ipc", "uts", "net", "pid", "cgroup", "mnt")
_CLONE_NEWUSER = 0x10000000

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_READ = 23
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522

CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL = 0, 1, 3, 4, 5
CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SETFCAP = 6, 7, 8, 10, 31

_SIOCSIFADDR, _SIOCSIFNETMASK = 0x8916, 0x891C
_IMDS_ALIAS = b"lo:imds"


def _call(function: str, *arguments: object) -> int:
    result = int(getattr(_libc, function)(*arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function}: {os.strerror(error)}")
    return result


def _prctl(option: int, value: int) -> int:
    return _call("prctl", option, *(ctypes.c_ulong(v) for v in (value, 0, 0, 0)))


def join_user_namespace(pid: int) -> None:
    """Enter another process's user namespace; this process must have a single thread."""
    _join(pid, ("user",))


def join_other_namespaces(pid: int) -> None:
    """Enter all other namespaces of that process; children then live in its PID namespace."""
    _join(pid, _KINDS)


def _join(pid: int, kinds: tuple[str, ...]) -> None:
    files = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind in kinds]
    for file in files:
        _call("setns", file, 0)
        os.close(file)


def forbid_user_namespaces() -> None:
    """Let nobody in this user namespace make further ones, where the host lets us say so."""
    with contextlib.suppress(OSError):  # a container's /proc/sys may be read-only
        Path("/proc/sys/user/max_user_namespaces").write_text("0")


def enter_mapped(inside: int, outside: int) -> None:
    """Enter a new user namespace with one user: `outside` now, `inside` from then on.

    For users who may map no more than themselves ("Mapping rules" in user_namespaces(7)).
    """
    _call("unshare", _CLONE_NEWUSER)
    allow_own_proc()
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside} {outside} 1")
    Path("/proc/self/gid_map").write_text(f"{inside} {outside} 1")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def allow_own_proc() -> None:
    """Let this process use its own ``/proc/self`` after it changed its user."""
    _prctl(_PR_SET_DUMPABLE, 1)


def gain_nothing_from_programs() -> None:
    """Make set-user-ID bits and file capabilities worthless, here and in all children."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def bound_capabilities(kept: Collection[int]) -> None:
    """Let no program started from here on have a capability that is not in `kept`."""
    for capability in range(64):
        try:
            held = _prctl(_PR_CAPBSET_READ, capability)
        except OSError:  # beyond the last capability that this kernel has
            return
        if held and capability not in kept:
            _prctl(_PR_CAPBSET_DROP, capability)


def keep_capabilities(kept: Collection[int]) -> None:
    """Give up, in this process, every capability that is not in `kept`."""
    mask = sum(1 << capability for capability in kept)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, struct.pack("6I", low, low, 0, high, high, 0))


def add_link_local_address(address: str) -> None:
    """Give this network namespace's loopback interface one more address (a /32)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, "255.255.255.255")):
            parameter = struct.pack(
                "16sHH4s8x", _IMDS_ALIAS, socket.AF_INET, 0, socket.inet_aton(value)
            )
            fcntl.ioctl(control, request, parameter)
