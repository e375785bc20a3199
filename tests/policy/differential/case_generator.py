"""Random cases in the form of ``vpcep decide``, every feature of the policy language mixed."""

from __future__ import annotations

import base64
from collections import Counter
from random import Random
from typing import Any

Case = dict[str, Any]

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/laptop"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/carol"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SERVICE = "cloudtrail.amazonaws.com"

PRINCIPALS = (USER, USER, SESSION, SESSION, FEDERATED, ROOT, SERVICE, "anonymous")
ACTIONS = {
    "s3:GetObject": ("arn:aws:s3:::photos/a/b.jpg", "arn:aws:s3:::photos/alice/c:d.jpg"),
    "s3:PutObject": ("arn:aws:s3:::photos/a/b.jpg", "arn:aws:s3:::photos/x-y"),
    "s3:ListBucket": ("arn:aws:s3:::photos", "arn:aws:s3:::photos-2"),
    "s3:GetBucketPolicy": ("arn:aws:s3:::photos",),
    "s3:PutBucketPolicy": ("arn:aws:s3:::photos",),
    "dynamodb:GetItem": (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/alice",),
    "sqs:SendMessage": (f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs",),
    "sts:AssumeRole": (f"arn:aws:iam::{ACCOUNT}:role/writer",),
    "kms:Decrypt": (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012",),
}
ACTION_PATTERNS = (
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s3:*Bucket*",
    "sqs:Send*",
)
RESOURCE_PATTERNS = (
    "*",
    "arn:aws:s3:::photos",
    "arn:aws:s3:::photos*",
    "arn:aws:s3:::photos/*",
    "arn:aws:s3:::photos/?/*.jpg",
    "arn:aws:s3:::photos/${aws:username}/*",
    "arn:aws:s3:::photos/${aws:PrincipalTag/team, 'a'}/*",
    "arn:aws:s3:::photos/x${*}y",
    "arn:aws:s3:::videos/*",
    "arn:aws:dynamodb:*:*:table/${aws:username}",
    "arn:aws:dynamodb:us-*-1:111122223333:table/*",
    "arn:aws:sqs:us-east-1:111122223333:jobs",
)

#: Context keys by the kind of value they hold: the key, values for requests, values for policies.
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "String": (
        ("aws:SourceVpce", "aws:PrincipalTag/team", "aws:PrincipalOrgID", "aws:UserAgent"),
        ("vpce-1", "Red", "red", "a*b", "o-1"),
        ("vpce-1", "Red", "red", "vpce-*", "?ed", "*", "a${*}b", "${aws:username}", "o-1"),
    ),
    "Numeric": (
        ("aws:MultiFactorAuthAge", "s3:max-keys"),
        ("10", "10.0", "-3", "99", "0"),
        ("10", "9.5", "100", "-3", "0"),
    ),
    "Date": (
        ("aws:CurrentTime", "aws:TokenIssueTime"),
        ("2024-01-01T00:00:00Z", "2024-06-30T12:00:00Z", "2023-12-31T23:59:59Z"),
        ("2024-01-01T00:00:00Z", "2024-06-30T12:00:00Z", "2025-01-01T00:00:00Z"),
    ),
    "Bool": (
        ("aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:ViaAWSService"),
        ("true", "false"),
        ("true", "false", "True"),
    ),
    "IpAddress": (
        ("aws:SourceIp", "aws:VpcSourceIp"),
        ("203.0.113.9", "10.0.1.5", "2001:db8::7"),
        ("203.0.113.0/24", "10.0.0.0/16", "10.0.1.5", "2001:db8::/32", "0.0.0.0/0"),
    ),
    "Arn": (
        ("aws:SourceArn", "aws:PrincipalArn"),
        (USER, "arn:aws:sns:us-east-1:111122223333:topic", "arn:aws:s3:::photos"),
        (
            USER,
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:sns:*:111122223333:t?pic",
            "arn:aws:s3:::*",
            "arn:*:*:*:*:*",
        ),
    ),
    "Binary": (
        ("aws:PrincipalTag/blob",),
        tuple(base64.b64encode(text).decode() for text in (b"one", b"two")),
        tuple(base64.b64encode(text).decode() for text in (b"one", b"two")),
    ),
    "Set": (
        ("aws:TagKeys", "aws:PrincipalOrgPaths"),
        ("env", "team", "o-1/r-1/ou-1/"),
        ("env", "team", "cost", "o-1/*", "t*"),
    ),
}
OPERATORS: dict[str, tuple[str, ...]] = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "Numeric": (
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ),
    "Date": (
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ),
    "Bool": ("Bool",),
    "IpAddress": ("IpAddress", "NotIpAddress"),
    "Arn": ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    "Binary": ("BinaryEquals",),
}
OPERATORS["Set"] = OPERATORS["String"]
POLICY_TYPES = (
    "identity",
    "permissions_boundary",
    "session",
    "resource",
    "vpc_endpoint",
    "scps",
    "rcps",
)


class CaseGenerator:
    """Cases from a seed, and a count of what they reached.

    Args:
        seed: the same seed gives the same cases.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311
        self._resource = "*"
        self._context_values: dict[str, str] = {}
        self.coverage: Counter[str] = Counter()

    def case(self, case_id: str) -> Case:
        """Make the next case."""
        principal = self._random.choice(PRINCIPALS)
        action = self._random.choice(tuple(ACTIONS))
        kind = {SERVICE: "service", "anonymous": "anonymous"}.get(principal, "entity")
        self._reach(f"principal:{principal.rpartition(':')[2].partition('/')[0]}")
        # Only the ARNs of S3 leave open whose the resource is.
        account = self._one(ACCOUNT, ACCOUNT, OTHER_ACCOUNT) if action[:2] == "s3" else ACCOUNT
        self._reach("account:" + ("same" if account == ACCOUNT else "other"))
        context = self._context(action)
        self._resource = self._random.choice(ACTIONS[action])
        return {
            "id": case_id,
            "request": {
                "principal": principal,
                "action": action,
                "resource": self._resource,
                "resource_account": account,
                "context": context,
            },
            "policies": self._policies(kind, principal, action),
        }

    def _one(self, *choices: Any) -> Any:
        return self._random.choice(choices)

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def _reach(self, feature: str) -> None:
        self.coverage[feature] += 1

    def _policies(self, kind: str, principal: str, action: str) -> Case:
        policies: Case = {}
        entity = kind == "entity"
        if entity and principal != ROOT:
            if self._chance(85):
                policies["identity"] = [self._policy(action) for _ in range(self._one(1, 1, 2))]
            if self._chance(25) and principal != FEDERATED:
                policies["permissions_boundary"] = self._policy(action)
            if self._chance(40) and principal in (SESSION, FEDERATED):
                policies["session"] = [self._policy(action)]
        if self._chance(60):
            policies["resource"] = self._policy(action, principals=True)
        if self._chance(30):
            policies["vpc_endpoint"] = self._endpoint_policy(action)
        if entity and self._chance(25):
            policies["scps"] = self._levels(action)
        if self._chance(25):
            policies["rcps"] = self._levels(action, principals=True)
        for name in policies:
            self._reach(f"type:{name}")
        return policies

    def _endpoint_policy(self, action: str) -> Case:
        policy = self._policy(action)
        for statement in policy["Statement"]:
            statement["Principal"] = "*"
        return policy

    def _levels(self, action: str, *, principals: bool = False) -> list[list[Case]]:
        everything: Case = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        if principals:
            everything["Principal"] = "*"
        full = {"Version": "2012-10-17", "Statement": [everything]}
        levels = []
        for _ in range(self._one(1, 2, 3)):
            statement = self._statement(action, principals=False)
            if principals:
                # An RCP that is not RCPFullAWSAccess can only deny, whoever asks.
                statement |= {"Principal": "*", "Effect": "Deny", "Action": "s3:*"}
                statement.pop("NotAction", None)
                levels.append([full, {"Version": "2012-10-17", "Statement": [statement]}])
            else:
                own = {"Version": "2012-10-17", "Statement": [statement]}
                levels.append([full, own] if self._chance(70) else [own])
        return levels

    def _policy(self, action: str, *, principals: bool = False) -> Case:
        version = self._one("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17")
        self._reach(f"version:{version}")
        count = self._one(1, 1, 2, 3)
        return {
            "Version": version,
            "Statement": [self._statement(action, principals=principals) for _ in range(count)],
        }

    def _statement(self, action: str, *, principals: bool) -> Case:
        statement: Case = {"Effect": "Deny" if self._chance(22) else "Allow"}
        self._reach(f"effect:{statement['Effect']}")
        if principals:
            statement |= self._principal()
        name = "NotAction" if self._chance(8) else "Action"
        self._reach(f"element:{name}")
        statement[name] = self._some((*(action,) * 6, *ACTION_PATTERNS))
        name = "NotResource" if self._chance(8) else "Resource"
        self._reach(f"element:{name}")
        statement[name] = self._some((*("*", self._resource) * 4, *RESOURCE_PATTERNS))
        if self._chance(45):
            statement["Condition"] = self._condition()
        return statement

    def _some(self, choices: tuple[str, ...]) -> str | list[str]:
        if self._chance(60):
            return self._random.choice(choices)
        return [self._random.choice(choices) for _ in range(self._one(1, 2))]

    def _principal(self) -> Case:
        kind, value = self._one(
            ("everyone", "*"),
            ("everyone", {"AWS": "*"}),
            ("account", {"AWS": ACCOUNT}),
            ("account", {"AWS": ROOT}),
            ("account", {"AWS": OTHER_ACCOUNT}),
            ("user", {"AWS": [USER, f"arn:aws:iam::{ACCOUNT}:user/bob"]}),
            ("role", {"AWS": ROLE}),
            ("session", {"AWS": SESSION}),
            ("federated user", {"AWS": FEDERATED}),
            ("service", {"Service": [SERVICE]}),
        )
        self._reach(f"named:{kind}")
        if value != "*" and self._chance(8):
            # Listed as AWS asks for: with the account, and a session with its role.
            listed = [ROOT, USER] if self._chance(50) else [ROOT, ROLE, SESSION]
            self._reach("element:NotPrincipal")
            return {"NotPrincipal": {"AWS": listed}, "Effect": "Deny"}
        return {"Principal": value}

    def _condition(self) -> Case:
        condition: Case = {}
        for _ in range(self._one(1, 1, 2)):
            kind = self._random.choice(tuple(OPERATORS))
            keys, _, values = KEYS[kind]
            if self._chance(10):
                condition["Null"] = {self._spelling(self._one(*keys)): self._one("true", "false")}
                self._reach("operator:Null")
                continue
            operator = self._one(*OPERATORS[kind])
            qualifier = ""
            if kind == "Set":
                qualifier = self._one("ForAllValues:", "ForAnyValue:")
                self._reach(f"qualifier:{qualifier}{operator}")
            if_exists = "IfExists" if self._chance(20) else ""
            self._reach(f"operator:{operator}{if_exists}")
            key = self._one(*keys)
            if key in self._context_values and self._chance(50):
                values = (self._context_values[key],)
            chosen = [self._one(*values) for _ in range(self._one(1, 1, 2))]
            entry = condition.setdefault(f"{qualifier}{operator}{if_exists}", {})
            entry[self._spelling(key)] = chosen if self._chance(50) else chosen[0]
        return condition

    def _spelling(self, key: str) -> str:
        """A context key as AWS spells it, or otherwise: its case means nothing."""
        return self._one(key, key, key.lower(), key.upper())

    def _context(self, action: str) -> Case:
        context: Case = {}
        self._context_values = {}
        for kind, (keys, values, _) in KEYS.items():
            for key in keys:
                # The peer drops keys that AWS does not send with the action.
                if not self._chance(50) or (key == "s3:max-keys" and action != "s3:ListBucket"):
                    continue
                if key == "aws:PrincipalArn":
                    continue
                if kind == "Set":
                    count = self._one(1, 2, 2)
                    context[key] = self._random.sample(values, count)
                else:
                    self._context_values[key] = self._one(*values)
                    context[self._spelling(key)] = self._context_values[key]
        return context
