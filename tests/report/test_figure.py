"""Figures of a measured galaxy: what they show, and where."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from galseg import ImageFrame, measure_bar, measure_spiral_arms
from galseg.errors import ConfigError, MissingDependencyError, ShapeError
from galseg.features import DEFAULT_FEATURES, FEATURES
from galseg.imaging.overlay import to_rgb
from galseg.measure import BarMeasurement, measure_tidal
from galseg.report import draw_measurement, measurement_figure, write_measurement_plot
from tests.measure.exact_shapes import hostile_frame

SHAPE = (60, 80)
FRAME = hostile_frame({"rotation_deg": 30}, SHAPE)
IMAGE = np.random.default_rng(0).normal(size=SHAPE)
MASK = np.zeros(SHAPE, dtype=bool)
MASK[28:33, 20:60] = True


def drawn(image=IMAGE, frame=FRAME, **measured):
    axes = Figure().add_subplot()
    draw_measurement(axes, image, frame=frame, **measured)
    return axes


def legend_of(axes):
    return [entry.get_text() for entry in axes.get_legend().get_texts()]


def picture_of(image, **measured):
    figure = Figure(figsize=(4, 3))
    axes = figure.add_axes((0, 0, 1, 1))
    draw_measurement(axes, image, frame=ImageFrame(SHAPE), **measured)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def test_y_points_up():
    axes = drawn()
    assert axes.get_ylim() == (-0.5, SHAPE[0] - 0.5)
    np.testing.assert_array_equal(axes.images[0].get_array(), to_rgb(IMAGE))
    assert axes.images[0].origin == "lower"


def test_the_bar_runs_between_its_ends_and_its_length_is_told():
    bar = measure_bar(MASK, frame=FRAME, redshift=0.03)
    axes = drawn(bar=bar)
    np.testing.assert_allclose(axes.lines[0].get_xydata(), bar.ends_xy)
    (text,) = legend_of(axes)
    assert text.startswith(f"bar: {bar.length_arcsec:.2f}″ ± ")
    assert f"{bar.length_kpc:.4g} kpc, PA {bar.position_angle_deg:.0f}°" in text


def test_without_a_wcs_lengths_are_in_pixels_and_nothing_tells_north():
    frame = ImageFrame(SHAPE)
    axes = drawn(frame=frame, bar=measure_bar(MASK, frame=frame))
    assert legend_of(axes) == ["bar: 40.00 ± 0.41 pix"]
    assert not axes.texts


def test_a_bar_that_was_not_found_is_not_drawn():
    axes = drawn(bar=BarMeasurement())
    assert axes.get_legend() is None


def test_arms_are_drawn_and_numbered():
    y, x = np.mgrid[-100:101, -100:101]
    phase = np.arctan2(y, x) - np.log(np.hypot(x, y) + 1e-9) / np.tan(np.radians(20))
    mask = (np.cos(2 * phase) > 0.8) & (np.hypot(x, y) > 15) & (np.hypot(x, y) < 90)
    frame = hostile_frame({}, mask.shape)
    spiral = measure_spiral_arms(mask, frame=frame)
    axes = drawn(mask.astype(float), frame, spiral=spiral)
    texts = legend_of(axes)
    assert texts[0] == "ridge of an arm"
    for arm, text in zip(spiral.arms, texts[1:], strict=True):
        assert text.startswith(f"arm {arm.arm_id}: pitch angle {arm.pitch_angle_deg:.2f}")
        assert text.endswith(f", {arm.winding}")
    assert {"1", "2"} <= {note.get_text() for note in axes.texts}


def test_tidal_features_are_named_by_their_shape():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[40:44, 10:70] = True
    found = measure_tidal(mask, frame=FRAME, centre=(40.0, 10.0))
    tidal = replace(found[0], shape="shell", tidal_id=2)
    axes = drawn(tidal=[tidal])
    (note,) = [note for note in axes.texts if note.get_text() == "shell 2"]
    np.testing.assert_allclose(note.get_position(), (39.5, 41.5), atol=2)
    (text,) = legend_of(axes)
    assert text.startswith(f"shell 2: {tidal.length_arcsec:.1f}")


def test_an_unmeasured_tidal_feature_is_not_drawn():
    empty = measure_tidal(np.full(SHAPE, np.nan), frame=FRAME)
    assert drawn(tidal=empty).get_legend() is None


def test_outlines_follow_the_edges_of_the_mask_to_the_border():
    for mask in (MASK, np.ones(SHAPE, dtype=bool)):
        axes = drawn(masks={"bar": mask})
        (outline,) = axes.collections[0].get_paths()
        row, column = np.nonzero(mask)
        low, high = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
        np.testing.assert_allclose(low, (column.min() - 0.5, row.min() - 0.5))
        np.testing.assert_allclose(high, (column.max() + 0.5, row.max() + 0.5))
        assert axes.get_xlim() == (-0.5, SHAPE[1] - 0.5)


def test_features_differ_by_more_than_their_colour():
    masks = dict.fromkeys(DEFAULT_FEATURES, MASK)
    handles = drawn(masks=masks).get_legend().legend_handles
    assert len({handle.get_linestyle() for handle in handles}) == len(masks)
    colours = [tuple(round(255 * c) for c in handle.get_color()) for handle in handles]
    assert colours == [FEATURES[name].colour for name in masks]


def test_an_empty_mask_is_left_out():
    assert drawn(masks={"bar": np.zeros(SHAPE, dtype=bool)}).get_legend() is None


@pytest.mark.parametrize("image", [np.where(MASK, np.nan, IMAGE), np.full(SHAPE, np.nan)])
def test_missing_pixels_are_hatched(image):
    axes = drawn(image)
    assert legend_of(axes) == ["no data"]
    assert axes.collections[0].hatches == ["xxxx"]


def test_a_pixel_observed_in_one_band_is_not_missing():
    assert drawn(np.stack([np.where(MASK, np.nan, IMAGE), IMAGE])).get_legend() is None


def test_a_title_is_no_formula():
    figure = measurement_figure(IMAGE, frame=FRAME, title="$J1_$ \\frac")
    figure.draw_without_rendering()
    assert figure.axes[0].get_title() == "$J1_$ \\frac"


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_the_same_measurement_gives_the_same_bytes(tmp_path, suffix):
    bar = measure_bar(MASK, frame=FRAME)
    for name in ("a", "b"):
        write_measurement_plot(
            tmp_path / (name + suffix), IMAGE, frame=FRAME, masks={"bar": MASK}, bar=bar
        )
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize(("level", "shade"), [(0.0, 0), (1.0, 255)])
def test_marks_are_seen_on_dark_and_on_light_images(level, shade):
    image = np.zeros(SHAPE)
    image[8:-8, 10:-10] = level
    bar = measure_bar(MASK, frame=FRAME)
    plain, marked = (picture_of(image, **m) for m in ({}, {"masks": {"bar": MASK}, "bar": bar}))
    changed = (plain != marked).any(axis=-1)
    assert np.median(plain[changed]) == shade
    contrast = np.abs(marked - plain).max(axis=-1)
    assert (contrast > 150).sum() > 400


def test_a_suffix_of_no_format_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"'\.gif'.*known: \.png"):
        write_measurement_plot(tmp_path / "a.gif", IMAGE, frame=FRAME)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mask", [MASK.astype(float), MASK[:5]])
def test_a_mask_that_does_not_fit_is_refused(mask):
    with pytest.raises(ShapeError, match="'bar' mask must be bool"):
        drawn(masks={"bar": mask})


@pytest.mark.parametrize("image", [IMAGE[:5], IMAGE[0], IMAGE[None, None]])
def test_an_image_that_does_not_fit_is_refused(image):
    with pytest.raises(ShapeError, match="its frame"):
        drawn(image)


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingDependencyError, match=r"matplotlib; pip install 'galseg\[plots\]'"):
        measurement_figure(IMAGE, frame=FRAME)
