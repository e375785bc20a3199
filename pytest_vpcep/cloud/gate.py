"""The gate: every request to the simulated cloud is decided here before moto sees it.

In AWS's order: is there a way, who signed, may they, would the service take it; then moto does
it, and what moto leaves out is done after it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_vpcep.access.api_resources import Caller
from pytest_vpcep.access.decide import decide_on_path
from pytest_vpcep.access.http_request import HttpRequest, ServiceAddress, service_of
from pytest_vpcep.access.request import CONSOLE, Decision, Request, RequestOutcome
from pytest_vpcep.access.s3_authorization import MISSING_OBJECT_OPERATIONS, bucket_listing
from pytest_vpcep.cloud import moto_backend, moto_gaps
from pytest_vpcep.cloud.batch_delete import batch_deleted
from pytest_vpcep.cloud.caller_context import caller_context
from pytest_vpcep.cloud.credentials import ANONYMOUS
from pytest_vpcep.cloud.door import Answer
from pytest_vpcep.cloud.error_answers import error_answer
from pytest_vpcep.cloud.moto_gaps import Call
from pytest_vpcep.cloud.operations import Operation, operation_of
from pytest_vpcep.cloud.signature import Refusal, authenticate, missing_signature
from pytest_vpcep.errors import RequestError
from pytest_vpcep.network import interface_of, trace_to_service
from pytest_vpcep.policy import denial_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_vpcep.access.authorization import Authorization
    from pytest_vpcep.cloud.credentials import Credential, Credentials
    from pytest_vpcep.cloud.live_configuration import LiveConfiguration
    from pytest_vpcep.network import Path

_REDIRECT = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. "
    "Please send all future requests to this endpoint."
)


@dataclass(frozen=True)
class Account:
    """The account a gate stands in front of.

    Args:
        account: account id.
        region: the Region it is used in.
        partition: the Region's partition.

    """

    account: str
    region: str
    partition: str


@dataclass(frozen=True)
class Incoming:
    """A request that arrived and whose signer is known.

    Args:
        vantage: where it came from.
        path: by which way; None from the console.
        request: the request, with AWS's URL.
        operation: what it asks for.
        credential: who signed it.

    """

    vantage: str
    path: Path | None
    request: HttpRequest
    operation: Operation
    credential: Credential


class Gate:
    """Decides and answers the requests of one simulated account.

    Args:
        account: the account.
        credentials: its access keys.
        configuration: what is configured in it now.
        heard: told of each decision, for reports.

    """

    def __init__(
        self,
        account: Account,
        credentials: Credentials,
        configuration: LiveConfiguration,
        heard: Callable[[Decision], None],
    ) -> None:
        self._account = account
        self._credentials = credentials
        self._configuration = configuration
        self._heard = heard
        # moto's memory is shared by threads and guarded by nothing.
        self._lock = threading.RLock()

    def answer(self, vantage: str, request: HttpRequest) -> Answer:
        """Answer one request as AWS would.

        Args:
            vantage: ``console``, or the id of the instance it comes from.
            request: the request, as it was sent.

        Raises:
            RequestError: the request is none to AWS, or the vantage point does not exist.

        """
        with self._lock:
            address = service_of(request)
            region = address.region or self._account.region
            sent = with_aws_url(request, address, region, self._account.partition)
            path = self._trace(vantage, sent, address.service, region)
            if path is not None and not path.arrives:
                return self._unreachable(vantage, path, sent)
            signed = authenticate(request, self._credentials.secret_of)
            if signed is None and address.service != "s3":
                signed = missing_signature()
            if isinstance(signed, Refusal):
                return _refused(sent, address.service, signed)
            credential = self._credentials.of_scope(signed)
            try:
                operation = self._operation(sent, credential.principal)
            except RequestError as error:
                return _refused(sent, address.service, Refusal(405, "MethodNotAllowed", str(error)))
            elsewhere = self._elsewhere(operation, region)
            if elsewhere is not None:
                return elsewhere
            return self._authorized(Incoming(vantage, path, sent, operation, credential))

    def _trace(self, vantage: str, request: HttpRequest, service: str, region: str) -> Path | None:
        if vantage == CONSOLE:
            return None
        topology = self._configuration.topology
        return trace_to_service(
            topology,
            interface_of(topology, vantage),
            service,
            region,
            hostname=request.parts.hostname,
        )

    def _operation(self, request: HttpRequest, principal: str) -> Operation:
        account = self._account
        caller = Caller(principal, account.account, account.region)
        return operation_of(request, caller, account.partition)

    def _elsewhere(self, operation: Operation, region: str) -> Answer | None:
        """S3's answer where there is no such bucket, or it is in another Region.

        "Error responses" (Amazon S3 API Reference), ``PermanentRedirect``; SDKs send the request
        again to the Region in the header, by the way that leads there.
        """
        partition = self._account.partition
        bucket = operation.bucket if operation.name != "CreateBucket" else None
        if bucket is None:
            return None
        actual = moto_backend.bucket_region(bucket, partition)
        if actual is None:
            refusal = Refusal(404, "NoSuchBucket", "The specified bucket does not exist")
            return _refused(operation.request, "s3", refusal)
        if actual == region:
            return None
        refusal = Refusal(301, "PermanentRedirect", _REDIRECT)
        answer = _refused(operation.request, "s3", refusal)
        return replace(answer, headers={**answer.headers, "x-amz-bucket-region": actual})

    def _unreachable(self, vantage: str, path: Path, request: HttpRequest) -> Answer:
        operation = self._operation(request, ANONYMOUS)
        action = f"{operation.address.service}:{operation.name}"
        for needed in operation.authorizations[:1]:
            action = needed.action
        asked = Request(ANONYMOUS, action, "*")
        decision = decide_on_path(self._configuration.snapshot(None), vantage, asked, path)
        self._heard(decision)
        body = f'Connect timeout on endpoint URL: "{request.url}"\n{decision.message}\n'
        return Answer(status=0, headers={}, body=body.encode(), unreachable=True)

    def _authorized(self, incoming: Incoming) -> Answer:
        """Decide all that a request needs; go on with what is allowed."""
        needed = incoming.operation.authorizations
        decisions = {one: self._decide(incoming, one) for one in needed}
        for one, decision in decisions.items():
            self._heard(decision)
            if not decision.allowed and one.item is None:
                return self._denied(incoming, _settled(one, decision))
        return self._accepted(incoming, decisions)

    def _decide(self, incoming: Incoming, needed: Authorization) -> Decision:
        context: dict[str, str | tuple[str, ...]] = {
            **caller_context(incoming.vantage, incoming.credential),
            **incoming.operation.context_of(needed, self._account.partition),
        }
        request = Request(
            principal=incoming.credential.principal,
            action=needed.action,
            resource=needed.resource,
            context=context,
            region=incoming.operation.address.region,
        )
        seen = self._configuration
        look = seen.seen_from_console if incoming.path is None else seen.snapshot
        snapshot = look(request.bucket)
        return decide_on_path(snapshot, incoming.vantage, request, incoming.path)

    def _denied(self, incoming: Incoming, decision: Decision) -> Answer:
        service = incoming.operation.address.service
        if decision.outcome is RequestOutcome.UNDETERMINED:
            message = f"pytest-vpcep cannot decide this as AWS would: {decision.message}"
            return error_answer(incoming.request, service, 501, "NotImplemented", message)
        code = denial_code(decision.request.action)
        return error_answer(incoming.request, service, 403, code, decision.message)

    def _accepted(self, incoming: Incoming, decisions: dict[Authorization, Decision]) -> Answer:
        operation = incoming.operation
        call = Call(
            request=incoming.request,
            service=operation.address.service,
            operation=operation.name,
            account=self._account.account,
            region=operation.address.region or self._account.region,
            partition=self._account.partition,
            principal=incoming.credential.principal,
            bucket=operation.bucket,
        )
        refusal = moto_gaps.refusal_of(call)
        if refusal is not None:
            return _refused(incoming.request, call.service, refusal)
        answer = self._done(call, decisions)
        if answer.status == 404 and operation.name in MISSING_OBJECT_OPERATIONS:
            return self._missing(incoming, answer)
        return answer

    def _done(self, call: Call, decisions: dict[Authorization, Decision]) -> Answer:
        denied = {
            needed.item: decision.message
            for needed, decision in decisions.items()
            if needed.item is not None and not decision.allowed
        }
        try:
            return batch_deleted(call, denied) if denied else moto_gaps.answered(call)
        finally:
            # A call that fails may have done half of its work.
            self._configuration.changed_by(call.service, call.operation, call.bucket)

    def _missing(self, incoming: Incoming, answer: Answer) -> Answer:
        """404 for an object that is not there only to those who might list the bucket."""
        s3 = incoming.operation.s3
        if s3 is None:
            return answer
        decision = self._decide(incoming, bucket_listing(s3))
        return answer if decision.allowed else self._denied(incoming, decision)


def _settled(needed: Authorization, decision: Decision) -> Decision:
    """A denial of what the documentation does not settle to be asked is no denial for certain."""
    if needed.undetermined is None:
        return decision
    return replace(
        decision,
        outcome=RequestOutcome.UNDETERMINED,
        message=f"{needed.action}: {needed.undetermined}",
    )


def _refused(request: HttpRequest, service: str, refusal: Refusal) -> Answer:
    return error_answer(request, service, refusal.status, refusal.code, refusal.message)


def with_aws_url(
    request: HttpRequest, address: ServiceAddress, region: str, partition: str
) -> HttpRequest:
    """The request with AWS's own host, where it was sent to an address on loopback.

    Args:
        request: the request as it was sent.
        address: what it addresses.
        region: the Region it is for.
        partition: the Region's partition.

    """
    host = request.parts.hostname or ""
    if host not in ("127.0.0.1", "localhost"):
        return request
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    name = "iam" if address.service == "iam" else f"{address.service}.{region}"
    rest = request.url.split(request.parts.netloc, 1)[1]
    return replace(request, url=f"https://{name}.{suffix}{rest}")
