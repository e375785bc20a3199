"""Changes of whatever blocks a path: a security group's or network ACL's rules, a state, a setting.

What is tried follows from the component that the path ends at; whether it helps is found by trying.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_vpcep.access.changes_of_routes import prefix_list_of
from pytest_vpcep.access.configuration_change import Change, Row, rows, with_row
from pytest_vpcep.access.decide import destination_region
from pytest_vpcep.network import interface_of
from pytest_vpcep.network.traffic import ANY_CLIENT_PORTS, Direction

if TYPE_CHECKING:
    from pytest_vpcep.access.request import Decision
    from pytest_vpcep.network.records import Interface
    from pytest_vpcep.snapshot import Snapshot

_ANYWHERE, _HTTPS = "0.0.0.0/0", 443
#: An address for documentation (RFC 5737): which one Amazon hands out is not known beforehand.
_ELASTIC_IP = "203.0.113.1"
_IDS = {
    "SecurityGroups": "GroupId",
    "NetworkAcls": "NetworkAclId",
    "NetworkInterfaces": "NetworkInterfaceId",
    "InternetGateways": "InternetGatewayId",
}


def barrier_changes(decision: Decision) -> Iterator[Change]:
    """Yield the changes of the component that a path is blocked at; none where none is.

    Args:
        decision: the decision whose outcome might change.

    """
    blocked = decision.path.blocked if decision.path else None
    if blocked is not None:
        changes_of = _CHANGES.get(blocked.component.partition("-")[0])
        if changes_of is not None:
            yield from changes_of(decision, blocked.component)


def _put(snapshot: Snapshot, member: str, changed: Row) -> Snapshot:
    return with_row(snapshot, f"Describe{member}", member, _IDS[member], changed)


def _found(snapshot: Snapshot, member: str, identifier: str) -> list[dict[str, Any]]:
    return [
        row
        for row in rows(snapshot, f"Describe{member}", member)
        if row.get(_IDS[member]) == identifier
    ]


def _source(decision: Decision) -> Interface:
    topology = decision.snapshot.topology
    return topology.interface(interface_of(topology, decision.vantage))


def _security_group_changes(decision: Decision, group: str) -> Iterator[Change]:
    for direction, peer, rule in _rules(decision):
        is_egress = direction is Direction.EGRESS
        member = "IpPermissionsEgress" if is_egress else "IpPermissions"
        allowed = {"IpProtocol": "tcp", "FromPort": _HTTPS, "ToPort": _HTTPS, **rule}
        for row in _found(decision.snapshot, "SecurityGroups", group):
            permissions = [*(row.get(member) or ()), allowed]
            changed = _put(decision.snapshot, "SecurityGroups", {**row, member: permissions})
            words = "an outbound" if is_egress else "an inbound"
            sentence = f"add {words} rule to security group {group}: tcp {_HTTPS} {peer}"
            yield Change.to_ec2(sentence, changed, decision.vantage, purpose=group)


def _rules(decision: Decision) -> Iterator[tuple[Direction, str, Row]]:
    """Yield the rules that may be missing: out to the service, or in from the source."""
    snapshot, request = decision.snapshot, decision.request
    region = destination_region(snapshot, request)
    prefix_list = prefix_list_of(snapshot, f"com.amazonaws.{region}.{request.service}")
    if prefix_list is not None:
        listed = {"PrefixListIds": [{"PrefixListId": prefix_list}]}
        yield Direction.EGRESS, f"to {prefix_list}", listed
    yield Direction.EGRESS, f"to {_ANYWHERE}", {"IpRanges": [{"CidrIp": _ANYWHERE}]}
    address = _source(decision).private_address
    if address is not None:
        cidr = f"{address}/32"
        yield Direction.INGRESS, f"from {cidr}", {"IpRanges": [{"CidrIp": cidr}]}


def _network_acl_changes(decision: Decision, acl: str) -> Iterator[Change]:
    """Yield one rule more, or two where the answers are denied as well.

    "Network ACL rules" (Amazon VPC User Guide): the lowest number is looked at first, from 1 on.
    """
    requests = (_HTTPS, _HTTPS)
    alone = [((way, ports),) for way in Direction for ports in (requests, ANY_CLIENT_PORTS)]
    pairs = [((way, requests), (way.reverse, ANY_CLIENT_PORTS)) for way in Direction]
    for wanted in (*alone, *pairs):
        for row in _found(decision.snapshot, "NetworkAcls", acl):
            added = [_acl_entry(row, way, ports) for way, ports in wanted]
            if any(entry["RuleNumber"] < 1 for entry in added):
                continue
            entries = [*(row.get("Entries") or ()), *added]
            changed = _put(decision.snapshot, "NetworkAcls", {**row, "Entries": entries})
            sentence = f"add to network ACL {acl}: {' and '.join(map(_entry_in_words, added))}"
            yield Change.to_ec2(sentence, changed, decision.vantage, purpose=acl)


def _acl_entry(acl: Row, way: Direction, ports: tuple[int, int]) -> dict[str, Any]:
    egress = way is Direction.EGRESS
    same_way = [one for one in acl.get("Entries") or () if bool(one.get("Egress")) == egress]
    first = min((one.get("RuleNumber") or 0 for one in same_way), default=101)
    return {
        "RuleNumber": first - 1,
        "Protocol": "6",
        "PortRange": {"From": ports[0], "To": ports[1]},
        "RuleAction": "allow",
        "Egress": egress,
        "CidrBlock": _ANYWHERE,
    }


def _entry_in_words(entry: Row) -> str:
    first, last = entry["PortRange"]["From"], entry["PortRange"]["To"]
    ports = str(first) if first == last else f"{first}-{last}"
    rule, peer = ("outbound rule", "to") if entry["Egress"] else ("inbound rule", "from")
    return f"{rule} {entry['RuleNumber']}, allow tcp {ports} {peer} {_ANYWHERE}"


def _address_changes(decision: Decision, interface: str) -> Iterator[Change]:
    """Yield an Elastic IP address for the interface's primary private address."""
    association = {"Association": {"PublicIp": _ELASTIC_IP}}
    for row in _found(decision.snapshot, "NetworkInterfaces", interface):
        addresses = [
            {**address, **association} if address.get("Primary") else address
            for address in row.get("PrivateIpAddresses") or ()
        ]
        changed = {**row, **association, "PrivateIpAddresses": addresses}
        sentence = f"associate an Elastic IP address with {interface}"
        snapshot = _put(decision.snapshot, "NetworkInterfaces", changed)
        yield Change.to_ec2(sentence, snapshot, decision.vantage)


def _instance_changes(decision: Decision, instance: str) -> Iterator[Change]:
    started = [
        {
            **reservation,
            "Instances": [
                {**one, "State": {"Name": "running"}} if one["InstanceId"] == instance else one
                for one in reservation.get("Instances") or ()
            ],
        }
        for reservation in rows(decision.snapshot, "DescribeInstances", "Reservations")
    ]
    ec2 = {**decision.snapshot.ec2, "DescribeInstances": {"Reservations": started}}
    changed = replace(decision.snapshot, ec2=ec2)
    yield Change.to_ec2(f"start instance {instance}", changed, decision.vantage)


def _attachment_changes(decision: Decision, gateway: str) -> Iterator[Change]:
    vpc = _source(decision).vpc
    for row in _found(decision.snapshot, "InternetGateways", gateway):
        attached = {**row, "Attachments": [{"VpcId": vpc, "State": "available"}]}
        changed = _put(decision.snapshot, "InternetGateways", attached)
        sentence = f"attach internet gateway {gateway} to {vpc}"
        yield Change.to_ec2(sentence, changed, decision.vantage)


def _dns_changes(decision: Decision, vpc: str) -> Iterator[Change]:
    attributes = decision.snapshot.ec2.get("VpcAttributes") or {}
    turned_on = {**(attributes.get(vpc) or {}), "enableDnsSupport": True}
    ec2 = {**decision.snapshot.ec2, "VpcAttributes": {**attributes, vpc: turned_on}}
    changed = replace(decision.snapshot, ec2=ec2)
    yield Change.to_ec2(f"turn on DNS support in {vpc}", changed, decision.vantage)


#: What to change of a component, by the part of its id before the dash.
_CHANGES: Mapping[str, Callable[[Decision, str], Iterator[Change]]] = {
    "sg": _security_group_changes,
    "acl": _network_acl_changes,
    "eni": _address_changes,
    "i": _instance_changes,
    "igw": _attachment_changes,
    "vpc": _dns_changes,
}
