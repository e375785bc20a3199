"""From a request to a query or JSON service to its operation, and what AWS authorizes for it.

Sources: "Actions, resources, and condition keys" of each service (Service Authorization
Reference); "Grant permission to tag Amazon EC2 resources during creation" (Amazon EC2 User Guide).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pytest_vpcep.access.api_resources import (
    STS_WITHOUT_PERMISSION,
    Caller,
    Resource,
    cloudformation_resource,
    dynamodb_resources,
    iam_resource,
    instance_connect_resource,
    sts_resource,
)
from pytest_vpcep.access.authorization import Authorization
from pytest_vpcep.access.ec2_resources import ec2_resources, tagged_on_creation
from pytest_vpcep.access.http_request import HttpRequest, ServiceAddress
from pytest_vpcep.access.s3_context import http_context
from pytest_vpcep.errors import RequestError

#: IAM's prefix for services whose signing name is another.
_IAM_PREFIXES = {"monitoring": "cloudwatch", "email": "ses"}

_RPC_PATH = re.compile(r"^/service/[^/]+/operation/(?P<operation>[A-Za-z0-9]+)$")
_TAG_PARAMETER = re.compile(
    r"^(?:TagSpecification\.\d+\.Tag|Tags?(?:\.member)?)\.\d+\.(Key|Value)$"
)

#: Where the parameter of an operation is the value of a condition key of the same action.
_PARAMETER_KEYS = {
    "sts": {
        "ExternalId": "sts:ExternalId",
        "RoleSessionName": "sts:RoleSessionName",
        "SourceIdentity": "sts:SourceIdentity",
        "DurationSeconds": "sts:DurationSeconds",
    },
    "iam": {
        "PolicyArn": "iam:PolicyARN",
        "PermissionsBoundary": "iam:PermissionsBoundary",
        "AWSServiceName": "iam:AWSServiceName",
    },
    "ec2": {"ServiceName": "ec2:VpceServiceName", "InstanceType": "ec2:InstanceType"},
    "cloudformation": {
        "TemplateURL": "cloudformation:TemplateUrl",
        "RoleARN": "cloudformation:RoleArn",
    },
    "ec2-instance-connect": {"InstanceOSUser": "ec2:osuser"},
}


@dataclass(frozen=True)
class ApiOperation:
    """One operation of a service that is not S3.

    Args:
        service: the service's prefix in IAM actions.
        name: the operation's name, such as ``CreateVpcEndpoint``.
        parameters: the request's parameters; flat names for the query protocols
            (``RouteTableId.1``), nested JSON values for the JSON protocols.
        region: the Region it was sent to; None where that is unknown.
    """

    service: str
    name: str
    parameters: Mapping[str, object]
    region: str | None = None


def api_operation(http_request: HttpRequest, address: ServiceAddress) -> ApiOperation:
    """Name the operation a request is: by ``Action``, ``X-Amz-Target``, or its RPC path.

    Args:
        http_request: the request.
        address: what ``service_of`` found it to address.

    Raises:
        RequestError: nothing in the request names an operation (a service with a REST protocol),
            or its body is not the JSON it has to be.
    """
    service = _IAM_PREFIXES.get(address.service, address.service)
    target = http_request.headers.get("X-Amz-Target")
    if target:
        return ApiOperation(service, target.rpartition(".")[2], _json(http_request), address.region)
    parameters = {**http_request.parameters, **http_request.form}
    if parameters.get("Action"):
        return ApiOperation(
            service, parameters["Action"], MappingProxyType(parameters), address.region
        )
    path = _RPC_PATH.match(http_request.path)
    if path:
        return ApiOperation(service, path["operation"], MappingProxyType({}), address.region)
    raise RequestError(
        f"{http_request.method} request to {address.service}: no Action parameter and no "
        "X-Amz-Target header name its operation"
    )


def api_authorizations(operation: ApiOperation, caller: Caller) -> tuple[Authorization, ...]:
    """List what AWS authorizes for an operation of a service that is not S3.

    Services not looked at here are asked about on ``*`` and marked undetermined, as policies may
    well name resources there. ``sts:GetCallerIdentity`` and ``sts:GetSessionToken`` need no
    permission at all: nothing is authorized for them, the answer is empty.

    Args:
        operation: the operation.
        caller: who asks, in which account.
    """
    if operation.service == "sts" and operation.name in STS_WITHOUT_PERMISSION:
        return ()
    action = f"{operation.service}:{operation.name}"
    found = tuple(_resources(operation, caller))
    return (
        *(Authorization(action, resource, undetermined=reason) for resource, reason in found),
        *_dependent(operation, caller, [resource for resource, _ in found]),
    )


def api_context(
    authorization: Authorization, operation: ApiOperation, http_request: HttpRequest
) -> dict[str, str | tuple[str, ...]]:
    """The condition keys that a service takes from the request, for one of its authorizations.

    Tags (``aws:RequestTag``, ``aws:TagKeys``), ``ec2:CreateAction``, ``iam:PassedToService`` and
    the keys that are a parameter of the same action.

    Args:
        authorization: the action and resource that are to be judged.
        operation: the operation the request is.
        http_request: the request, with AWS's own URL.
    """
    context: dict[str, str | tuple[str, ...]] = dict(http_context(http_request))
    service, _, action = authorization.action.partition(":")
    if authorization.action == "iam:PassRole":
        return context | {"iam:PassedToService": f"{operation.service}.amazonaws.com"}
    for parameter, key in _PARAMETER_KEYS.get(service, {}).items():
        value = operation.parameters.get(parameter)
        if isinstance(value, str):
            context[key] = value
    tags = _tags(operation)
    context |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if tags:
        context["aws:TagKeys"] = tuple(tags)
    if authorization.action == "ec2:CreateTags" and action != operation.name:
        context["ec2:CreateAction"] = operation.name
    return context


def _json(http_request: HttpRequest) -> Mapping[str, object]:
    try:
        document = json.loads(http_request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise RequestError(f"request body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise RequestError("request body is not a JSON object")
    return MappingProxyType(document)


def _tags(operation: ApiOperation) -> dict[str, str]:
    """The tags a query request sets: ``Tag.N``, ``Tags.member.N``, ``TagSpecification.N.Tag.M``."""
    pairs: dict[str, dict[str, str]] = {}
    for name, value in operation.parameters.items():
        match = _TAG_PARAMETER.match(name)
        if match and isinstance(value, str):
            pairs.setdefault(name.rpartition(".")[0], {})[match[1]] = value
    return {pair["Key"]: pair.get("Value", "") for pair in pairs.values() if "Key" in pair}


def _dependent(
    operation: ApiOperation, caller: Caller, resources: list[str]
) -> Iterator[Authorization]:
    """Further actions of the same request: tagging on creation, passing a role, session tags."""
    if operation.service == "ec2":
        for resource in tagged_on_creation(operation.name, operation.parameters, caller):
            yield Authorization("ec2:CreateTags", resource)
    if any(name.startswith("IamInstanceProfile.") for name in operation.parameters):
        yield Authorization(
            "iam:PassRole",
            "*",
            undetermined="the role in the instance profile is not in the request",
        )
    if operation.service == "sts" and operation.name.startswith("AssumeRole"):
        if _tags(operation):
            yield from (Authorization("sts:TagSession", resource) for resource in resources)
        if operation.parameters.get("SourceIdentity"):
            yield from (Authorization("sts:SetSourceIdentity", resource) for resource in resources)
    role = operation.parameters.get("RoleARN")
    if operation.service == "cloudformation" and isinstance(role, str):
        yield Authorization("iam:PassRole", role)


def _resources(operation: ApiOperation, caller: Caller) -> Iterable[Resource]:
    """What an operation acts on: resource ARNs, each with a reason where it is uncertain."""
    name, parameters = operation.name, operation.parameters
    match operation.service:
        case "cloudformation":
            return (cloudformation_resource(name, parameters, caller),)
        case "dynamodb":
            return dynamodb_resources(name, parameters, caller)
        case "ec2":
            return ec2_resources(name, parameters, caller)
        case "ec2-instance-connect":
            return (instance_connect_resource(parameters, caller),)
        case "iam":
            return (iam_resource(name, parameters, caller),)
        case "sts":
            return (sts_resource(name, parameters, caller),)
    return (("*", "the resources of this service's actions are not among those known here"),)
