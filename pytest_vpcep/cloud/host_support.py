"""Which kind of terminal this host can have."""

from __future__ import annotations

import functools
import shutil
import subprocess
from dataclasses import dataclass

BUBBLEWRAP = "bubblewrap"
DIRECTORY = "directory"
#: What can be asked for; ``auto`` is bubblewrap where it works, a directory elsewhere.
ISOLATIONS = ("auto", BUBBLEWRAP, DIRECTORY)


@dataclass(frozen=True)
class Isolation:
    """How terminals are kept apart from the host.

    Args:
        kind: ``bubblewrap`` (a private root) or ``directory`` (a private directory only, for
            trusted commands).
        reason: why it is no private root; empty where it is one.
    """

    kind: str
    reason: str = ""


@functools.cache
def isolation() -> Isolation:
    """Find out, once, whether bubblewrap can make a private root here."""
    program = shutil.which("bwrap")
    if program is None:
        return Isolation(DIRECTORY, "bubblewrap is not installed (apt install bubblewrap)")
    command = [program, "--unshare-all", "--unshare-user", "--ro-bind", "/", "/"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    done = subprocess.run(  # noqa: S603
        [*command, "true"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[0]
        return Isolation(DIRECTORY, f"bubblewrap cannot make namespaces here ({said})")
    return Isolation(BUBBLEWRAP)
