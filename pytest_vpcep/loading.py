"""Loading the simulated cloud into a test process, so that its garbage collector can forget it."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIMULATED = "pytest_vpcep.cloud.simulated"


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """Keep out of garbage collection what is loaded for the first simulated cloud of a process.

    moto and botocore load over a million objects that stay until the process ends. Looking
    through all of them again and again, at pytest's end too, takes as long as the lab itself; so
    what is alive afterwards is frozen ("gc", Python Standard Library). Garbage is collected
    before, and what is made later is collected as ever.
    """
    if _SIMULATED in sys.modules:
        yield
        return
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
