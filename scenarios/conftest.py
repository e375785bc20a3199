"""Fixtures that the scenarios share: the terminal under testinfra's name, and errors by code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from testinfra.host import Host

    from pytest_vpcep.lab import Lab


@pytest.fixture
def host(lab: Lab) -> Host:
    """The instance's terminal, connected to as in step 2."""
    return lab.reach(2).terminal


@pytest.fixture
def refused() -> Callable[[str], AbstractContextManager[None]]:
    """Hold a block to what AWS has to answer in it, an error code."""
    from botocore.exceptions import ClientError

    @contextmanager
    def expect(code: str) -> Iterator[None]:
        __tracebackhide__ = True
        answered = "no error"
        try:
            yield
        except ClientError as error:
            answered = error.response["Error"]["Code"]
        assert answered == code, f"AWS answered {answered}, not {code}"

    return expect
