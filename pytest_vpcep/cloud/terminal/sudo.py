"""The terminal's ``sudo``: its command line, and the environment it gives.

ec2-user may run anything as anybody without a password, as on the lab's instance. It has no
policy file, no terminal of its own and no edit mode (``-e``); options for those are refused.
"""

from __future__ import annotations

import getopt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_vpcep.cloud.terminal import programs
from pytest_vpcep.cloud.terminal.users import Account

_KEPT = ("LANG", "TERM", "COLORTERM")
_SHORT = "EHKSiknsu:v"
_LONG = ["login", "non-interactive", "preserve-env", "remove-timestamp", "reset-timestamp"]
_LONG += ["set-home", "shell", "stdin", "user=", "validate"]
_NOTHING_TO_RUN = {"-v", "--validate", "-K", "--remove-timestamp"}
_USAGE = "usage: sudo [-EHn] [-u user] [-i | -s] [VAR=value] command [arg ...]"


class SudoRefused(Exception):
    """A command line that sudo does not take; its text is what sudo says."""


@dataclass(frozen=True)
class Order:
    """What a ``sudo`` command line asks for.

    Args:
        user: account name, or ``#`` and a user id.
        arguments: the command; empty where nothing is to be run.
        assignments: variables set on the command line.
        keep_environment: whether the caller's environment stays (``-E``).
    """

    user: str = "root"
    arguments: tuple[str, ...] = ()
    assignments: Mapping[str, str] = field(default_factory=dict)
    keep_environment: bool = False

    def environment(self, account: Account, path: str, caller: Mapping[str, str]) -> dict[str, str]:
        """Make the command's environment.

        Args:
            account: who the command runs as.
            path: its ``PATH``.
            caller: the environment that sudo was started with.
        """
        kept = dict(caller) if self.keep_environment else {}
        kept |= {name: caller[name] for name in _KEPT if name in caller}
        kept |= {"HOME": account.home, "USER": account.name, "LOGNAME": account.name}
        kept |= {"SHELL": account.shell, "PATH": path}
        kept |= {"SUDO_USER": caller.get("USER", programs.USER)}
        kept |= {"SUDO_COMMAND": " ".join(self.arguments)}
        return kept | dict(self.assignments)


def parse(arguments: Sequence[str]) -> Order:
    """Read the arguments of ``sudo``.

    Raises:
        SudoRefused: an option this sudo lacks, or nothing to run.
    """
    try:
        options, left = getopt.getopt(list(arguments), _SHORT, _LONG)
    except getopt.GetoptError as error:
        raise SudoRefused(f"sudo: {error.msg}\n{_USAGE}") from None
    given = dict(options)
    user = given.get("-u", given.get("--user", "root"))
    if given.keys() & _NOTHING_TO_RUN:
        return Order(user)
    assignments = {}
    while left and "=" in left[0] and "/" not in left[0].partition("=")[0]:
        name, _, value = left.pop(0).partition("=")
        assignments[name] = value
    if given.keys() & {"-i", "--login", "-s", "--shell"}:
        left = [programs.shell(), "-c", " ".join(left)] if left else [programs.shell()]
    if not left:
        raise SudoRefused(_USAGE)
    keep = bool(given.keys() & {"-E", "--preserve-env"})
    return Order(user, tuple(left), assignments, keep)
