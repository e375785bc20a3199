"""The instance metadata service: who an instance is, and its role's temporary credentials.

"Use the Instance Metadata Service to access instance metadata" and "Retrieve security credentials
from instance metadata" (Amazon EC2 User Guide).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_vpcep.cloud.credentials import RoleSession

    Response = tuple[int, dict[str, str], bytes]

_META_DATA = "/latest/meta-data/"
_CREDENTIALS = "iam/security-credentials/"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class InstanceRole:
    """The role that an instance's profile gives it.

    Args:
        arn: the role's ARN.
        profile_arn: the instance profile's ARN.

    """

    arn: str
    profile_arn: str

    @property
    def name(self) -> str:
        """The role's name, without its path."""
        return self.arn.rpartition("/")[2]


class InstanceMetadata:
    """Answers an instance's requests to 169.254.169.254; the terminal checks their tokens.

    Args:
        describe: the instance as DescribeInstances gives it now.
        role: the instance's role now; None without an instance profile.
        assume: gives the role's session on this instance, new or still valid.

    """

    def __init__(
        self,
        describe: Callable[[], Mapping[str, Any]],
        role: Callable[[], InstanceRole | None],
        assume: Callable[[InstanceRole], RoleSession],
    ) -> None:
        self._describe = describe
        self._role = role
        self._assume = assume

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> Response:  # noqa: ARG002
        """Answer one HTTP request that brought a valid token.

        Args:
            method: the HTTP method.
            path: the path, with its leading slash.
            headers: the request's headers.

        """
        text = self._text(path) if method == "GET" else None
        if text is None:
            return 404, {"content-type": "text/html"}, b"Not Found"
        return 200, {"content-type": "text/plain"}, text.encode()

    def _text(self, path: str) -> str | None:
        if path.rstrip("/") == "/latest/dynamic/instance-identity/document":
            return json.dumps(self._identity(), indent=2)
        if not path.startswith(_META_DATA.rstrip("/")):
            return None
        name = path.removeprefix(_META_DATA.rstrip("/")).lstrip("/")
        if name.startswith("iam/"):
            return self._iam(name)
        known = self._described()
        return known.get(name) if name else "\n".join(sorted(known))

    def _described(self) -> dict[str, str]:
        instance = self._describe()
        zone = instance["Placement"]["AvailabilityZone"]
        values = {
            "ami-id": instance.get("ImageId"),
            "hostname": instance.get("PrivateDnsName"),
            "instance-id": instance.get("InstanceId"),
            "instance-type": instance.get("InstanceType"),
            "local-hostname": instance.get("PrivateDnsName"),
            "local-ipv4": instance.get("PrivateIpAddress"),
            "placement/availability-zone": zone,
            "placement/region": zone[:-1],
            "public-ipv4": instance.get("PublicIpAddress"),
        }
        return {name: str(value) for name, value in values.items() if value}

    def _identity(self) -> dict[str, str]:
        known = self._described()
        return {
            "availabilityZone": known["placement/availability-zone"],
            "imageId": known.get("ami-id", ""),
            "instanceId": known["instance-id"],
            "instanceType": known.get("instance-type", ""),
            "privateIp": known.get("local-ipv4", ""),
            "region": known["placement/region"],
        }

    def _iam(self, name: str) -> str | None:
        role = self._role()
        if role is None:
            return None
        if name == "iam/info":
            return json.dumps({"Code": "Success", "InstanceProfileArn": role.profile_arn})
        if name.rstrip("/") == _CREDENTIALS.rstrip("/"):
            return role.name
        if name != f"{_CREDENTIALS}{role.name}":
            return None
        session = self._assume(role)
        return json.dumps(
            {
                "Code": "Success",
                "Type": "AWS-HMAC",
                "LastUpdated": session.issued.strftime(_TIME),
                "AccessKeyId": session.credential.access_key_id,
                "SecretAccessKey": session.credential.secret_access_key,
                "Token": session.credential.session_token,
                "Expiration": session.expires.strftime(_TIME),
            }
        )
