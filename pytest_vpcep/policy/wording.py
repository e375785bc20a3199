"""How each service words what is wrong with a policy document.

Seen in public issue threads, for S3: "Policies must be valid JSON and the first byte must be '{'",
"This policy contains invalid Json", "Missing required field …", "Could not parse the policy:
Statement is empty!", "Invalid effect: …", "Invalid principal in policy", "Policy has invalid
action", "Policy has invalid resource", "Action does not apply to any resource(s) in statement",
"Unknown field …", "Invalid policy syntax.", "Invalid Condition type : …", "The policy must contain
a valid version string"; for EC2: "The Policy Document is not valid. Syntax error at position
(…)"; for IAM: "Syntax errors in policy.", "Policy document should not specify a principal.",
"Policy statement must contain actions.", "Policy statement must contain resources.",
"Statement IDs (SID) in a single policy must be unique.", "Resource … must be in ARN format or
"*".", "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.". The rest of
the sentences here are ours.
"""

from __future__ import annotations

from pytest_vpcep.policy.faults import DocumentFault, FaultKind

_S3 = {
    FaultKind.NOT_JSON: "This policy contains invalid Json",
    FaultKind.NOT_AN_OBJECT: "Policies must be valid JSON and the first byte must be '{'",
    FaultKind.REPEATED: "Duplicate field {detail}",
    FaultKind.TOO_LARGE: "Policy exceeds the maximum allowed document size.",
    FaultKind.UNKNOWN_ELEMENT: "Unknown field {detail}",
    FaultKind.MISSING_ELEMENT: "Missing required field {detail}",
    FaultKind.EMPTY_STATEMENT: "Could not parse the policy: Statement is empty!",
    FaultKind.WRONG_TYPE: "Invalid policy syntax.",
    FaultKind.CONFLICTING_ELEMENTS: "Invalid policy syntax.",
    FaultKind.INVALID_VERSION: "The policy must contain a valid version string",
    FaultKind.INVALID_EFFECT: "Invalid effect: {detail}",
    FaultKind.INVALID_SID: "Invalid policy syntax.",
    FaultKind.REPEATED_SID: "Invalid policy syntax.",
    FaultKind.INVALID_PRINCIPAL: "Invalid principal in policy",
    FaultKind.UNEXPECTED_PRINCIPAL: "Policy document should not specify a principal.",
    FaultKind.INVALID_ACTION: "Policy has invalid action",
    FaultKind.INVALID_RESOURCE: "Policy has invalid resource",
    FaultKind.INVALID_CONDITION_OPERATOR: "Invalid Condition type : {detail}",
    FaultKind.INVALID_CONDITION_KEY: "Policy has an invalid condition key",
    FaultKind.INVALID_CONDITION_VALUE: "Invalid policy syntax.",
    FaultKind.ACTION_WITHOUT_RESOURCE: "Action does not apply to any resource(s) in statement",
}
_IAM = {
    FaultKind.UNEXPECTED_PRINCIPAL: "Policy document should not specify a principal.",
    FaultKind.INVALID_ACTION: (
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
    ),
    FaultKind.INVALID_RESOURCE: 'Resource {detail} must be in ARN format or "*".',
    FaultKind.REPEATED_SID: "Statement IDs (SID) in a single policy must be unique.",
    FaultKind.INVALID_SID: (
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
        "expression [0-9A-Za-z]*"
    ),
    FaultKind.TOO_LARGE: "Policy document exceeds the maximum allowed size.",
}
_IAM_MISSING = {
    "Action": "Policy statement must contain actions.",
    "Resource": "Policy statement must contain resources.",
}


def s3_message(fault: DocumentFault) -> str:
    """Return the fault in Amazon S3's words, with code ``MalformedPolicy``.

    Args:
        fault: what is wrong.

    """
    return _S3[fault.kind].replace("{detail}", fault.detail)


def iam_message(fault: DocumentFault) -> str:
    """Return the fault in IAM's words, with code ``MalformedPolicyDocument``.

    Args:
        fault: what is wrong.

    """
    if fault.kind is FaultKind.MISSING_ELEMENT:
        return _IAM_MISSING.get(fault.detail, "Syntax errors in policy.")
    wording = _IAM.get(fault.kind, "Syntax errors in policy.")
    return wording.replace("{detail}", fault.detail)


def ec2_message(fault: DocumentFault) -> str:
    """Return the fault in Amazon EC2's words, with code ``InvalidPolicyDocument``.

    Args:
        fault: what is wrong.

    """
    if fault.kind is FaultKind.NOT_JSON:
        reason = f"Syntax error at position ({fault.line},{fault.column})"
    else:
        reason = s3_message(fault)
    return f"The Policy Document is not valid. {reason}"
