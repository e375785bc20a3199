"""One run of the ``aws`` command in a process that already has awscli imported.

Nothing of awscli is changed: its driver is made as its own ``main`` makes it, and the door leads
its requests to the simulated cloud.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_vpcep.cloud import door

_CLIDRIVER = "awscli.clidriver"

# Enough for the whole way of a request, so that all modules on it are loaded when it ends.
_ANY_COMMANDS = (("s3", "ls", "s3://warm"), ("sts", "get-caller-identity"))
_ANY_ANSWER = b"<Any><GetCallerIdentityResult/></Any>"
_NO_ONE = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "HOME": "/nonexistent",
}


# awscli tells its botocore through the environment where its own data is, as it is imported.
_set_by_awscli: dict[str, str] = {}
_loaders: dict[str, Any] = {}


def warm() -> None:
    """Import awscli and run it once over a canned answer, so that later runs find all loaded.

    Raises:
        ImportError: awscli is not installed, or is too old or new to have its entry points.
    """
    before = dict(os.environ)
    importlib.import_module(_CLIDRIVER)
    _set_by_awscli.update(
        {name: value for name, value in os.environ.items() if before.get(name) != value}
    )
    os.environ.update(_NO_ONE)
    answer = door.Answer(200, {"Content-Type": "application/xml"}, _ANY_ANSWER)
    for command in _ANY_COMMANDS:
        driver = _make_driver()
        door.register(driver.session.get_component("event_emitter"), lambda *_: answer)
        driver.main(list(command))
    os.environ.clear()
    os.environ.update(before)
    # Children then leave the collector's marks, and so the memory they share, alone.
    gc.collect()
    gc.freeze()


def _make_driver() -> Any:
    driver = importlib.import_module(_CLIDRIVER).create_clidriver()
    _share_data(driver.session)
    return driver


def _share_data(session: Any) -> None:
    """Let sessions that read the same API descriptions read and parse them once."""
    path = session.get_config_variable("data_path")
    if path not in _loaders:
        _loaders[path] = session.get_component("data_loader")
    session.register_component("data_loader", _loaders[path])


def run(arguments: Sequence[str], environment: Mapping[str, str], region: str, gate: str) -> int:
    """Run ``aws`` as if it had just been started, in this process's directory and as its user.

    Args:
        arguments: without ``aws`` itself.
        environment: the command's whole environment.
        region: used where none is configured, as AWS CLI version 2 asks instance metadata for it.
        gate: address of the simulated cloud, see :class:`~pytest_vpcep.cloud.door.HttpTransport`.

    Returns:
        The exit status.
    """
    os.environ.clear()
    os.environ.update({**environment, **_set_by_awscli})
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["aws", *arguments]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(  # noqa: SIM115
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    try:
        status = _main(list(arguments), region, gate)
        sys.stdout.flush()
    except BrokenPipeError:
        return 120  # what the interpreter says when the reader of its output is gone
    except Exception:  # noqa: BLE001  shown as the interpreter shows it
        traceback.print_exc()
        return 1
    return status


def _main(arguments: list[str], region: str, gate: str) -> int:
    try:
        driver = _make_driver()
        door.connect(driver.session, gate)
        _fall_back_to(driver.session, region)
        return driver.main(arguments) or 0
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def _fall_back_to(session: Any, region: str) -> None:
    providers = importlib.import_module("botocore.configprovider")
    store = session.get_component("config_store")
    configured = store.get_config_provider("region")
    otherwise = providers.ConstantProvider(value=region)
    chain = providers.ChainProvider(providers=[configured, otherwise])
    store.set_config_provider("region", chain)
