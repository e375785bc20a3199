"""boto3 sessions into the simulated cloud: nothing of the user's own, and each client made once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.configprovider import ConstantProvider

from pytest_vpcep.access.http_request import HttpRequest
from pytest_vpcep.cloud.credentials import NOBODY
from pytest_vpcep.cloud.door import register
from pytest_vpcep.cloud.service_models import data_loader
from pytest_vpcep.secret import keep_out_of_logs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_vpcep.cloud.credentials import Credential
    from pytest_vpcep.cloud.door import Transport


#: No profile, file or endpoint of the user's may reach into a simulated account, or out of it.
_NOTHING_OF_THE_USER: dict[str, Any] = {
    "profile": None,
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "ignore_configured_endpoint_urls": True,
}


class SimulatedSession(boto3.Session):
    """A boto3 session that hands out the same client again where nothing else is asked for.

    Args:
        credential: the access key that signs.
        region: the Region.
        transport: answers each request.

    """

    def __init__(self, credential: Credential, region: str, transport: Transport) -> None:
        keep_out_of_logs()
        core = botocore.session.Session()
        core.register_component("data_loader", data_loader())
        for variable, value in _NOTHING_OF_THE_USER.items():
            core.get_component("config_store").set_config_provider(
                variable, ConstantProvider(value)
            )
        if credential is NOBODY:
            core.set_default_client_config(Config(signature_version=UNSIGNED))
        else:
            core.set_credentials(
                credential.access_key_id, credential.secret_access_key, credential.session_token
            )
        register(core.get_component("event_emitter"), transport)
        super().__init__(botocore_session=core, region_name=region)
        self._clients: dict[str, Any] = {}

    def client(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        """A client of a service; see ``boto3.Session.client``."""
        make: Any = super().client
        if args or kwargs:
            return make(service_name, *args, **kwargs)
        if service_name not in self._clients:
            self._clients[service_name] = make(service_name)
        return self._clients[service_name]


def http_request(method: str, url: str, headers: Mapping[str, Any], body: Any) -> HttpRequest:
    """The request that botocore is about to send, as data.

    Args:
        method: HTTP method.
        url: AWS's URL.
        headers: signed headers.
        body: None, bytes, text, or a file open for reading.

    """
    content = body.read() if hasattr(body, "read") else body or b""
    encoded = content.encode() if isinstance(content, str) else bytes(content)
    return HttpRequest(method, url, headers, encoded)
