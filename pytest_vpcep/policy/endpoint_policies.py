"""What EC2 accepts as a VPC endpoint policy.

Sources: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies" (a
``Principal`` is required, ``*`` on a gateway endpoint; 20,480 characters with white space); Amazon
EC2 API Reference, "Error codes" (``InvalidPolicyDocument``, ``InvalidParameter``).
"""

from __future__ import annotations

from pytest_vpcep.errors import PolicyRefused
from pytest_vpcep.policy.documents import Policy, Statement
from pytest_vpcep.policy.faults import DocumentFault, FaultKind
from pytest_vpcep.policy.statement_reader import read_policy
from pytest_vpcep.policy.wording import ec2_message

MAXIMUM_LENGTH = 20_480


def validate_endpoint_policy(text: str | bytes, *, gateway: bool) -> Policy:
    """Accept or refuse an endpoint policy as ``CreateVpcEndpoint`` and ``ModifyVpcEndpoint`` do.

    Args:
        text: the policy's JSON text.
        gateway: whether the endpoint is a gateway endpoint, whose ``Principal`` has to be ``*``.

    Raises:
        PolicyRefused: with code ``InvalidPolicyDocument``, or ``InvalidParameter`` where the text
            is too long.

    """
    try:
        readable = text.decode("utf-8") if isinstance(text, bytes) else text
        if len(readable) > MAXIMUM_LENGTH:
            raise PolicyRefused(
                "InvalidParameter",
                f"The policy document exceeds the limit of {MAXIMUM_LENGTH} characters.",
            )
        policy = read_policy(readable)
        for statement in policy.statements:
            _check(statement, gateway=gateway)
    except UnicodeDecodeError as error:
        fault = DocumentFault(FaultKind.NOT_JSON)
        raise PolicyRefused("InvalidPolicyDocument", ec2_message(fault)) from error
    except DocumentFault as fault:
        raise PolicyRefused("InvalidPolicyDocument", ec2_message(fault)) from fault
    return policy


def _check(statement: Statement, *, gateway: bool) -> None:
    element = statement.principal
    if element is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Principal")
    if statement.resource is None:
        raise DocumentFault(FaultKind.MISSING_ELEMENT, "Resource")
    if gateway and (element.negated or not element.everyone):
        raise DocumentFault(FaultKind.INVALID_PRINCIPAL)
