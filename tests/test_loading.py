"""What stays for good is left out of garbage collection, and nothing else is."""

import subprocess
import sys

import pytest

_COUNT = """\
import gc, weakref
from pytest_vpcep.loading import loaded_for_good

class Knot:
    def __init__(self):
        self.me = self

{before}
old = weakref.ref(Knot())
with loaded_for_good():
    import pytest_vpcep.cloud.simulated
    inside = gc.isenabled()
frozen = gc.get_freeze_count()
with loaded_for_good():
    again = gc.isenabled()
new = weakref.ref(Knot())
gc.collect()
print(inside, gc.isenabled(), frozen > 100_000, gc.get_freeze_count() == frozen, again)
print(old() is None, new() is None)
"""


@pytest.mark.parametrize(
    ("before", "enabled"),
    [pytest.param("", True, id="enabled"), pytest.param("gc.disable()", False, id="disabled")],
)
def test_only_the_first_load_is_frozen(before, enabled):
    program = _COUNT.format(before=before)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    first, garbage = done.stdout.splitlines()
    assert first == f"False {enabled} True True {enabled}"
    assert garbage == "True True", "garbage from before or after was kept"
