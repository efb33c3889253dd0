"""A measured galaxy as a figure: its image, its masks, and what was measured in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.imaging.overlay import to_rgb
from galseg.io.atomic import write_whole
from galseg.measure import (
    ArmMeasurement,
    BarMeasurement,
    Host,
    SpiralMeasurement,
    TidalMeasurement,
)
from galseg.measure.host import disc_stretch, kpc_per_arcsec
from galseg.report.curve import spiral_xy
from galseg.report.extra import need

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_measurement", "measurement_figure", "write_measurement_plot"]

Floats = NDArray[np.float64]
Masks: TypeAlias = Mapping[str, NDArray[np.bool_]]

_WIDTH = 6.0  # inches
_UNDATED = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".svg": {"Date": None, "Creator": None},
}  # what is left out of a file, so that it depends on nothing but what it shows


def draw_measurement(
    axes: Axes,
    image: ArrayLike,
    *,
    frame: ImageFrame,
    masks: Masks | None = None,
    bar: BarMeasurement | None = None,
    spiral: SpiralMeasurement | None = None,
    tidal: Sequence[TidalMeasurement] = (),
    host: Host | None = None,
) -> None:
    """Draw a measured galaxy.

    Shown, y up, are the image; its missing pixels, hatched; the outlines of the masks, a colour
    and a line style for each feature; the bar's axis between its ends; the ridge of each arm,
    dotted, and the logarithmic spiral with the numbers measured on it; the medial axis of each
    tidal feature and its shape; scale bars of a round number of arcsec and, where the distance
    is known, kpc; and arrows to north and east. Scale bars and arrows are right at the middle of
    the image, each along the direction in which it is drawn, on any sheared or oblong pixels. The
    legend tells the numbers.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        To draw into.
    image : array_like, shape (ny, nx) or (bands, ny, nx)
        Stretched as by `galseg.imaging.overlay.to_rgb`.
    frame : ImageFrame
        The grid of the image. Without a WCS there are no scale bar and no arrows.
    masks : mapping of str to ndarray of bool, shape (ny, nx), optional
        By feature.
    bar : BarMeasurement, optional
    spiral : SpiralMeasurement, optional
    tidal : sequence of TidalMeasurement, optional
    host : Host, optional
        As it was given to the measurements: its disc carries the spirals back to the sky, its
        distance or redshift gives the scale in kpc.

    Raises
    ------
    ShapeError
        If the image or a mask does not fit the frame, or a mask is not bool.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from galseg.measure import measure_bar
    >>> mask = np.zeros((64, 64), dtype=bool)
    >>> mask[29:34, 12:52] = True
    >>> frame = ImageFrame(mask.shape)
    >>> _, axes = plt.subplots()
    >>> bar = measure_bar(mask, frame=frame)
    >>> draw_measurement(axes, mask.astype(float), frame=frame, masks={"bar": mask}, bar=bar)
    >>> [entry.get_text() for entry in axes.get_legend().get_texts()]
    ['bar, outline', 'bar: 40.00 ± 0.41 pix']
    >>> plt.close()
    """
    need("matplotlib")
    from galseg.report import marks, sky_marks

    masks, host = masks or {}, host or Host()
    pixels = np.asarray(image, dtype=float)
    _check(pixels, masks, frame)
    axes.imshow(to_rgb(pixels), origin="lower", interpolation="nearest")
    axes.set(xticks=[], yticks=[], autoscale_on=False)
    missing = ~np.isfinite(pixels.reshape(-1, *frame.shape)).any(axis=0)
    entries = list(marks.mark_missing(axes, missing))
    for feature, mask in masks.items():
        entries += marks.mark_mask(axes, mask, feature)
    if bar is not None:
        entries += marks.mark_bar(axes, bar)
    if spiral is not None and spiral.arms:
        entries.append(marks.RIDGE_ENTRY)
        for arm, fit_xy in _fitted_arms(spiral, frame, host):
            entries += marks.mark_arm(axes, arm, fit_xy)
    for structure in tidal:
        entries += marks.mark_tidal(axes, structure)
    if frame.has_sky:
        scale, _ = kpc_per_arcsec(host.redshift, distance_mpc=host.distance_mpc)
        sky_marks.add_scale_bars(axes, frame, kpc_per_arcsec=scale)
        sky_marks.add_compass(axes, frame)
    if entries:
        axes.legend(
            handles=entries,
            loc="upper center",
            bbox_to_anchor=(0.5, 0.0),
            ncols=2,
            fontsize="small",
            frameon=False,
        )


def measurement_figure(
    image: ArrayLike,
    *,
    frame: ImageFrame,
    masks: Masks | None = None,
    bar: BarMeasurement | None = None,
    spiral: SpiralMeasurement | None = None,
    tidal: Sequence[TidalMeasurement] = (),
    host: Host | None = None,
    title: str = "",
) -> Figure:
    """Make a figure of one measured galaxy.

    It belongs to no window and no ``pyplot``, so that thousands can be made in a row.

    Parameters
    ----------
    image, frame, masks, bar, spiral, tidal, host
        As of `draw_measurement`.
    title : str, optional
        Stands above, letter for letter.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ShapeError
        If the image or a mask does not fit the frame, or a mask is not bool.
    MissingDependencyError
        If matplotlib is not installed.

    Examples
    --------
    >>> figure = measurement_figure(np.eye(32), frame=ImageFrame((32, 32)), title="J1")
    >>> figure.axes[0].get_title()
    'J1'
    """
    need("matplotlib")
    from matplotlib.figure import Figure

    ny, nx = frame.shape
    figure = Figure(figsize=(_WIDTH, _WIDTH * float(np.clip(ny / nx, 0.4, 2.5)) + 1))
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    draw_measurement(
        axes,
        image,
        frame=frame,
        masks=masks,
        bar=bar,
        spiral=spiral,
        tidal=tidal,
        host=host,
    )
    axes.set_title(title, parse_math=False)
    return figure


def write_measurement_plot(
    path: str | os.PathLike[str],
    image: ArrayLike,
    *,
    frame: ImageFrame,
    masks: Masks | None = None,
    bar: BarMeasurement | None = None,
    spiral: SpiralMeasurement | None = None,
    tidal: Sequence[TidalMeasurement] = (),
    host: Host | None = None,
    title: str = "",
    dpi: float = 150,
) -> None:
    """Write the figure of one measured galaxy, whole or not at all.

    The same measurement gives the same bytes with the same version of matplotlib.

    Parameters
    ----------
    path : path-like
        Its suffix says the format: .png, .pdf or .svg.
    image, frame, masks, bar, spiral, tidal, host, title
        As of `measurement_figure`.
    dpi : float, optional
        Of the pixels in the file; a figure is 6 inches wide.

    Raises
    ------
    ConfigError
        If the suffix is another.
    ShapeError
        If the image or a mask does not fit the frame, or a mask is not bool.
    MissingDependencyError
        If matplotlib is not installed.
    OutputError
        If the file cannot be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _UNDATED:
        raise ConfigError(
            f"{path} has the suffix {suffix!r}, which names no format of a plot; "
            f"known: {', '.join(_UNDATED)}"
        )
    figure = measurement_figure(
        image,
        frame=frame,
        masks=masks,
        bar=bar,
        spiral=spiral,
        tidal=tidal,
        host=host,
        title=title,
    )
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": "galseg"}), write_whole(path) as temporary:
        figure.savefig(temporary, dpi=dpi, bbox_inches="tight", metadata=_UNDATED[suffix])


def _check(pixels: Floats, masks: Masks, frame: ImageFrame) -> None:
    if pixels.ndim not in (2, 3) or pixels.shape[-2:] != frame.shape:
        raise ShapeError(f"the image has shape {pixels.shape} and its frame {frame.shape}")
    for feature, mask in masks.items():
        if mask.shape != frame.shape or mask.dtype != bool:
            raise ShapeError(
                f"the {feature!r} mask must be bool of the image's shape {frame.shape}, "
                f"got {mask.dtype} {mask.shape}"
            )


def _fitted_arms(
    spiral: SpiralMeasurement, frame: ImageFrame, host: Host
) -> Iterator[tuple[ArmMeasurement, Floats]]:
    """Arms, and their spirals on the image."""
    disc = None
    if frame.has_sky:  # without north a disc is not used
        disc, _ = disc_stretch(frame, host.inclination_deg, host.line_of_nodes_deg)
    for arm in spiral.arms:
        yield arm, spiral_xy(arm, frame=frame, centre_xy=spiral.centre_xy, disc=disc)
