"""Policy text to a compiled policy, whatever the type of policy it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy.faults import DocumentFault
from pytest_vpcep.policy.statement_reader import read_policy
from pytest_vpcep.policy.wording import s3_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.policy.documents import Policy


def parse_policy(document: str | bytes | Mapping[str, Any], *, name: str | None = None) -> Policy:
    """Parse and compile a policy document of any type.

    Args:
        document: JSON text (bytes in UTF-8), or the same as Python data.
        name: what to call the policy, such as a managed policy's name.

    Raises:
        PolicyRefused: it is no policy; code ``MalformedPolicy``, worded as Amazon S3 does.

    """
    try:
        return read_policy(document, name=name)
    except DocumentFault as fault:
        raise PolicyRefused("MalformedPolicy", s3_message(fault)) from fault
