"""Resource ARNs that IAM, STS, CloudFormation, DynamoDB and Instance Connect operations act on.

Source: the resource types of each action in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_vpcep.access.authorization import partition_of

#: A resource ARN, and why it is uncertain, or None where it is certain.
Resource = tuple[str, "str | None"]

#: Parameters of a request: flat for the query protocols, JSON values for the others.
Parameters = Mapping[str, object]

_EVERYTHING: Resource = ("*", None)


@dataclass(frozen=True)
class Caller:
    """Who makes a request, and in which account and Region.

    Args:
        principal: the caller's ARN; IAM takes it where a request names no user.
        account: account id the request is made in.
        region: Region the request is made in.
    """

    principal: str
    account: str
    region: str

    def arn(self, service: str, name: str) -> str:
        """An ARN of this account; IAM's and STS's have no Region."""
        region = "" if service in ("iam", "sts") else self.region
        return f"arn:{partition_of(self.region)}:{service}:{region}:{self.account}:{name}"


#: IAM's resource types by the parameter that names one, in the order in which they decide: an
#: action on a group and a user is one on the group.
_IAM_NAMES = (
    ("GroupName", "group"),
    ("InstanceProfileName", "instance-profile"),
    ("UserName", "user"),
    ("RoleName", "role"),
    ("ServerCertificateName", "server-certificate"),
    ("VirtualMFADeviceName", "mfa"),
)

#: Parameters that are the resource's ARN.
_IAM_ARNS = (
    "PolicyArn",
    "OpenIDConnectProviderArn",
    "SAMLProviderArn",
    "PolicySourceArn",
    "SerialNumber",
    "Arn",
)

#: Operations on no resource, for all that a parameter is named like one.
_IAM_WITHOUT_RESOURCE = frozenset({"ListPolicies", "ListVirtualMFADevices", "SimulateCustomPolicy"})

#: Operations on a user, who is the caller where none is named.
_IAM_OF_CALLER = frozenset(
    {
        "ChangePassword",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "GetLoginProfile",
        "GetMFADevice",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSSHPublicKeys",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
        "ResetServiceSpecificCredential",
        "UpdateAccessKey",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UploadSigningCertificate",
    }
)

_IAM_UNCERTAIN = "which resource of IAM this is for is not in the request"


def iam_resource(name: str, parameters: Parameters, caller: Caller) -> Resource:
    """Say which user, role, policy, ... an IAM operation acts on.

    A path is known only where the request gives one, that is on creation; else the resource is
    taken to have none.
    """
    if name in _IAM_WITHOUT_RESOURCE:
        return _EVERYTHING
    path = _text(parameters, "Path") or "/"
    for parameter, kind in _IAM_NAMES:
        value = _text(parameters, parameter)
        if value:
            return caller.arn(
                "iam", f"{kind}{path if name.startswith('Create') else '/'}{value}"
            ), None
    for parameter in _IAM_ARNS:
        value = _text(parameters, parameter)
        if value.startswith("arn:"):
            return value, None
    if name in _IAM_OF_CALLER:
        return caller.principal, None
    return _iam_created(name, parameters, caller, path)


def _iam_created(name: str, parameters: Parameters, caller: Caller, path: str) -> Resource:
    created = {
        "CreatePolicy": f"policy{path}{_text(parameters, 'PolicyName')}",
        "CreateSAMLProvider": f"saml-provider/{_text(parameters, 'Name')}",
        "CreateOpenIDConnectProvider": "oidc-provider/"
        + _text(parameters, "Url").removeprefix("https://"),
    }
    if name in created:
        return caller.arn("iam", created[name]), None
    if name.startswith(("List", "GetAccount", "Enable", "Disable", "GenerateCredential")):
        return _EVERYTHING
    return "*", _IAM_UNCERTAIN


#: STS operations that need no permission ("GetCallerIdentity" and "GetSessionToken", AWS STS API
#: Reference).
STS_WITHOUT_PERMISSION = frozenset({"GetCallerIdentity", "GetSessionToken"})


def sts_resource(name: str, parameters: Parameters, caller: Caller) -> Resource:
    """Say which role or federated user an STS operation acts on."""
    role = _text(parameters, "RoleArn")
    if name.startswith("AssumeRole") and role:
        return role, None
    if name == "AssumeRoot":
        principal = _text(parameters, "TargetPrincipal")
        if principal.startswith("arn:"):
            return principal, None
        return f"arn:{partition_of(caller.region)}:iam::{principal}:root", None
    if name == "GetFederationToken":
        return caller.arn("sts", f"federated-user/{_text(parameters, 'Name')}"), None
    return _EVERYTHING


def cloudformation_resource(name: str, parameters: Parameters, caller: Caller) -> Resource:
    """Say which stack a CloudFormation operation acts on; an id is not known by name."""
    stack = _text(parameters, "StackName")
    if stack.startswith("arn:"):
        return stack, None
    if stack:
        return caller.arn("cloudformation", f"stack/{stack}/*"), None
    if name.startswith(("List", "Describe", "Validate", "Estimate", "GetTemplateSummary")):
        return _EVERYTHING
    return "*", "which resource of CloudFormation this is for is not in the request"


def instance_connect_resource(parameters: Parameters, caller: Caller) -> Resource:
    """Say which instance a key is sent to."""
    return caller.arn("ec2", f"instance/{_text(parameters, 'InstanceId') or '*'}"), None


def dynamodb_resources(name: str, parameters: Parameters, caller: Caller) -> Iterator[Resource]:
    """Say which tables, and which index, a DynamoDB operation acts on."""
    if name in ("ListTables", "ListBackups", "DescribeEndpoints", "DescribeLimits"):
        yield _EVERYTHING
        return
    tables = [_text(parameters, "TableName")]
    batch = parameters.get("RequestItems")
    if isinstance(batch, Mapping):
        tables = [str(table) for table in batch]
    arn = _text(parameters, "ResourceArn") or _text(parameters, "TableArn")
    named = [_table(table, caller) for table in tables if table] or ([arn] if arn else [])
    if not named:
        yield "*", "which resource of DynamoDB this is for is not looked up in the request"
    index = _text(parameters, "IndexName")
    for table in named:
        yield (f"{table}/index/{index}" if index else table), None


def _table(name: str, caller: Caller) -> str:
    return name if name.startswith("arn:") else caller.arn("dynamodb", f"table/{name}")


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    return value if isinstance(value, str) else ""
