"""What a request to the simulated cloud carries by who sends it from where, and when.

The gate and ``VantagePoint.attempt`` both fill it in here, so that they decide alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_vpcep.access.context import time_context
from pytest_vpcep.access.request import CONSOLE
from pytest_vpcep.cloud.credentials import ANONYMOUS

if TYPE_CHECKING:
    from pytest_vpcep.cloud.credentials import Credential

#: The address requests from the console come from; of a block kept for documentation (RFC 5737).
CONSOLE_ADDRESS = "203.0.113.10"
#: What the AWS SDKs and command lines of today agree on with every AWS endpoint.
TLS_VERSION = "1.3"


def caller_context(vantage: str, credential: Credential) -> dict[str, str]:
    """The condition keys of any request of a caller: the time, ``aws:userid``, the address.

    ``aws:SourceIp`` is filled in for the console only; elsewhere it follows from the traced path.

    Args:
        vantage: ``console``, or an instance's id.
        credential: who signs the request.

    """
    context = time_context(datetime.now(UTC).isoformat()) | {"aws:userid": credential.user_id}
    return context | ({"aws:SourceIp": CONSOLE_ADDRESS} if vantage == CONSOLE else {})


def sdk_context(service: str, principal: str) -> dict[str, str]:
    """The condition keys a request has when an AWS SDK sends it over HTTPS with its defaults.

    "Amazon S3 Signature Version 4 Authentication Specific Policy Keys" (Amazon S3 API Reference):
    SDKs sign in the ``Authorization`` header; an unsigned request has no key about a signature.

    Args:
        service: the action's service prefix, such as ``s3``, the only one with such keys.
        principal: ARN of who signs the request; ``anonymous`` for nobody.

    """
    if service != "s3":
        return {}
    context = {"s3:TlsVersion": TLS_VERSION}
    if principal == ANONYMOUS:
        return context
    signed = {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS4-HMAC-SHA256"}
    return context | signed
