"""The pytest plugin ``vpcep``: options, markers, fixtures and hooks, each handing over at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from testinfra.host import Host

    from pytest_vpcep.lab import Lab
    from pytest_vpcep.lab.vantage import VantagePoint

#: Where a test keeps its lab for its report.
_LAB = pytest.StashKey["Lab"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options, in one group, and their ini settings."""
    from pytest_vpcep.cloud.host_support import ISOLATIONS

    group = parser.getgroup("vpcep", "VPC endpoints: the lab on a simulated AWS (moto)")
    group.addoption(
        "--vpcep-region",
        metavar="REGION",
        help="AWS Region of the lab (ini: vpcep_region; default: us-east-1)",
    )
    group.addoption(
        "--vpcep-isolation",
        choices=ISOLATIONS,
        help="how the instance's terminal is kept apart from this machine: bubblewrap, a bare "
        "directory for commands you trust, or auto, bubblewrap where it works "
        "(ini: vpcep_isolation; default: auto)",
    )
    parser.addini("vpcep_region", "AWS Region of the lab", default="us-east-1")
    parser.addini("vpcep_isolation", "auto, bubblewrap or directory", default="auto")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and check what was asked for."""
    config.addinivalue_line(
        "markers", "step(n): the step of the lab, 1 to 9, that a test speaks of"
    )
    from pytest_vpcep import hosts, settings

    settings.check(config)
    hosts.answer(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Say which cloud the lab lives in, in which Region, and how its terminal is kept apart."""
    from pytest_vpcep import settings

    return settings.header(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failed test's own lines, and why AWS decides as it does."""
    made = item.stash.get(_LAB, None)
    if call.excinfo is None or call.when == "teardown" or made is None:
        return (yield)
    from pytest_vpcep import reporting

    if not item.config.getoption("fulltrace"):
        reporting.shorten(call.excinfo.value)
    report = yield
    if report.failed:
        report.sections.extend(reporting.sections(made, call.excinfo.value))
    return report


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Generator[Lab, None, None]:
    """A lab of the test's own, with its topology set up; ``lab.reach(step)`` goes on."""
    from pytest_vpcep import settings

    with settings.cloud(request.config) as cloud:
        from pytest_vpcep.lab import Lab

        made = request.node.stash[_LAB] = Lab(cloud)
        made.reach(1)
        # What the test itself asks is what its report speaks of.
        cloud.journal.clear()
        yield made


@pytest.fixture
def console(lab: Lab) -> VantagePoint:
    """The IAM administrator at the AWS console, on the internet, outside the VPC."""
    return lab.console


@pytest.fixture
def root(lab: Lab) -> VantagePoint:
    """The account's root user at the AWS console."""
    return lab.root


@pytest.fixture
def instance(lab: Lab) -> VantagePoint:
    """The instance of the lab, as a place that requests come from."""
    return lab.instance


@pytest.fixture
def terminal(lab: Lab) -> Host:
    """The instance's terminal, as testinfra's host, connected to as in step 2."""
    return lab.reach(2).terminal
