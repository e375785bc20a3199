"""What moto forgets of VPC endpoints: the routes of ModifyVpcEndpoint, and that deleted is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.cloud import moto_backend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.ec2.models import EC2Backend


def indexed(form: Mapping[str, str], name: str) -> list[str]:
    """The members of a list parameter of the EC2 Query API: ``Name.1``, ``Name.2``, ..."""
    members = [key for key in form if key.startswith(f"{name}.") and key[len(name) + 1 :].isdigit()]
    return [form[key] for key in sorted(members, key=lambda key: int(key.rpartition(".")[2]))]


def apply_route_tables(account: str, region: str, form: Mapping[str, str]) -> None:
    """Add and remove the routes that ModifyVpcEndpoint adds to and removes from route tables.

    "ModifyVpcEndpoint" (Amazon EC2 API Reference); "Gateway endpoints" (AWS PrivateLink): the
    route to the prefix list comes and goes with the association.
    """
    backend = moto_backend.ec2_backend(account, region)
    endpoint = backend.vpc_end_points[form["VpcEndpointId"]]
    prefix_list = endpoint.destination_prefix_list_id
    if prefix_list is None:
        return
    for table in indexed(form, "AddRouteTableId"):
        if not _has_route(backend, table, prefix_list):
            backend.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list
            )
    for table in indexed(form, "RemoveRouteTableId"):
        if _has_route(backend, table, prefix_list):
            backend.delete_route(table, "", destination_prefix_list_id=prefix_list)


def _has_route(backend: EC2Backend, table: str, prefix_list: str) -> bool:
    routes = backend.get_route_table(table).routes
    return any(
        route.destination_prefix_list is not None
        and route.destination_prefix_list.id == prefix_list
        for route in routes
    )


def foreign_route_table(account: str, region: str, form: Mapping[str, str]) -> str | None:
    """A route table asked for that is in another VPC than the endpoint; None where all fit."""
    backend = moto_backend.ec2_backend(account, region)
    endpoint = backend.vpc_end_points.get(form.get("VpcEndpointId", ""))
    vpc = endpoint.vpc_id if endpoint else form.get("VpcId")
    asked = indexed(form, "AddRouteTableId") + indexed(form, "RouteTableId")
    tables = backend.route_tables
    return next((one for one in asked if one in tables and tables[one].vpc_id != vpc), None)


def forget_deleted(account: str, region: str) -> None:
    """Drop endpoints that moto keeps listed as ``deleted`` for ever."""
    endpoints = moto_backend.ec2_backend(account, region).vpc_end_points
    for endpoint in [one for one in endpoints.values() if one.state == "deleted"]:
        del endpoints[endpoint.id]
