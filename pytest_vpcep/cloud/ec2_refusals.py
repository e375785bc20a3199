"""What EC2 refuses and moto carries out: dry runs, resources in use, endpoints that cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_vpcep.cloud import moto_backend
from pytest_vpcep.cloud.ec2_gaps import indexed
from pytest_vpcep.cloud.signature import Refusal
from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy import validate_endpoint_policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.ec2.models import EC2Backend

    from pytest_vpcep.cloud.ec2_gaps import Form
    from pytest_vpcep.cloud.moto_gaps import Call

#: "Gateway endpoints" (AWS PrivateLink); S3 Express One Zone has one too.
_GATEWAY_SERVICES = ("s3", "dynamodb", "s3express")
_SERVICE_NAME = re.compile(r"(?:cn\.)?com\.amazonaws\.(?P<region>[a-z0-9-]+)\.(?P<name>.+)")


def ec2_refusal(call: Call) -> Refusal | None:
    """EC2's refusal of a call that the policies allow; None where it takes it.

    "Error codes for the Amazon EC2 API" (Amazon EC2 API Reference) names the codes.

    Args:
        call: the call, to EC2.
    """
    backend = moto_backend.ec2_backend(call.account, call.region)
    check = _CHECKS.get(call.operation)
    refusal = check(backend, call.request.form, call.region) if check else None
    if refusal is None and call.request.form.get("DryRun") == "true":
        message = "Request would have succeeded, but DryRun flag is set."
        return Refusal(412, "DryRunOperation", message)
    return refusal


def _subnet_in_use(backend: EC2Backend, form: Form, _region: str) -> Refusal | None:
    subnet = form.get("SubnetId", "")
    if any(interface.subnet.id == subnet for interface in backend.enis.values()):
        message = f"The subnet '{subnet}' has dependencies and cannot be deleted."
        return Refusal(400, "DependencyViolation", message)
    return None


def _group_in_use(backend: EC2Backend, form: Form, _region: str) -> Refusal | None:
    wanted = form.get("GroupId", "")
    used = {group.id for interface in backend.enis.values() for group in interface.group_set}
    if wanted in used:
        return Refusal(400, "DependencyViolation", f"resource {wanted} has a dependent object")
    return None


def _new_endpoint(backend: EC2Backend, form: Form, region: str) -> Refusal | None:
    name = form.get("ServiceName", "")
    match = _SERVICE_NAME.fullmatch(name)
    if not match or match["region"] != region:
        message = f"The Vpc Endpoint Service '{name}' does not exist"
        return Refusal(400, "InvalidServiceName", message)
    gateway = form.get("VpcEndpointType", "Gateway") == "Gateway"
    if gateway and match["name"] not in _GATEWAY_SERVICES:
        message = f"The VPC endpoint service {name} does not support endpoints of type Gateway"
        return Refusal(400, "InvalidParameter", message)
    lists = backend.managed_prefix_lists.values()
    served = next((one.id for one in lists if one.prefix_list_name == name), None)
    tables = indexed(form, "RouteTableId")
    return _tables(backend, tables, form.get("VpcId"), served) or _policy(form, gateway=gateway)


def _changed_endpoint(backend: EC2Backend, form: Form, _region: str) -> Refusal | None:
    wanted = form.get("VpcEndpointId", "")
    endpoint = backend.vpc_end_points.get(wanted)
    if endpoint is None:
        message = f"The Vpc Endpoint Id '{wanted}' does not exist"
        return Refusal(400, "InvalidVpcEndpointId.NotFound", message)
    tables = indexed(form, "AddRouteTableId")
    prefix_list = endpoint.destination_prefix_list_id
    gateway = (endpoint.vpc_endpoint_type or "Gateway") == "Gateway"
    return _tables(backend, tables, endpoint.vpc_id, prefix_list, wanted) or _policy(
        form, gateway=gateway
    )


def _tables(
    backend: EC2Backend,
    tables: list[str],
    vpc: str | None,
    prefix_list: str | None,
    endpoint: str | None = None,
) -> Refusal | None:
    """Whether an endpoint can be associated with route tables."""
    for name in tables:
        table = backend.route_tables.get(name)
        if table is None:
            message = f"The routeTable ID '{name}' does not exist"
            return Refusal(400, "InvalidRouteTableID.NotFound", message)
        if table.vpc_id != vpc:
            return Refusal(400, "InvalidParameter", f"Route table {name} is not in VPC {vpc}")
        for route in table.routes:
            there = route.destination_prefix_list
            same = there is not None and there.id == prefix_list
            if same and (route.gateway is None or route.gateway.id != endpoint):
                message = (
                    f"route table {name} already has a route with destination-prefix-list-id "
                    f"{prefix_list}"
                )
                return Refusal(400, "RouteAlreadyExists", message)
    return None


def _policy(form: Form, *, gateway: bool) -> Refusal | None:
    document = form.get("PolicyDocument")
    if not document:
        return None
    try:
        validate_endpoint_policy(document, gateway=gateway)
    except PolicyRefused as refused:
        return Refusal(400, refused.code, refused.message)
    return None


_CHECKS: dict[str, Callable[[EC2Backend, Form, str], Refusal | None]] = {
    "CreateVpcEndpoint": _new_endpoint,
    "DeleteSecurityGroup": _group_in_use,
    "DeleteSubnet": _subnet_in_use,
    "ModifyVpcEndpoint": _changed_endpoint,
}
