"""One lab: brought forward step by step, the same code on the simulated cloud and on AWS."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from pytest_vpcep.errors import LabError
from pytest_vpcep.lab import clean_up, endpoint
from pytest_vpcep.lab import topology as topologies
from pytest_vpcep.lab.access_key import (
    AccessKey,
    access_key_exists,
    create_access_key,
    delete_access_key,
)
from pytest_vpcep.lab.steps import Step
from pytest_vpcep.lab.vantage import VantagePoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from testinfra.host import Host

    from pytest_vpcep.cloud.credentials import Credential
    from pytest_vpcep.cloud.simulated import SimulatedCloud

#: Name of the file that step 4 touches and copies to the bucket.
UPLOADED = "touched-in-the-terminal.txt"


class Lab:
    """A lab in a cloud: its topology, the steps done so far, and the way to the next ones.

    Args:
        cloud: where the lab lives.
        name: the lab's own name; None: a new one, ``vpcep-`` and eight hexadecimal digits.

    """

    def __init__(self, cloud: SimulatedCloud, name: str | None = None) -> None:
        self.cloud = cloud
        self.names = topologies.Names(name or f"vpcep-{secrets.token_hex(4)}")
        self._done = 0
        self._topology: topologies.Topology | None = None
        self._access_key: AccessKey | None = None
        self._endpoint: str | None = None

    @property
    def step(self) -> Step | None:
        """The last step done; None before the first."""
        return Step(self._done) if self._done else None

    @property
    def topology(self) -> topologies.Topology:
        """What step 1 made: the ids of the VPC, its parts, the instance and the bucket.

        Raises:
            LabError: step 1 is not done yet.

        """
        if self._topology is None:
            raise self._too_early("topology", Step.SET_UP)
        return self._topology

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.topology.bucket

    @property
    def endpoint(self) -> str:
        """Id of the gateway endpoint, from step 5 on.

        Raises:
            LabError: step 5 is not done yet.

        """
        if self._endpoint is None:
            raise self._too_early("endpoint", Step.CREATE_ENDPOINT)
        return self._endpoint

    @property
    def access_key(self) -> AccessKey:
        """The administrator's access key, from step 3 on.

        Raises:
            LabError: step 3 is not done yet.

        """
        if self._access_key is None:
            raise self._too_early("access key", Step.ACCESS_KEY)
        return self._access_key

    def _too_early(self, what: str, step: Step) -> LabError:
        return LabError(f"the lab has no {what} before step {step:d}; call lab.reach({step:d})")

    @property
    def console(self) -> VantagePoint:
        """The administrator at the console, outside the VPC."""
        return VantagePoint("console", self.cloud, lambda: self.cloud.administrator)

    @property
    def root(self) -> VantagePoint:
        """The account's root user at the console."""
        return VantagePoint("console", self.cloud, lambda: self.cloud.root)

    @property
    def instance(self) -> VantagePoint:
        """The instance, with the access key from step 3 on, or its role, or nobody's key."""
        return self.vantage_of(self.topology.instance)

    def vantage_of(self, instance: str) -> VantagePoint:
        """The vantage point of any instance of the lab's VPC.

        Args:
            instance: the instance's id.

        """
        return VantagePoint(instance, self.cloud, lambda: self._credential_on(instance))

    def _credential_on(self, instance: str) -> Credential:
        key = self._access_key
        return self.cloud.credential_on(instance, key.access_key_id if key else None)

    @property
    def terminal(self) -> Host:
        """The instance's terminal as testinfra's host; connects as step 2 does.

        Raises:
            TerminalError: the instance cannot be connected to; the text says why.

        """
        return self.cloud.terminal(self.topology.instance)

    def reach(self, step: int | Step) -> Lab:
        """Bring the lab to the state after a step, doing what is not done yet.

        Args:
            step: 1 to 9. A step that is done already is not done again.

        Raises:
            LabError: no such step, or a step did not go as the lab says.

        """
        whole = isinstance(step, int) and not isinstance(step, bool)
        if not whole or step not in set(Step):
            message = f"the lab has steps 1 to 9, and no step {step!r}"
            raise LabError(message)
        for number in range(self._done + 1, step + 1):
            _ACTIONS[Step(number)](self)
            self._done = number
        return self

    def set_up(self) -> None:
        """Step 1: the VPC, the instance, the bucket and its two objects."""
        self._topology = topologies.set_up(self.console.session, self.names)

    def connect(self) -> None:
        """Step 2: EC2 Instance Connect to the instance.

        Raises:
            TerminalError: the instance cannot be reached; the text says where the way ends.

        """
        self.terminal.check_output("true")

    def create_access_key(self) -> None:
        """Step 3: an access key for the administrator."""
        self._access_key = create_access_key(self.console.session)

    def use_s3(self) -> None:
        """Step 4: configure ``aws`` in the terminal, and copy an empty file to the bucket."""
        self.configure_terminal()
        self.in_terminal(f"sudo touch /tmp/{UPLOADED}")
        self.in_terminal(f"aws s3 cp /tmp/{UPLOADED} s3://{self.bucket}")

    def configure_terminal(self) -> None:
        """Answer ``aws configure`` in the terminal with the access key and the lab's Region."""
        key = self.access_key
        answers = (key.access_key_id, key.secret_access_key, self.topology.region, "json")
        self.cloud.type_into(self.topology.instance, "aws configure", answers)

    def in_terminal(self, command: str) -> str:
        """Run a command in the terminal that has to succeed, and give what it prints.

        Raises:
            LabError: the command failed; its message is in the text.

        """
        result = self.terminal.run(command)
        if result.failed:
            message = f"`{command}` failed in the terminal: {result.stderr.strip()}"
            raise LabError(message)
        return str(result.stdout)

    def create_endpoint(self) -> None:
        """Step 5: a gateway endpoint for S3, associated with no route table."""
        self._endpoint = endpoint.create_gateway_endpoint(
            self.console.session, self.names, self.topology.vpc
        )

    def put_bucket_policy(self, **changes: Any) -> None:
        """Step 6: deny everyone the bucket, except over the endpoint.

        Args:
            changes: elements of the statement to write otherwise, such as ``Resource``.

        """
        policy = endpoint.deny_unless_over(self.endpoint, self.topology.bucket_arn, **changes)
        endpoint.put_bucket_policy(self.console.session, self.bucket, policy)

    def associate_route_table(self, route_table: str | None = None) -> None:
        """Step 7: associate the endpoint with a route table.

        Args:
            route_table: the table's id; None: the public subnet's.

        """
        table = route_table or self.topology.route_table
        endpoint.associate_route_table(self.console.session, self.endpoint, table)

    def deny_and_allow(self) -> None:
        """Step 8: set the endpoint policy's effect to Deny, and back to Allow."""
        self.set_endpoint_policy("Deny")
        self.set_endpoint_policy("Allow")

    def set_endpoint_policy(self, effect: str, resources: Sequence[str] = ("*",)) -> None:
        """Set the endpoint policy to one statement for everyone and every action.

        Args:
            effect: ``Allow`` or ``Deny``.
            resources: ARNs of the resources it speaks of.

        """
        policy = endpoint.endpoint_policy(effect, resources)
        endpoint.put_endpoint_policy(self.console.session, self.endpoint, policy)

    def add_private_subnet(self, what: str, cidr: str) -> topologies.Subnet:
        """Add a subnet without a route to the internet; see ``topology.create_private_subnet``."""
        return topologies.create_private_subnet(
            self.console.session, self.names, what, cidr, self.topology.vpc
        )

    def add_public_subnet(self, what: str, cidr: str) -> topologies.Subnet:
        """Add a subnet with a route to the internet; see ``topology.create_public_subnet``."""
        made = self.topology
        return topologies.create_public_subnet(
            self.console.session, self.names, what, cidr, made.vpc, made.internet_gateway
        )

    def add_instance(self, what: str, subnet: str) -> VantagePoint:
        """Launch another instance like the lab's into a subnet, and give it as a vantage point."""
        group = self.topology.security_group
        instance = topologies.launch_instance(
            self.console.session, self.names, subnet, group, f"{what}-instance"
        )
        return self.vantage_of(instance)

    def add_bucket(self, what: str) -> str:
        """Create another, empty bucket in the lab's Region, and give its name."""
        name = f"{self.names.lab}-{what}"
        topologies.create_bucket(self.console.session, self.names, name)
        return name

    def endpoint_routes(self) -> dict[str, str]:
        """The routes to the endpoint: route-table id to the prefix list that leads there."""
        return endpoint.endpoint_routes(self.console.session, self.endpoint)

    def leftovers(self) -> list[str]:
        """What the lab created and is still there: ids, bucket names, and its access key's id."""
        left = clean_up.leftovers(self.console.session, self.names)
        key = self._access_key
        if key is not None and access_key_exists(self.console.session, key):
            left.append(key.access_key_id)
        return left

    def clean_up(self) -> None:
        """Step 9: remove all that the lab created, the bucket from the terminal first.

        Raises:
            LabError: step 3 is not done yet, or something is left; the text names it.

        """
        access_key = self.access_key
        session = self.console.session
        for bucket in clean_up.buckets_of(session, self.names):
            clean_up.remove_bucket(self.terminal, bucket)
        self.cloud.disconnect(self.topology.instance)
        clean_up.terminate_instances(session, clean_up.live_instances(session, self.topology.vpc))
        clean_up.remove_network(session, self.topology.vpc)
        delete_access_key(session, access_key)
        left = self.leftovers()
        if left:
            message = f"the clean-up left {', '.join(left)}"
            raise LabError(message)


_ACTIONS: dict[Step, Callable[[Lab], None]] = {
    Step.SET_UP: Lab.set_up,
    Step.CONNECT: Lab.connect,
    Step.ACCESS_KEY: Lab.create_access_key,
    Step.USE_S3: Lab.use_s3,
    Step.CREATE_ENDPOINT: Lab.create_endpoint,
    Step.BUCKET_POLICY: lambda lab: lab.put_bucket_policy(),
    Step.ASSOCIATE_ROUTE_TABLE: lambda lab: lab.associate_route_table(),
    Step.ENDPOINT_POLICY: Lab.deny_and_allow,
    Step.CLEAN_UP: Lab.clean_up,
}
