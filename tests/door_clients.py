"""Clients as other processes would make them, and what a caller sees of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectTimeoutError

from pytest_vpcep.cloud import door
from pytest_vpcep.cloud.credentials import NOBODY, Credential


@dataclass(frozen=True)
class Outcome:
    """What a caller sees: the status, AWS's code and message, or that nothing answers."""

    status: int | None
    code: str | None
    message: str | None


def outcome_of(client: Any, operation: str, parameters: dict[str, Any]) -> Outcome:
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        said = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return Outcome(status, said["Code"], said["Message"])
    except ConnectTimeoutError as error:
        return Outcome(None, "ConnectTimeoutError", str(error))
    return Outcome(answer["ResponseMetadata"]["HTTPStatusCode"], None, None)


def other_process_session(credential: Credential) -> botocore.session.Session:
    """A botocore session as another process would make it, knowing nothing of this one."""
    session = botocore.session.Session()
    session.set_config_variable("region", "us-east-1")
    if credential is NOBODY:
        session.set_default_client_config(Config(signature_version=UNSIGNED))
    else:
        session.set_credentials(
            credential.access_key_id, credential.secret_access_key, credential.session_token
        )
    return session


def over_http(address: str, credential: Credential) -> Any:
    """A client that keeps AWS's URLs and sends its requests to the gate's address."""
    session = other_process_session(credential)
    door.connect(session, address)
    return session.create_client("s3")


def at_endpoint_url(address: str, credential: Credential) -> Any:
    """A client that was told the gate's address as its endpoint URL."""
    return other_process_session(credential).create_client("s3", endpoint_url=address)
