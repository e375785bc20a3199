"""What moto forgets of EC2: defaults before a call, and what comes and goes with it after."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from moto.ec2.exceptions import InvalidSubnetIdError

if TYPE_CHECKING:
    from moto.ec2.models import EC2Backend

Form = Mapping[str, str]

_NAMES_GROUPS = ("SecurityGroupId.", "SecurityGroup.", "NetworkInterface.", "LaunchTemplate.")


def indexed(form: Form, name: str) -> list[str]:
    """The members of a list parameter of the EC2 Query API: ``Name.1``, ``Name.2``, ...

    Args:
        form: the request's parameters.
        name: the parameter's name.
    """
    members = [key for key in form if key.startswith(f"{name}.") and key[len(name) + 1 :].isdigit()]
    return [form[key] for key in sorted(members, key=lambda key: int(key.rpartition(".")[2]))]


def _in_default_group(backend: EC2Backend, form: Form) -> Form:
    """Without a security group, an instance gets its VPC's default one ("RunInstances")."""
    if any(key.startswith(_NAMES_GROUPS) for key in form) or "SubnetId" not in form:
        return form
    try:
        subnet = backend.get_subnet(form["SubnetId"])
    except InvalidSubnetIdError:
        return form
    group = backend.get_default_security_group(subnet.vpc_id)
    return {**form, "SecurityGroupId.1": group.id} if group else form


def _as_gateway_endpoint(_backend: EC2Backend, form: Form) -> Form:
    """An endpoint is a gateway endpoint unless told otherwise ("CreateVpcEndpoint")."""
    return {"VpcEndpointType": "Gateway", **form}


def _change_endpoint(backend: EC2Backend, form: Form) -> None:
    """The route to the prefix list comes and goes with the association; a policy can be reset.

    "ModifyVpcEndpoint" (Amazon EC2 API Reference), "Gateway endpoints" (AWS PrivateLink).
    """
    endpoint = backend.vpc_end_points[form["VpcEndpointId"]]
    prefix_list = endpoint.destination_prefix_list_id
    if form.get("ResetPolicy") == "true":
        endpoint.policy_document = json.dumps(endpoint.DEFAULT_POLICY)
    if prefix_list is None:
        return
    for table in indexed(form, "AddRouteTableId"):
        if not _leads_to(backend, table, endpoint.id):
            backend.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list
            )
    for table in indexed(form, "RemoveRouteTableId"):
        if _leads_to(backend, table, endpoint.id):
            backend.delete_route(table, "", destination_prefix_list_id=prefix_list)


def _leads_to(backend: EC2Backend, table: str, endpoint: str) -> bool:
    routes = backend.get_route_table(table).routes
    return any(route.gateway is not None and route.gateway.id == endpoint for route in routes)


def _forget_deleted_endpoints(backend: EC2Backend, _form: Form) -> None:
    """Deleted endpoints are listed as such for a while on AWS, and for ever in moto."""
    endpoints = backend.vpc_end_points
    for endpoint in [one for one in endpoints.values() if one.state == "deleted"]:
        del endpoints[endpoint.id]


def _free_route_tables(backend: EC2Backend, form: Form) -> None:
    """A deleted subnet is no longer associated with its route table ("DeleteSubnet")."""
    for table in backend.route_tables.values():
        for association in table.associations:
            if association.get("SubnetId") == form["SubnetId"]:
                backend.disassociate_route_table(association["RouteTableAssociationId"])


def _bind_primary_interface(backend: EC2Backend, form: Form) -> None:
    """The interface made with an instance goes with it, unless told otherwise ("RunInstances")."""
    first = "NetworkInterface.1."
    brought = f"{first}NetworkInterfaceId" in form
    if brought or form.get(f"{first}DeleteOnTermination") == "false":
        return
    reservation = list(backend.reservations.values())[-1]
    for instance in reservation.instances:
        instance.nics[0].delete_on_termination = True


def _delete_network_acls(backend: EC2Backend, form: Form) -> None:
    """A VPC's default network ACL goes with it ("DeleteVpc")."""
    for acl in list(backend.network_acls.values()):
        if acl.vpc_id == form["VpcId"]:
            del backend.network_acls[acl.id]


#: By operation: the parameters as AWS would complete them.
BEFOREHAND: Mapping[str, Callable[[EC2Backend, Form], Form]] = {
    "CreateVpcEndpoint": _as_gateway_endpoint,
    "RunInstances": _in_default_group,
}

#: By operation: what AWS does with it besides what moto does.
AFTERWARDS: Mapping[str, Callable[[EC2Backend, Form], None]] = {
    "DeleteSubnet": _free_route_tables,
    "DeleteVpc": _delete_network_acls,
    "DeleteVpcEndpoints": _forget_deleted_endpoints,
    "ModifyVpcEndpoint": _change_endpoint,
    "RunInstances": _bind_primary_interface,
}
