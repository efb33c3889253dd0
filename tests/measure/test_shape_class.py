"""The rule for named shapes, on ideal features."""

import math

import pytest

from galseg.measure import SHAPE_RULES, MeasureFlag, shape_of

ARC = {"length_arcsec": 60, "width_arcsec": 8, "r_inner_arcsec": 40, "r_outer_arcsec": 41,
       "azimuth_deg": 86, "orientation_deg": 89, "curvature": 1.5}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("shell", {}),
        ("shell", {"width_arcsec": 25}),
        ("plume", {"width_arcsec": 30, "r_outer_arcsec": 60}),
        ("tail", {"r_outer_arcsec": 90, "orientation_deg": 50}),
        ("tail", {"r_outer_arcsec": 90, "orientation_deg": 5, "azimuth_deg": 0, "curvature": 0}),
        ("stream", {"length_arcsec": 150, "azimuth_deg": 200, "curvature": 3}),
        ("stream", {"r_outer_arcsec": 55, "orientation_deg": 70}),
        ("", {"orientation_deg": 82, "curvature": 0.1}),  # tangential and straight
        ("", {"width_arcsec": 15, "r_outer_arcsec": 55}),  # neither stubby nor slender
        ("", {"azimuth_deg": math.nan}),
    ],
)
def test_ideal_features(name, change):
    shape, flags = shape_of({**ARC, **change})
    assert shape == name
    assert bool(flags & MeasureFlag.UNSURE_SHAPE) == (name == "")


def test_a_name_that_an_error_could_change_is_not_given():
    near_the_limit = {**ARC, "r_outer_arcsec": 45}
    assert shape_of(near_the_limit)[0] == "shell"
    assert shape_of(near_the_limit, {"r_outer_arcsec": 0.9})[0] == "shell"
    assert shape_of(near_the_limit, {"r_outer_arcsec": 1.1}) == ("", MeasureFlag.UNSURE_SHAPE)


def test_a_line_through_the_host_has_no_ratios_and_raises_nothing():
    assert shape_of({**ARC, "r_inner_arcsec": 0, "azimuth_deg": 0})[0] == "tail"


def test_the_documented_table_is_the_rule(request):
    page = (request.config.rootpath / "docs" / "shape_classes.md").read_text()
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("| **")]
    written = [[cell.strip(" *") for cell in row] for row in rows]
    assert written == [[rule.shape, *(as_text(*pair) for pair in rule[1:])] for rule in SHAPE_RULES]


def as_text(low, high):
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f"≥ {low:g}"
    return f"≤ {high:g}" if math.isinf(low) else f"{low:g} to {high:g}"
