"""Images to what a model takes."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.dataset.field_of_view import FieldOfView
from galseg.dataset.grid import ModelGrid
from galseg.errors import ShapeError
from galseg.imaging.petrosian import petrosian_radius
from galseg.imaging.stretch import asinh_stretch
from galseg.io.images import GalaxyImage

__all__ = [
    "HALF_KNOWN",
    "SOFTENING",
    "STRETCH",
    "GridImage",
    "ModelInput",
    "fill_unobserved",
    "match_bands",
    "model_input",
    "on_grid",
    "stretched",
]

Maps = NDArray[np.float32]

STRETCH = "asinh on the grid"
"""Name of the scaling of `model_input`, kept in model cards."""

SOFTENING = 3.0
"""Of the stretch, in noise standard deviations."""

HALF_KNOWN = 0.5
"""Coverage from which a pixel of the model's grid counts as observed."""

_DISPLAY_BANDS = 3  # red, green, blue
_FALLBACK_RADII = 4  # across the image, where a galaxy's radius cannot be measured
_ENOUGH_SHARE = 0.05  # of a neighbourhood that must be seen to fill from it
_WIDENING = 2.0  # of the neighbourhood that fills a gap, until it reaches across


class GridImage(NamedTuple):
    """An image in linear units on the grid of a model.

    Attributes
    ----------
    pixels : ndarray of float32, shape (bands, side, side)
        Mean of the light; gaps are filled from around them, and off the image is its mirror image.
    observed : ndarray of bool, shape (side, side)
        Where at least half of the pixel was observed, in all bands.
    grid : ModelGrid
    display : bool
        Whether the pixels were scaled for the eye before.
    """

    pixels: Maps
    observed: NDArray[np.bool_]
    grid: ModelGrid
    display: bool


class ModelInput(NamedTuple):
    """What a network takes, and the way back.

    Attributes
    ----------
    values : ndarray of float32, shape (bands, side, side)
        0 to 1.
    observed : ndarray of bool, shape (side, side)
        Where at least half of the pixel was observed, in all bands.
    grid : ModelGrid
        Its ``to_image`` puts maps onto the image's own grid.
    """

    values: Maps
    observed: NDArray[np.bool_]
    grid: ModelGrid


def model_input(
    image: GalaxyImage,
    *,
    side: int,
    field_of_view: str = "image",
    radius_arcsec: float | None = None,
) -> ModelInput:
    """Fit an image into the square that a model sees, and stretch it.

    Parameters
    ----------
    image : GalaxyImage
        In any linear unit, or scaled for display; NaN where nothing was observed.
    side : int
        Of the square, in pixels.
    field_of_view : str, optional
        See `FieldOfView`.
    radius_arcsec : float, optional
        Of the galaxy, for a field of view in radii; its Petrosian radius is measured on the image
        if left out.

    Returns
    -------
    ModelInput

    Raises
    ------
    ConfigError
        If the field of view is none, or its radius cannot be used.
    FrameError
        If it is in arcsec and the image has no WCS.
    """
    placed = on_grid(image, side=side, field_of_view=field_of_view, radius_arcsec=radius_arcsec)
    return ModelInput(stretched(placed.pixels, display=placed.display), *placed[1:3])


def on_grid(
    image: GalaxyImage,
    *,
    side: int,
    field_of_view: str = "image",
    radius_arcsec: float | None = None,
) -> GridImage:
    """Fit an image into the square that a model sees, in linear units; see `model_input`."""
    field = FieldOfView.parse(field_of_view)
    radius = _radius_pix(image, radius_arcsec) if field.unit == "radii" else None
    grid = ModelGrid(
        image.frame.shape, side, field_pix=field.in_pixels(image.frame, radius_pix=radius)
    )
    values, coverage = grid.to_model(image.pixels)
    observed = np.asarray((coverage >= HALF_KNOWN).all(axis=0))
    return GridImage(np.stack(list(map(fill_unobserved, values))), observed, grid, image.display)


def stretched(pixels: Maps, *, display: bool, softening: float = SOFTENING) -> Maps:
    """Scale the pixels of a grid to 0 to 1; see `asinh_stretch`.

    Parameters
    ----------
    pixels : ndarray, shape (bands, side, side)
    display : bool
        Whether they were stretched before, and are only to be spread over 0 to 1.
    softening : float, optional
    """
    return asinh_stretch(pixels, softening=np.inf if display else softening)


def fill_unobserved(band: Maps) -> Maps:
    """Fill the gaps of a band with the mean of what was observed around them.

    Parameters
    ----------
    band : ndarray, shape (side, side)
        NaN where nothing was observed.

    Returns
    -------
    ndarray of float32, shape (side, side)
        0 where nothing was observed at all.

    Examples
    --------
    >>> fill_unobserved(np.array([[2, 2, 2], [2, np.nan, 2], [2, 2, 2]], dtype=np.float32))[1, 1]
    np.float32(2.0)
    """
    seen = np.isfinite(band)
    filled = np.where(seen, band, np.float32(0))
    if seen.all() or not seen.any():
        return filled
    weight, light = seen.astype(np.float32), filled.copy()
    gaps, width = ~seen, 1.0
    while gaps.any() and width < max(band.shape):
        share = cv2.GaussianBlur(weight, (0, 0), width)
        near = gaps & (share > _ENOUGH_SHARE)
        filled[near] = cv2.GaussianBlur(light, (0, 0), width)[near] / share[near]
        gaps &= ~near
        width *= _WIDENING
    filled[gaps] = band[seen].mean()
    return filled


def match_bands(image: GalaxyImage, n_bands: int) -> GalaxyImage:
    """Return an image with as many bands as a model takes.

    A picture in colour becomes its mean for a model of one band. Nothing else can be matched
    honestly.

    Raises
    ------
    ShapeError
        If the image has another number of bands.
    """
    found = len(image.pixels)
    if found == n_bands:
        return image
    if image.display and (found, n_bands) == (_DISPLAY_BANDS, 1):
        mean = image.pixels.mean(axis=0, keepdims=True)
        return GalaxyImage(image.galaxy_id, mean, image.frame, display=True)
    raise ShapeError(
        f"the model takes {n_bands} band(s), the image {image.galaxy_id!r} has {found}; "
        "give one band, or their mean"
    )


def _radius_pix(image: GalaxyImage, radius_arcsec: float | None) -> float:
    if radius_arcsec is not None:
        return radius_arcsec / image.frame.pixel_scale_arcsec
    radius = petrosian_radius(image.pixels.mean(axis=0))
    return radius if np.isfinite(radius) else max(image.frame.shape) / _FALLBACK_RADII
