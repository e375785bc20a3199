"""The errors a user of pytest-vpcep can meet; all derive from :class:`VpcepError`."""

from __future__ import annotations


class VpcepError(Exception):
    """Something the user can put right; its text says what, where, and how."""


class PolicyRefused(VpcepError):
    """A policy document that the AWS service it was given to would not accept.

    Args:
        code: the service's error code, such as ``MalformedPolicy``.
        message: the service's own wording.

    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class SnapshotError(VpcepError):
    """A snapshot that cannot be collected, read or used."""


class RequestError(VpcepError):
    """A question about a vantage point, principal, action or resource that makes no sense."""


class CloudError(VpcepError):
    """The cloud that a lab lives in, simulated or real, cannot be had."""


class TerminalError(CloudError):
    """The instance's terminal cannot be opened or a command in it cannot be run."""


class LabError(VpcepError):
    """A lab that cannot be brought to the state that was asked for."""
