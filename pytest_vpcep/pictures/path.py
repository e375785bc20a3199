"""The way a request takes, and what the policies say of it, as a diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_vpcep.access import CONSOLE, RequestOutcome
from pytest_vpcep.access.decide import destination_region
from pytest_vpcep.access.explanation import OUTCOME_WORDS, TYPE_NAMES, statement_words
from pytest_vpcep.pictures.diagram import Diagram, Element, Line, Sketch, Tone, plain, prose
from pytest_vpcep.pictures.places import Places
from pytest_vpcep.pictures.whereabouts import Whereabouts
from pytest_vpcep.policy import Outcome

if TYPE_CHECKING:
    from pytest_vpcep.access import Decision
    from pytest_vpcep.network import Hop, Path
    from pytest_vpcep.network.records import Endpoint

_TONES = {
    RequestOutcome.ALLOWED: Tone.GOOD,
    RequestOutcome.DENIED: Tone.BAD,
    RequestOutcome.UNREACHABLE: Tone.BAD,
    RequestOutcome.UNDETERMINED: Tone.OPEN,
}

#: Hop kinds that a reader knows by other words.
_KIND_WORDS = {
    "interface": "network interface",
    "network-acl": "network ACL",
    "nat-gateway": "NAT gateway",
    "vpc-endpoint": "VPC endpoint",
    "vpc-peering-connection": "VPC peering connection",
    "dns": "DNS",
}


def path_diagram(decision: Decision) -> Diagram:
    """The way of a request hop by hop, the endpoints it passes by, and the answer.

    Args:
        decision: the decision to draw.

    """
    drawn = _Drawn(decision)
    drawn.add_request()
    if decision.path is None:
        drawn.add_internet()
    else:
        drawn.add_hops(decision.path)
        drawn.add_endpoints_passed_by(decision.path)
    drawn.add_answer()
    request = decision.request
    place = "the console" if decision.vantage == CONSOLE else decision.vantage
    title = f"{decision.outcome}: {request.action} on {request.resource} from {place}"
    return drawn.sketch.diagram(title, _description(decision))


def _description(decision: Decision) -> str:
    sentences = ["The request comes over the internet and crosses no VPC"]
    if decision.path is not None:
        sentences = [hop.detail for hop in decision.path.hops]
        if decision.path.blocked:
            sentences.append(f"{decision.path.blocked.code}: {decision.path.blocked.detail}")
    sentences += [verdict.text for verdict in _policy_verdicts(decision)]
    sentences.append(decision.message or f"The answer: {decision.outcome}")
    return ". ".join(dict.fromkeys(sentences)) + "."


class _Drawn:
    """Adds a decision's parts to a sketch, each with an arrow from the one before."""

    def __init__(self, decision: Decision) -> None:
        self.sketch = Sketch()
        self._decision = decision
        self._topology = decision.snapshot.topology
        self._places = Places(self.sketch, decision.snapshot)
        self._whereabouts = Whereabouts(self._topology, self._places)
        unsure = decision.path is not None and decision.path.undetermined
        self._tone = Tone.OPEN if unsure else Tone.GOOD
        self._last: str | None = None
        self._inside: str | None = None

    def add_request(self) -> None:
        """Add who asks for what."""
        request, vantage = self._decision.request, self._decision.vantage
        title = "from the console" if vantage == CONSOLE else f"from {vantage}"
        lines = (*prose(request.principal), *prose(f"{request.action} on {request.resource}"))
        self._follow(Element("request", "request", title, lines), Tone.PLAIN)

    def add_internet(self) -> None:
        """Add the way from the console."""
        lines = plain("the request crosses no VPC, so no endpoint")
        self._follow(Element("internet", "internet", "internet", lines), Tone.GOOD)

    def add_hops(self, path: Path) -> None:
        """Add the hops in order, and what stops them."""
        for number, hop in enumerate(path.hops, 1):
            stops = path.blocked is not None and number == len(path.hops)
            at_fault = stops and path.blocked is not None and path.blocked.component in hop.id
            self._add_hop(number, hop, Tone.BAD if at_fault else self._tone)
        if path.blocked is not None:
            lines = prose(path.blocked.detail, Tone.BAD)
            stop = Element("stop", "stop", path.blocked.code, lines, self._inside, Tone.BAD)
            self._follow(stop, Tone.BAD, "blocked")

    def add_endpoints_passed_by(self, path: Path) -> None:
        """Add the endpoints for the same service in the source's VPC that the path leaves out."""
        decision = self._decision
        region = destination_region(decision.snapshot, decision.request)
        crossed = {hop.id for hop in path.hops}
        for endpoint in self._topology.endpoints.values():
            same = (endpoint.service, endpoint.region) == (decision.request.service, region)
            if same and endpoint.vpc == self._whereabouts.first_vpc and endpoint.id not in crossed:
                note = self._why_not(endpoint, path)
                self._places.endpoint(endpoint, *note, tone=Tone.MUTED)

    def add_answer(self) -> None:
        """Add what the policies say, and what the request comes to."""
        decision, tone = self._decision, _TONES[self._decision.outcome]
        if decision.outcome is RequestOutcome.UNREACHABLE:
            return
        if decision.evaluation is not None:
            verdicts = _policy_verdicts(decision) or [Line("none takes part")]
            lines = tuple(line for said in verdicts for line in prose(said.text, said.tone))
            self._follow(Element("policies", "policies", "policies", lines), self._tone)
        title = f"{decision.outcome}: {decision.request.action}"
        lines = (*prose(decision.request.resource), *prose(decision.message, tone))
        label = str(decision.outcome)
        if decision.outcome is RequestOutcome.DENIED and decision.evaluation is not None:
            label = str(decision.evaluation.outcome)
        self._follow(Element("answer", "answer", title, lines, tone=tone), tone, label)

    def _follow(self, element: Element, tone: Tone, label: str = "") -> None:
        """Add an element and the arrow to it from the one before."""
        self.sketch.add(element)
        if self._last is not None:
            self.sketch.link(self._last, element.key, tone, label)
        self._last = element.key

    def _add_hop(self, number: int, hop: Hop, tone: Tone) -> None:
        self._inside = self._whereabouts.of(hop)
        words = _KIND_WORDS.get(hop.kind, hop.kind.replace("-", " "))
        name = () if hop.id in hop.detail else plain(hop.id)
        lines = (*name, *prose(hop.detail))
        element = Element(f"hop {number}", "hop", f"{number} · {words}", lines, self._inside, tone)
        self._follow(element, self._tone)

    def _why_not(self, endpoint: Endpoint, path: Path) -> tuple[str, ...]:
        """Say why the path does not cross an endpoint, as far as its hops tell."""
        tables = [
            table
            for hop in path.hops
            if (table := self._topology.route_tables.get(hop.id)) and table.vpc == endpoint.vpc
        ]
        without = dict.fromkeys(
            table.id
            for table in tables
            if all(route.target != endpoint.id for route in table.routes)
        )
        if any(endpoint.id in hop.detail for hop in path.hops):
            return ("the path ends before it",)
        if endpoint.type != "Gateway" or not without:
            return ("not on this path",)
        return tuple(f"{table} has no route to it" for table in without)


def _policy_verdicts(decision: Decision) -> list[Line]:
    """Say what the policies of each type say, one sentence for each."""
    evaluation = decision.evaluation
    verdicts = []
    for result in evaluation.results if evaluation else ():
        passes = result.outcome is Outcome.ALLOWED
        mark, tone = ("✓", Tone.GOOD) if passes else ("✗", Tone.BAD)
        if not passes and decision.allowed:
            # What one type does not allow, another does: nothing is refused.
            mark, tone = "·", Tone.PLAIN
        said = f"{mark} {TYPE_NAMES[result.policy_type]}: {OUTCOME_WORDS[result.outcome]}"
        if result.statement:
            said += f", {statement_words(result.statement)}"
        decides = evaluation is not None and result.policy_type is evaluation.decided_by
        if decides and not decision.undetermined:
            said += "\N{NO-BREAK SPACE}←\N{NO-BREAK SPACE}decides"
        verdicts.append(Line(said, tone))
    return verdicts
