"""Ending everything that a process has started, however it has detached itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def end_descendants() -> None:
    """Kill all descendants of this process and wait until they are gone.

    This process must have adopted its orphans, else those that detached are not found. It is
    asked again until nothing is left, since a process may start others while it is being ended.
    """
    while found := _descendants(os.getpid()):
        for pid in found:
            _kill(pid)
        reap()
        time.sleep(0.001)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def reap(*_: object) -> None:
    """Take note of children that have ended; also a handler for SIGCHLD."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def wait_for_children(seconds: int) -> None:
    """Wait until no child is left; this process is killed if that takes longer."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    try:
        while os.wait():
            continue
    except ChildProcessError:
        return
    finally:
        signal.alarm(0)


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                status = (directory / "stat").read_bytes()
            except OSError:  # ended since we looked
                continue
            # pid (name) state parent ...; a name may hold blanks and parentheses
            parent = int(status.rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(directory.name))
    found: list[int] = []
    waiting = list(children.get(ancestor, []))
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children.get(pid, []))
    return found
