"""Who asks from where: the places of a snapshot, each with the principal its requests bear.

An instance's requests bear its role, in a session that EC2 names after the instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_vpcep.access.request import CONSOLE
from pytest_vpcep.errors import SnapshotError
from pytest_vpcep.network import interface_of
from pytest_vpcep.network.fields import Fields

if TYPE_CHECKING:
    from pytest_vpcep.snapshot import Snapshot

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Asker:
    """A place, and the principal that asks from it.

    Args:
        place: ``console``, or the id of an instance or network interface.
        principal: its ARN or ``anonymous``; None where the snapshot does not tell.
        role: ARN of the instance's role, where the principal is the instance's session of it.
        note: why it is anonymous or not known; empty for a principal that was found or given.

    """

    place: str
    principal: str | None
    role: str | None = None
    note: str = ""

    @property
    def identity(self) -> tuple[str | None, str | None]:
        """What its policies hang on: equal for the sessions of one role."""
        return (self.role, None if self.role else self.principal)

    def name(self, account: str) -> str:
        """Return what to call the principal, without the account where that is its own.

        Args:
            account: account id that the snapshot is of.

        """
        if self.principal is None:
            return "not known"
        arn = self.role or self.principal
        short = arn.split(":", 5)[-1] if f":{account}:" in arn else arn
        return f"{short} ({self.note})" if self.note else short


def find_askers(
    snapshot: Snapshot, places: Iterable[str] = (), principals: Iterable[str] = ()
) -> Iterator[Asker]:
    """Yield who asks from each place.

    Args:
        snapshot: the account's configuration.
        places: ``console``, instances and network interfaces; none: the console and every
            instance that has a network interface.
        principals: who asks, from every place; none: from the console every IAM user, from an
            instance its role, or nobody that is known (``anonymous``) where it has none.

    Raises:
        RequestError: the snapshot has no such place.
        SnapshotError: a value in the snapshot is not of AWS's response shape.

    """
    asked_places = dict.fromkeys(places) or (CONSOLE, *_usable_instances(snapshot))
    given = tuple(dict.fromkeys(principals))
    profiles = {} if given else _profiles(snapshot)
    for place in asked_places:
        interface = None if place == CONSOLE else interface_of(snapshot.topology, place)
        if given:
            for principal in given:
                yield Asker(place, principal)
        elif interface is None:
            yield from _at_the_console(snapshot)
        else:
            instance = snapshot.topology.interface(interface).attached_to
            yield _at_an_instance(snapshot, place, instance, profiles.get(instance or ""))


def instances_without_interface(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the instances that no request can come from, such as terminated ones."""
    return tuple(
        instance.id for instance in snapshot.topology.instances.values() if not instance.interfaces
    )


def _usable_instances(snapshot: Snapshot) -> list[str]:
    return [instance.id for instance in snapshot.topology.instances.values() if instance.interfaces]


def _profiles(snapshot: Snapshot) -> dict[str, str]:
    """Return the instance profile of each instance that has one, in one pass over all."""
    found = {}
    described = Fields(snapshot.ec2, "ec2").object("DescribeInstances")
    for reservation in described.objects("Reservations"):
        for instance in reservation.objects("Instances"):
            profile = instance.object("IamInstanceProfile").optional_text("Arn")
            if profile:
                found[instance.text("InstanceId")] = profile
    return found


def _at_the_console(snapshot: Snapshot) -> Iterator[Asker]:
    users = snapshot.principals.users
    for user in users:
        yield Asker(CONSOLE, user)
    if not users:
        note = "the snapshot has no IAM user who could ask; name one with --principal"
        yield Asker(CONSOLE, None, note=note)


def _at_an_instance(
    snapshot: Snapshot, place: str, instance: str | None, profile: str | None
) -> Asker:
    if instance is None or profile is None:
        return Asker(place, ANONYMOUS, note="no instance profile")
    try:
        role = snapshot.principals.role_of_profile(profile)
    except SnapshotError as unknown:
        return Asker(place, None, note=str(unknown))
    if role is None:
        return Asker(place, ANONYMOUS, note="no role in the instance profile")
    partition, _, _, account, name = role.split(":", 5)[1:]
    session = f"{name.rpartition('/')[2]}/{instance}"
    return Asker(
        place,
        f"arn:{partition}:sts::{account}:assumed-role/{session}",
        role=role,
    )
