"""The colours of a picture in light and in dark, and the style sheet made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme, as ``#rrggbb``.

    Args:
        paper: behind everything.
        box: behind the text of a box without others in it.
        vpc: behind a VPC.
        subnet: behind a subnet.
        group: behind other boxes with boxes in them.
        ink: titles.
        plain: ordinary text, outlines and arrows.
        good: what passes.
        bad: what is stopped.
        open: what cannot be told.
        muted: what the request does not use.
        vpc_line: a VPC's outline.
        subnet_line: a subnet's outline.

    """

    paper: str
    box: str
    vpc: str
    subnet: str
    group: str
    ink: str
    plain: str
    good: str
    bad: str
    open: str
    muted: str
    vpc_line: str
    subnet_line: str


LIGHT = Palette(
    paper="#ffffff",
    box="#ffffff",
    vpc="#f3f0fa",
    subnet="#eaf5ec",
    group="#f6f8fa",
    ink="#1f2328",
    plain="#424a53",
    good="#116329",
    bad="#b3192a",
    open="#7d4e00",
    muted="#59636e",
    vpc_line="#8250df",
    subnet_line="#1a7f37",
)
DARK = Palette(
    paper="#0d1117",
    box="#161b22",
    vpc="#1b1630",
    subnet="#10231a",
    group="#151b23",
    ink="#f0f6fc",
    plain="#c3cad2",
    good="#56d364",
    bad="#ff8182",
    open="#e3b341",
    muted="#9da7b1",
    vpc_line="#ab7df8",
    subnet_line="#3fb950",
)

#: Colours that text is written in, and those it is written on.
TEXT_COLOURS = ("ink", "plain", "good", "bad", "open", "muted")
SURFACES = ("paper", "box", "vpc", "subnet", "group")
LINE_COLOURS = (*TEXT_COLOURS[1:], "vpc_line", "subnet_line")

_TONES = ("plain", "good", "bad", "open", "muted")
#: The classes are prefixed, since an SVG inside an HTML page shares the page's style sheets.
PREFIX = "vpcep"


def style_sheet(palette: Palette) -> str:
    """Return the rules that give each class its colour."""
    colours = asdict(palette)
    rules = [f".{PREFIX}-paper{{fill:{palette.paper}}}", f".{PREFIX}-title{{fill:{palette.ink}}}"]
    for surface in ("box", "vpc", "subnet", "group"):
        line = colours.get(f"{surface}_line", palette.plain)
        rules.append(f".{PREFIX}-{surface}{{fill:{colours[surface]};stroke:{line}}}")
    for tone in _TONES:
        colour = colours[tone]
        rules.append(f".{PREFIX}-text-{tone},.{PREFIX}-head-{tone}{{fill:{colour}}}")
        rules.append(f".{PREFIX}-line-{tone}{{stroke:{colour}}}")
        if tone != "plain":
            rules.append(f".{PREFIX}-outline-{tone}{{stroke:{colour}}}")
    rules += [f".{PREFIX}-rim-{surface}{{stroke:{colours[surface]}}}" for surface in SURFACES]
    return "".join(rules)
