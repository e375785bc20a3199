"""The instances of a simulated account: their terminals, metadata and roles."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import testinfra

from pytest_vpcep.cloud.http_server import HttpServer
from pytest_vpcep.cloud.instance_metadata import InstanceMetadata, InstanceRole
from pytest_vpcep.cloud.terminal import Terminal
from pytest_vpcep.cloud.terminal.backend import register
from pytest_vpcep.errors import RequestError, TerminalError
from pytest_vpcep.network import interface_of, trace_instance_connect
from pytest_vpcep.secret import SecretBytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from testinfra.host import Host

    from pytest_vpcep.access.http_request import HttpRequest
    from pytest_vpcep.cloud.credentials import Credentials, RoleSession
    from pytest_vpcep.cloud.door import Answer
    from pytest_vpcep.cloud.live_configuration import LiveConfiguration


class Instances:
    """Opens and keeps one terminal per instance.

    Args:
        answer: the gate: answers one request from a vantage point.
        configuration: what is configured in the account now.
        credentials: the account's access keys.
        region: Region the instances are in.
        isolation: ``auto``, ``bubblewrap`` or ``directory``.

    """

    def __init__(
        self,
        answer: Callable[[str, HttpRequest], Answer],
        configuration: LiveConfiguration,
        credentials: Credentials,
        region: str,
        isolation: str,
    ) -> None:
        self._answer = answer
        self._configuration = configuration
        self._credentials = credentials
        self._region = region
        self._isolation = isolation
        self._open: dict[str, tuple[Terminal, HttpServer]] = {}
        self._sockets = tempfile.TemporaryDirectory(prefix="vpcep-")

    def host(self, instance: str) -> Host:
        """An instance's terminal as testinfra's host, connected to by EC2 Instance Connect.

        Raises:
            TerminalError: the instance cannot be connected to; the text says where it ends.

        """
        self.connect(instance)
        register()
        host: Host = testinfra.get_host(f"vpcep://{instance}")
        return host

    def connect(self, instance: str) -> Terminal:
        """Open an instance's terminal, or give the one that is open, if the way there is free.

        Raises:
            TerminalError: the instance cannot be connected to; the text says where it ends.

        """
        topology = self._configuration.topology
        try:
            path = trace_instance_connect(topology, interface_of(topology, instance))
        except RequestError as error:
            raise TerminalError(f"cannot connect to {instance}: {error}") from None
        if path.blocked:
            message = f"cannot connect to {instance}: {path.blocked.code}: {path.blocked.detail}"
            raise TerminalError(message)
        if path.undetermined:
            message = f"cannot tell whether {instance} can be connected to: {path.undetermined}"
            raise TerminalError(message)
        if instance not in self._open:
            self._open[instance] = self._opened(instance)
        return self._open[instance][0]

    def _opened(self, instance: str) -> tuple[Terminal, HttpServer]:
        server = HttpServer(
            lambda request: self._answer(instance, request),
            host=f"unix://{Path(self._sockets.name) / instance}",
        )
        metadata = InstanceMetadata(
            describe=lambda: self.describe(instance),
            role=lambda: self.role(instance),
            assume=lambda role: self.role_session(instance, role),
        )
        terminal = Terminal(
            instance,
            region=self._region,
            hostname=str(self.describe(instance)["PrivateDnsName"]).partition(".")[0],
            gate=server.address,
            metadata=metadata.answer,
            isolation=None if self._isolation == "auto" else self._isolation,
        )
        return terminal, server

    def describe(self, instance: str) -> Mapping[str, Any]:
        """An instance as DescribeInstances gives it now.

        Raises:
            RequestError: there is no such instance.

        """
        described = self._configuration.ec2["DescribeInstances"]["Reservations"]
        for reservation in described:
            for found in reservation["Instances"]:
                if found["InstanceId"] == instance:
                    return dict(found)
        message = f"there is no instance {instance} in this account and Region"
        raise RequestError(message)

    def role(self, instance: str) -> InstanceRole | None:
        """The role in an instance's profile; None without a profile, or an empty one."""
        profile = self.describe(instance).get("IamInstanceProfile", {}).get("Arn")
        arn = self._configuration.snapshot(None).role_of_instance(instance) if profile else None
        return InstanceRole(arn, str(profile)) if arn else None

    def role_session(self, instance: str, role: InstanceRole) -> RoleSession:
        """The session that an instance has of its role."""
        return self._credentials.on_instance(role.arn, instance, self._region)

    def type_into(self, instance: str, command: str, answers: Sequence[str]) -> None:
        """Run a command in a terminal and type answers to what it asks, one line each.

        Raises:
            TerminalError: the instance cannot be connected to, or the command failed.

        """
        typed = SecretBytes("".join(f"{answer}\n" for answer in answers).encode())
        result = self.connect(instance).run(command, input=typed)
        if result.rc != 0:
            message = f"`{command}` ended with {result.rc} in the terminal of {instance}"
            raise TerminalError(message)

    def disconnect(self, instance: str) -> None:
        """Close an instance's terminal, if it is open."""
        if instance in self._open:
            terminal, server = self._open.pop(instance)
            terminal.close()
            server.close()

    def close(self) -> None:
        """Close every terminal."""
        for instance in list(self._open):
            self.disconnect(instance)
        self._sockets.cleanup()
