"""Who the processes of a terminal can be, and how a process becomes one of them."""

from __future__ import annotations

import os
import pwd
import resource
from dataclasses import dataclass
from typing import Protocol

from pytest_vpcep.cloud.terminal import namespaces, programs

# What root may do in the terminal. Neither the mounts nor the network, and no other user's
# identity: one of those is the user who runs the tests.
_ROOT_MAY = (
    namespaces.CAP_CHOWN,
    namespaces.CAP_DAC_OVERRIDE,
    namespaces.CAP_FOWNER,
    namespaces.CAP_FSETID,
    namespaces.CAP_KILL,
    namespaces.CAP_NET_BIND_SERVICE,
)
# The agent turns processes into users. To call root by another number takes SETFCAP ("Mapping
# rules" in user_namespaces(7)).
_AGENT_MAY = (
    *_ROOT_MAY,
    namespaces.CAP_SETGID,
    namespaces.CAP_SETUID,
    namespaces.CAP_SETPCAP,
    namespaces.CAP_SETFCAP,
)

_PROCESSES = 512
_OPEN_FILES = 1024


@dataclass(frozen=True)
class Account:
    """One account of a terminal, as its ``/etc/passwd`` has it."""

    name: str
    user_id: int
    group_id: int
    home: str
    shell: str


class Users(Protocol):
    """The users of a terminal."""

    def of_peer(self, user_id: int) -> Account:
        """Find the account of a process of that user id, as the agent sees the id."""

    def named(self, name: str) -> Account:
        """Find an account by name, or by ``#`` and its id; KeyError where there is none."""

    def hand_over(self, file: int, account: Account) -> None:
        """Let that user open an open pipe again, as ``/dev/stdout`` does."""

    def become(self, account: Account) -> None:
        """Turn this process into that user, for good."""


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell)


def _named(name: str) -> Account:
    if name.startswith("#") and name[1:].isdecimal():
        return _account(pwd.getpwuid(int(name[1:])))
    return _account(pwd.getpwnam(name))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for limit, most in (
        (resource.RLIMIT_NPROC, _PROCESSES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _, hard = resource.getrlimit(limit)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (value, value))


def restrict_agent() -> None:
    """Give up what neither this process nor any user of the terminal will need."""
    namespaces.gain_nothing_from_programs()
    namespaces.bound_capabilities(_AGENT_MAY)
    namespaces.keep_capabilities(_AGENT_MAY)


def _keep_capabilities(account: Account) -> None:
    namespaces.keep_capabilities(_ROOT_MAY if account.user_id == 0 else ())
    namespaces.allow_own_proc()


class ManyUsers:
    """A terminal whose user namespace has users of its own, root among them."""

    def of_peer(self, user_id: int) -> Account:
        """Look a process's user up in the terminal's accounts."""
        return _account(pwd.getpwuid(user_id))

    def named(self, name: str) -> Account:
        """Look an account up."""
        return _named(name)

    def hand_over(self, file: int, account: Account) -> None:
        """Make the pipe theirs: it belongs to the user who runs the tests."""
        os.fchown(file, account.user_id, account.group_id)

    def become(self, account: Account) -> None:
        """Change user, groups and capabilities."""
        _limit_resources()
        os.setgroups(os.getgrouplist(account.name, account.group_id))
        namespaces.bound_capabilities(_ROOT_MAY)
        os.setresgid(account.group_id, account.group_id, account.group_id)
        os.setresuid(account.user_id, account.user_id, account.user_id)
        _keep_capabilities(account)


class OneUser:
    """A terminal whose user namespace has root only; ec2-user is root under another number.

    So ``id`` tells the users apart, but the files of both belong to whoever looks.
    """

    def of_peer(self, user_id: int) -> Account:
        """Take every process for ec2-user's: the numbers cannot be told apart from here."""
        del user_id
        return _named(programs.USER)

    def named(self, name: str) -> Account:
        """Look an account up."""
        return _named(name)

    def hand_over(self, file: int, account: Account) -> None:
        """Do nothing: it belongs to the one user there is."""

    def become(self, account: Account) -> None:
        """Enter a user namespace where root goes by the account's number."""
        _limit_resources()
        if account.user_id != 0:
            namespaces.enter_mapped(account.user_id, 0)
        namespaces.bound_capabilities(_ROOT_MAY)
        _keep_capabilities(account)


@dataclass(frozen=True)
class InvokingUser:
    """A terminal without a private root: all its processes belong to whoever runs the tests.

    Args:
        home: the directory that stands for ec2-user's home.
    """

    home: str

    def of_peer(self, user_id: int) -> Account:
        """Give the one account there is."""
        return Account(programs.USER, user_id, os.getgid(), self.home, programs.shell())

    def named(self, name: str) -> Account:
        """Give the one account there is, by the name asked for."""
        return Account(name, os.getuid(), os.getgid(), self.home, programs.shell())

    def hand_over(self, file: int, account: Account) -> None:
        """Do nothing: it belongs to the one user there is."""

    def become(self, account: Account) -> None:
        """Stay who we are."""
