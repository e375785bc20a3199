"""What is configured in an account, as plain data in AWS's own response shapes.

Nothing here imports boto3: :func:`collect` is given a session by its caller.
"""

from pytest_vpcep.snapshot.collect import collect
from pytest_vpcep.snapshot.document import FORMAT, NotPermitted, Snapshot
from pytest_vpcep.snapshot.files import load, save
from pytest_vpcep.snapshot.permissions import collecting_policy
from pytest_vpcep.snapshot.principals import AttachedPolicies, Principals
from pytest_vpcep.snapshot.selection import filtered

__all__ = [
    "FORMAT",
    "AttachedPolicies",
    "NotPermitted",
    "Principals",
    "Snapshot",
    "collect",
    "collecting_policy",
    "filtered",
    "load",
    "save",
]
