"""The IAM policy language, pure: parse, validate, evaluate, and word denials as AWS does."""

from pytest_vpcep.policy.bucket_policies import validate_bucket_policy
from pytest_vpcep.policy.context import implied_context
from pytest_vpcep.policy.documents import Policy
from pytest_vpcep.policy.endpoint_policies import validate_endpoint_policy
from pytest_vpcep.policy.evaluation import evaluate
from pytest_vpcep.policy.identity_policies import validate_identity_policy
from pytest_vpcep.policy.messages import denial_code, denial_message, public_policy_message
from pytest_vpcep.policy.models import (
    AuthorizationRequest,
    Context,
    Evaluation,
    Outcome,
    Policies,
    PolicyType,
    StatementReference,
    TypeResult,
)
from pytest_vpcep.policy.parsing import parse_policy
from pytest_vpcep.policy.public_access import is_public

__all__ = [
    "AuthorizationRequest",
    "Context",
    "Evaluation",
    "Outcome",
    "Policies",
    "Policy",
    "PolicyType",
    "StatementReference",
    "TypeResult",
    "denial_code",
    "denial_message",
    "evaluate",
    "implied_context",
    "is_public",
    "parse_policy",
    "public_policy_message",
    "validate_bucket_policy",
    "validate_endpoint_policy",
    "validate_identity_policy",
]
