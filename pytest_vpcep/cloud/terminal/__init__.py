"""The instance's terminal: a real shell and the real ``aws`` command in a private root."""

from pytest_vpcep.cloud.host_support import Isolation, isolation
from pytest_vpcep.cloud.terminal.session import CommandOutput, Terminal, open_terminals, prewarm

__all__ = ["CommandOutput", "Isolation", "Terminal", "isolation", "open_terminals", "prewarm"]
