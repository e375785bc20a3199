"""Both colour schemes can be read: contrast as WCAG 2.2 computes and asks for it.

"Success Criterion 1.4.3 Contrast (Minimum)": 4.5:1 for text; "1.4.11 Non-text Contrast": 3:1.
"""

from __future__ import annotations

import pytest

from pytest_vpcep.pictures.diagram import Tone
from pytest_vpcep.pictures.mermaid import TONES
from pytest_vpcep.pictures.palette import (
    DARK,
    LIGHT,
    LINE_COLOURS,
    SURFACES,
    TEXT_COLOURS,
    Palette,
    style_sheet,
)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        pytest.param("#000000", "#ffffff", 21.0, id="black-on-white"),
        pytest.param("#767676", "#ffffff", 4.54, id="the-lightest-grey-that-passes"),
        pytest.param("#123456", "#123456", 1.0, id="same"),
    ],
)
def test_contrast_is_computed_as_wcag_does(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


schemes = pytest.mark.parametrize(
    "palette", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]
)


@schemes
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("colour", TEXT_COLOURS)
def test_text_has_contrast(palette: Palette, surface: str, colour: str) -> None:
    assert contrast(getattr(palette, colour), getattr(palette, surface)) >= 4.5


@schemes
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("colour", LINE_COLOURS)
def test_lines_have_contrast(palette: Palette, surface: str, colour: str) -> None:
    assert contrast(getattr(palette, colour), getattr(palette, surface)) >= 3


@schemes
def test_every_tone_and_surface_has_its_rules(palette: Palette) -> None:
    sheet = style_sheet(palette)
    for tone in Tone:
        assert f".vpcep-text-{tone}," in sheet
        assert f".vpcep-line-{tone}{{stroke:{getattr(palette, tone)}}}" in sheet
    for surface in SURFACES:
        assert getattr(palette, surface) in sheet


@pytest.mark.parametrize("paper", ["#ffffff", "#0d1117"], ids=["light", "dark"])
@pytest.mark.parametrize("colour", TONES.values(), ids=TONES)
def test_mermaid_s_arrows_have_contrast_on_both_papers(colour: str, paper: str) -> None:
    assert contrast(colour, paper) >= 3
