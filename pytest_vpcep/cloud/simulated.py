"""The simulated cloud: one account in one Region, remembered by moto, decided by the gate."""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

from pytest_vpcep.access.request import CONSOLE
from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.credentials import NOBODY, Credential, Credentials
from pytest_vpcep.cloud.door import Answer, Transport
from pytest_vpcep.cloud.gate import Account, Gate
from pytest_vpcep.cloud.host_support import ISOLATIONS
from pytest_vpcep.cloud.http_server import HttpServer
from pytest_vpcep.cloud.instances import Instances
from pytest_vpcep.cloud.live_configuration import LiveConfiguration
from pytest_vpcep.cloud.past_the_gate import client_in
from pytest_vpcep.cloud.regions import partition_of_region
from pytest_vpcep.cloud.sessions import SimulatedSession, http_request
from pytest_vpcep.errors import CloudError
from pytest_vpcep.network import interface_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    import boto3
    from testinfra.host import Host

    from pytest_vpcep.access.http_request import HttpRequest
    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.cloud.terminal import Terminal
    from pytest_vpcep.snapshot import Snapshot

ADMINISTRATOR = "administrator"
#: How many decisions are kept for the report of a failed test.
_JOURNAL = 200


class SimulatedCloud:
    """One AWS account of its own, with an administrator, in one Region.

    Args:
        region: the Region.
        isolation: how terminals are kept apart: ``auto``, ``bubblewrap`` or ``directory``.

    Raises:
        CloudError: AWS has no such Region, or there is no such isolation.

    """

    def __init__(self, region: str = "us-east-1", *, isolation: str = "auto") -> None:
        if isolation not in ISOLATIONS:
            message = f"isolation {isolation!r}: give one of {', '.join(ISOLATIONS)}"
            raise CloudError(message)
        self.closed = False
        self.region = region
        self.partition = partition_of_region(region)
        self.account = f"{secrets.randbelow(9 * 10**11) + 10**11}"
        self.journal: deque[Decision] = deque(maxlen=_JOURNAL)
        self._credentials = Credentials(self.account, self.partition)
        account = Account(self.account, region, self.partition)
        self._configuration = LiveConfiguration(account)
        self._gate = Gate(account, self._credentials, self._configuration, self.journal.append)
        with client_in(self.account, "iam", region) as iam:
            self.administrator = self._create_administrator(iam)
        self._instances = Instances(
            self._gate.answer, self._configuration, self._credentials, region, isolation
        )
        self._servers: list[HttpServer] = []
        self._sessions: dict[tuple[str, Credential], boto3.Session] = {}

    def __enter__(self) -> Self:
        """Use the cloud in a ``with`` statement, which closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the cloud."""
        self.close()

    def _create_administrator(self, iam: Any) -> Credential:
        """The IAM administrator that the lab begins with, and the key that signs at the console."""
        user = iam.create_user(UserName=ADMINISTRATOR)["User"]
        policy = f"arn:{self.partition}:iam::aws:policy/AdministratorAccess"
        moto_backend.know_aws_managed_policy(self.account, self.partition, policy)
        iam.attach_user_policy(UserName=ADMINISTRATOR, PolicyArn=policy)
        key = iam.create_access_key(UserName=ADMINISTRATOR)["AccessKey"]
        return Credential(user["Arn"], user["UserId"], key["AccessKeyId"], key["SecretAccessKey"])

    @property
    def root(self) -> Credential:
        """The account's root user."""
        return self._credentials.root

    def _from(self, vantage: str) -> Transport:
        """A way into the gate for requests of this process."""

        def transport(method: str, url: str, headers: Mapping[str, Any], body: Any) -> Answer:
            return self.answer(vantage, http_request(method, url, headers, body))

        return transport

    def session(self, vantage: str, credential: Credential) -> boto3.Session:
        """A boto3 session of this process, whose requests come from a vantage point.

        Args:
            vantage: ``console``, or an instance's id.
            credential: the access key that signs them.

        """
        known = (vantage, credential)
        if known not in self._sessions:
            self._sessions[known] = SimulatedSession(credential, self.region, self._from(vantage))
        return self._sessions[known]

    def answer(self, vantage: str, request: HttpRequest) -> Answer:
        """Answer one HTTP request as AWS would; see ``Gate.answer``."""
        return self._gate.answer(vantage, request)

    def credential_on(self, instance: str, access_key_id: str | None) -> Credential:
        """Whose requests an instance sends: an access key's, its role's, or nobody's.

        Args:
            instance: the instance's id.
            access_key_id: id of the key configured on it; None for none.

        """
        if access_key_id is not None:
            return self._credentials.of_key(access_key_id)
        role = self._instances.role(instance)
        return self._instances.role_session(instance, role).credential if role else NOBODY

    def snapshot(self) -> Snapshot:
        """What is configured in the account now."""
        return self._configuration.whole()

    def serve(self, vantage: str, *, port: int = 0) -> str:
        """Serve a vantage point to other processes, for ``AWS_ENDPOINT_URL`` or ``door.connect``.

        Args:
            vantage: ``console``, or an instance's id.
            port: port on 127.0.0.1; 0 for any that is free.

        Returns:
            The address, ``http://127.0.0.1:PORT``.

        Raises:
            CloudError: the port is taken, or is none.
            RequestError: there is no such instance.

        """
        if vantage != CONSOLE:
            interface_of(self._configuration.topology, vantage)
        server = HttpServer(lambda request: self.answer(vantage, request), port=port)
        self._servers.append(server)
        return server.address

    def terminal(self, instance: str) -> Host:
        """An instance's terminal, connected to by EC2 Instance Connect.

        Raises:
            TerminalError: the instance cannot be connected to; the text says where it ends.

        """
        return self._instances.host(instance)

    def connect(self, instance: str) -> Terminal:
        """An instance's terminal itself; see ``terminal``."""
        return self._instances.connect(instance)

    def type_into(self, instance: str, command: str, answers: Sequence[str]) -> None:
        """Run a command in an instance's terminal and type answers to what it asks.

        Args:
            instance: the instance's id.
            command: the command, such as ``aws configure``.
            answers: one line each; they appear in no log.

        Raises:
            TerminalError: the instance cannot be connected to, or the command failed.

        """
        self._instances.type_into(instance, command, answers)

    def disconnect(self, instance: str) -> None:
        """Close an instance's terminal, if it is open."""
        self._instances.disconnect(instance)

    def close(self) -> None:
        """Close terminals and addresses, and forget the account."""
        self.closed = True
        self._instances.close()
        for server in self._servers:
            server.close()
        self._servers.clear()
        moto_backend.forget_account(self.account)
