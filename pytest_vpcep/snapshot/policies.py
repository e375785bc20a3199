"""A policy document of a snapshot, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import Policy, parse_policy


def named_policy(document: str | Mapping[str, Any], name: str) -> Policy:
    """Return a policy, compiled and with its name.

    Args:
        document: JSON text, or the object it holds.
        name: what it is called, or what it is the policy of.

    Raises:
        PolicyRefused: it is no policy; the text names it.

    """
    try:
        return parse_policy(document, name=name)
    except PolicyRefused as refused:
        message = f"{refused.message} (in the policy {name} of the snapshot)"
        raise PolicyRefused(refused.code, message) from refused
