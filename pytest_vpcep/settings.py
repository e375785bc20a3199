"""What the user asked for, from the command line or the ini file, checked and put to use."""

from __future__ import annotations

from importlib import metadata, util
from typing import TYPE_CHECKING

import pytest

from pytest_vpcep.errors import CloudError

if TYPE_CHECKING:
    from pytest_vpcep.cloud.simulated import SimulatedCloud

_DEFAULT_REGION = "us-east-1"

#: What a lab on moto needs, by import name, and how to get it.
_NEEDED = {
    "moto": "pip install 'moto[cloudformation,ec2,iam,s3,sts]>=5.2.5,<5.3'",
    "awscli": "pip install 'awscli>=1.46,<2'",
    "testinfra": "pip install 'pytest-testinfra>=10.1'",
}


def region(config: pytest.Config) -> str:
    """The Region asked for."""
    given = config.getoption("--vpcep-region")
    return str(config.getini("vpcep_region") if given is None else given)


def isolation(config: pytest.Config) -> str:
    """The isolation asked for: ``auto``, ``bubblewrap`` or ``directory``."""
    return str(config.getoption("--vpcep-isolation") or config.getini("vpcep_isolation"))


def check(config: pytest.Config) -> None:
    """Refuse what cannot be had, before any test runs.

    Raises:
        pytest.UsageError: no such Region or isolation, or no data on the Region in moto.

    """
    from pytest_vpcep.cloud.host_support import ISOLATIONS

    if isolation(config) not in ISOLATIONS:
        allowed = ", ".join(ISOLATIONS)
        message = f"vpcep_isolation = {isolation(config)!r}: give one of {allowed}"
        raise pytest.UsageError(message)
    if region(config) != _DEFAULT_REGION:
        from pytest_vpcep.cloud.regions import check_instance_types, partition_of_region

        try:
            partition_of_region(region(config))
            check_instance_types(region(config))
        except CloudError as error:
            raise pytest.UsageError(f"vpcep_region: {error}") from None


def header(config: pytest.Config) -> str:
    """The line of pytest's header."""
    try:
        moto = metadata.version("moto")
    except metadata.PackageNotFoundError:
        return "vpcep: no simulated cloud, since moto is not installed"
    from pytest_vpcep.cloud.host_support import BUBBLEWRAP, DIRECTORY
    from pytest_vpcep.cloud.host_support import isolation as possible

    found = possible()
    asked = isolation(config)
    kind = found.kind if asked == "auto" else asked
    line = f"vpcep: simulated cloud (moto {moto}), Region {region(config)}, isolation {kind}"
    if kind == DIRECTORY and asked == "auto":
        return f"{line}\nvpcep: warning: commands run on this machine itself: {found.reason}"
    if kind == BUBBLEWRAP and found.reason:
        return f"{line}\nvpcep: warning: isolation bubblewrap is not to be had: {found.reason}"
    return line


def cloud(config: pytest.Config) -> SimulatedCloud:
    """A simulated cloud as asked for.

    Raises:
        pytest.fail.Exception: a package it needs is missing; one line says how to get it.

    """
    for name, remedy in _NEEDED.items():
        if util.find_spec(name) is None:
            pytest.fail(f"vpcep: the lab needs {name}, which is missing: {remedy}", pytrace=False)
    from pytest_vpcep.cloud.terminal import prewarm
    from pytest_vpcep.loading import loaded_for_good

    prewarm()  # awscli is imported beside us, while we import moto
    with loaded_for_good():
        from pytest_vpcep.cloud.simulated import SimulatedCloud

        return SimulatedCloud(region(config), isolation=isolation(config))
