"""A mask carried onto the pixels of another image, by area."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import FrameError, ShapeError
from galseg.extras import extra
from galseg.frame import ImageFrame
from galseg.measure.evidence import Evidence

__all__ = ["covered_share"]

Floats = NDArray[np.float64]

_TRACE = 1e-6  # of a pixel, below the precision of a share


def covered_share(mask: ArrayLike, *, frame: ImageFrame, onto: ImageFrame) -> Floats:
    """Share of each pixel of another image that a mask covers.

    Every pixel of both images is a quadrilateral on the sphere whose corners come through the
    full WCS; shares are the areas of their overlaps. A map on the other image times the shares,
    summed, is what the map holds inside the mask, and areas on the sky are conserved.

    Parameters
    ----------
    mask : array_like, shape (ny, nx)
        Bools, or zeros and ones; NaN where nothing is known.
    frame : ImageFrame
        The grid of the mask.
    onto : ImageFrame
        The grid of the map, such as that of an integral-field unit.

    Returns
    -------
    ndarray, shape of `onto`
        0 to 1; 0 outside the image of the mask, NaN where a part of a pixel lies on a NaN.

    Raises
    ------
    ShapeError
        If the mask does not fit its frame, or holds anything but zeros and ones.
    FrameError
        If one of the frames has no WCS.
    MissingDependencyError
        If reproject is not installed.

    Examples
    --------
    >>> from astropy.wcs import WCS
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    >>> wcs.wcs.crpix, wcs.wcs.cdelt = (2.5, 2.5), (-0.001, 0.001)
    >>> coarse = wcs.slice((slice(None, None, 2), slice(None, None, 2)))
    >>> mask = np.zeros((4, 4), dtype=bool)
    >>> mask[1, :3] = True
    >>> onto = ImageFrame((2, 2), coarse)
    >>> covered_share(mask, frame=ImageFrame(mask.shape, wcs), onto=onto).round(3)
    array([[0.5 , 0.25],
           [0.  , 0.  ]])
    """
    evidence = Evidence.of(mask, frame, 0.5)
    if not evidence.is_mask:
        raise ShapeError(
            "covered_share needs a mask of zeros and ones, got values between; "
            "give `probability >= threshold` or Prediction.mask(feature)"
        )
    for name, grid in (("frame", frame), ("onto", onto)):
        if not grid.has_sky:
            raise FrameError(
                f"{name} has no WCS, so the two images cannot be laid over each other; "
                "give ImageFrame(shape, wcs) or ImageFrame.from_header(header)"
            )
    share = _share(evidence.mask, frame, onto)
    if evidence.missing.any():
        share[_share(evidence.missing, frame, onto) > _TRACE] = np.nan
    return share


def _share(mask: NDArray[np.bool_], frame: ImageFrame, onto: ImageFrame) -> Floats:
    with extra("regrid", "laying a mask over another image needs reproject"):
        from reproject import reproject_exact
    mean, footprint = reproject_exact(
        (mask.astype(float), frame.wcs), onto.wcs, shape_out=onto.shape
    )
    return np.asarray(np.nan_to_num(mean * footprint).clip(0, 1))
