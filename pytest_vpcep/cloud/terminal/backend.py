"""A testinfra backend for simulated instances: ``vpcep://INSTANCE``.

Once :func:`register` was called, ``testinfra.get_host("vpcep://i-…")`` and ``--hosts=vpcep://i-…``
give testinfra's ``host`` for the terminal that is open on the instance.
"""

from __future__ import annotations

from typing import Any

import testinfra.backend
from testinfra.backend.base import BaseBackend, CommandResult

from pytest_vpcep.cloud.terminal.session import Terminal, open_terminals, terminals_on_demand
from pytest_vpcep.errors import TerminalError

NAME = "vpcep"


def register() -> None:
    """Let testinfra know the backend; calling it again does nothing."""
    testinfra.backend.BACKENDS[NAME] = f"{__name__}.{TerminalBackend.__name__}"


class QuietCommandResult(CommandResult):
    """A command's result whose ``repr`` tells neither the command nor what it printed.

    Either may hold a secret access key, and pytest prints the ``repr`` of failed assertions.
    """

    def __repr__(self) -> str:
        """Tell the exit status only."""
        return f"<CommandResult of {self.backend.get_pytest_id()}: exit status {self.rc}>"


class TerminalBackend(BaseBackend):
    """testinfra's connection to the terminal of one simulated instance.

    Args:
        hostname: the instance id, or a name that a terminal is opened for on demand.
        sudo: as in testinfra: run everything with sudo.
        sudo_user: as in testinfra: as whom.

    Raises:
        TerminalError: no terminal is open on that instance in this process.
    """

    NAME = NAME

    def __init__(
        self, hostname: str, *args: Any, sudo: bool = False, sudo_user: str | None = None, **kw: Any
    ) -> None:
        super().__init__(hostname, sudo, sudo_user, *args, **kw)
        if hostname not in terminals_on_demand:
            self._terminal()

    def _terminal(self) -> Terminal:
        if self.hostname in terminals_on_demand:
            return terminals_on_demand[self.hostname]()
        try:
            return open_terminals[self.hostname]
        except KeyError:
            known = ", ".join(sorted(open_terminals)) or "none"
            raise TerminalError(
                f"no terminal is open on instance {self.hostname!r} in this process; open: {known}"
            ) from None

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """Run a command in the terminal, its arguments quoted for the shell.

        Args:
            command: command line, with ``%s`` where an argument goes.
            args: the arguments.
            kwargs: ``timeout`` in seconds and ``input`` in bytes, as in
                :meth:`~pytest_vpcep.cloud.terminal.Terminal.run`.
        """
        line = self.get_command(command, *args)
        given = {name: kwargs[name] for name in ("timeout", "input") if name in kwargs}
        rc, stdout, stderr = self._terminal().run(line, **given)
        return QuietCommandResult(self, rc, line.encode(), stdout, stderr)

    def get_encoding(self) -> str:
        """Give the encoding of the terminal's ``LANG``."""
        return "UTF-8"
