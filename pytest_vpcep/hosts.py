"""``--hosts=vpcep://instance``: testinfra's tests, on the instance of a lab made for the run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from pytest_vpcep.cloud.terminal import Terminal

SCHEME = "vpcep://"
#: The name that stands for the instance of a lab of the run's own, at step 4.
INSTANCE = "instance"


def answer(config: pytest.Config) -> None:
    """Let testinfra find simulated instances, where ``--hosts`` asks for one.

    Args:
        config: pytest's configuration; the lab goes when it does.
    """
    if SCHEME not in (config.getoption("hosts", None) or ""):
        return
    from pytest_vpcep.cloud.terminal.backend import register
    from pytest_vpcep.cloud.terminal.session import terminals_on_demand

    @cache
    def lab_terminal() -> Terminal:
        from pytest_vpcep import settings
        from pytest_vpcep.lab import Lab

        cloud = settings.cloud(config)
        config.add_cleanup(cloud.close)
        return cloud.connect(Lab(cloud).reach(4).topology.instance)

    register()
    terminals_on_demand[INSTANCE] = lab_terminal
    config.add_cleanup(terminals_on_demand.clear)
