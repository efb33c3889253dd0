"""The pixel grid of an image and its place on the sky."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from astropy.coordinates import BaseCoordinateFrame, SkyCoord
from astropy.io import fits
from astropy.wcs import WCS, NoConvergence, SingularMatrixError
from astropy.wcs.utils import wcs_to_celestial_frame
from numpy.typing import ArrayLike, NDArray

from galseg.celestial import (
    FrameChange,
    directions_of,
    lon_lat_of,
    separation_arcsec,
    tangent_offsets_arcsec,
)
from galseg.errors import FrameError, ShapeError
from galseg.header_wcs import wcs_of_cards, wcs_of_header

__all__ = ["ImageFrame"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImageFrame:
    """A pixel grid, with a celestial WCS or without.

    Pixels follow ``image[y, x]``: an integer coordinate is the centre of a pixel and the first
    pixel is (0, 0). Points are arrays of shape (N, 2) holding x, y.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns, ``(ny, nx)``, as ``image.shape``.
    wcs : astropy.wcs.WCS, optional
        Any WCS with celestial axes; further axes are dropped. Without one, everything that needs
        the sky is NaN or refused, never guessed.

    Raises
    ------
    ShapeError
        If the shape is not two positive integers.
    FrameError
        If the WCS has no celestial axes, cannot be inverted, or counts in a frame that has no
        fixed place in ICRS.

    Examples
    --------
    >>> from astropy.wcs import WCS
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    >>> wcs.wcs.crval = 180.0, 30.0
    >>> wcs.wcs.crpix = 51.0, 51.0
    >>> wcs.wcs.cdelt = -0.5 / 3600, 0.5 / 3600
    >>> frame = ImageFrame((101, 101), wcs)
    >>> round(frame.pixel_scale_arcsec, 6)
    0.5
    >>> frame.to_sky([[50, 50]]).to_string("decimal")
    ['180 30']
    >>> frame.separation_arcsec([[40, 50]], [[60, 50]]).round(6)
    array([10.])
    >>> frame.position_angle_deg([[50, 40]], [[50, 60]]).round(6)
    array([0.])
    """

    shape: tuple[int, int]
    wcs: WCS | None = None

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        if len(shape) != 2 or min(shape) < 1:
            raise ShapeError(f"shape must be two positive integers (ny, nx), got {self.shape}")
        object.__setattr__(self, "shape", shape)
        if self.wcs is not None:
            object.__setattr__(self, "wcs", _celestial_part(self.wcs))
            if not 0 < self.pixel_area_arcsec2 < np.inf:
                raise FrameError(
                    "the WCS gives pixels no area on the sky (a singular matrix?); "
                    "check CD, PC and CDELT"
                )

    def __reduce__(self) -> tuple[type[ImageFrame], tuple[tuple[int, int], WCS | None]]:
        """Pickle what the frame was made from; what is cached holds closures."""
        return type(self), (self.shape, self.wcs)

    @classmethod
    def from_header(cls, header: fits.Header | Mapping[str, Any]) -> ImageFrame:
        """Read the grid and the WCS from a FITS header.

        Parameters
        ----------
        header : astropy.io.fits.Header
            With NAXIS1, NAXIS2 and a celestial WCS in any frame astropy knows.

        Returns
        -------
        ImageFrame

        Raises
        ------
        ShapeError
            If NAXIS1 or NAXIS2 is missing.
        FrameError
            If the header holds no celestial WCS. ``ImageFrame(image.shape)`` measures such an
            image in pixels only.
        """
        if not isinstance(header, fits.Header):
            header = fits.Header(header)
        if "NAXIS1" not in header or "NAXIS2" not in header:
            raise ShapeError("the header has no NAXIS1 and NAXIS2; it does not describe an image")
        return cls((header["NAXIS2"], header["NAXIS1"]), wcs_of_header(header))

    @classmethod
    def from_cards(cls, cards: Sequence[bytes], shape: Sequence[int]) -> ImageFrame:
        """Read the WCS from cards as `from_header` does, in a fraction of its time.

        Parameters
        ----------
        cards : sequence of bytes
            As they stand in the file, all plain (see `galseg.fits_headers.is_plain`).
        shape : sequence of int
            Of the array that they describe, ``(..., ny, nx)``.

        Returns
        -------
        ImageFrame

        Raises
        ------
        FrameError
            As by `from_header`.
        """
        return cls((shape[-2], shape[-1]), wcs_of_cards(cards, shape))

    @property
    def has_sky(self) -> bool:
        """Whether there is a WCS."""
        return self.wcs is not None

    @property
    def centre_xy(self) -> Floats:
        """Centre of the grid in pixels, shape (2,)."""
        ny, nx = self.shape
        return np.array([(nx - 1) / 2, (ny - 1) / 2])

    @cached_property
    def jacobian_arcsec(self) -> Floats:
        """Change of (east, north) in arcsec for a pixel step in (x, y), at the image centre.

        Shape (2, 2), columns x and y; NaN without a WCS.
        """
        if self.wcs is None:
            return np.full((2, 2), np.nan)
        steps = self.centre_xy + 0.5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        east, north = self.to_offsets_arcsec(steps, self.centre_xy).T
        return np.array([[east[0] - east[1], east[2] - east[3]],
                         [north[0] - north[1], north[2] - north[3]]])  # fmt: skip

    @property
    def pixel_area_arcsec2(self) -> float:
        """Solid angle of a pixel at the image centre; NaN without a WCS."""
        return abs(_determinant(self.jacobian_arcsec))

    @property
    def pixel_scale_arcsec(self) -> float:
        """Square root of the pixel's solid angle; NaN without a WCS."""
        return float(np.sqrt(self.pixel_area_arcsec2))

    @property
    def is_mirrored(self) -> bool | None:
        """Whether east is to the right when north is up; None without a WCS."""
        if self.wcs is None:
            return None
        return _determinant(self.jacobian_arcsec) > 0

    def to_sky(self, xy: ArrayLike) -> SkyCoord:
        """Transform pixels to the sky through the full WCS, distortions included.

        Parameters
        ----------
        xy : array_like, shape (N, 2)
            Pixel coordinates x, y, origin 0.

        Returns
        -------
        astropy.coordinates.SkyCoord
            ICRS, shape (N,).

        Raises
        ------
        FrameError
            If the frame has no WCS.
        ShapeError
            If `xy` is not (N, 2).
        """
        return SkyCoord(self.to_radec_deg(xy), unit="deg")

    def to_radec_deg(self, xy: ArrayLike) -> Floats:
        """Transform pixels to right ascension and declination, ICRS, in degrees.

        `to_sky` as plain numbers, and ten times faster for a few points.

        Parameters
        ----------
        xy : array_like, shape (N, 2)
            Pixel coordinates.

        Returns
        -------
        ndarray, shape (N, 2)
            Right ascension, [0, 360), and declination; NaN where the projection ends.

        Raises
        ------
        FrameError
            If the frame has no WCS.
        ShapeError
            If `xy` is not (N, 2).
        """
        return lon_lat_of(self._directions(_as_points(xy)))

    def to_pixel(self, sky: SkyCoord) -> Floats:
        """Transform the sky to pixels, the inverse of `to_sky`.

        Parameters
        ----------
        sky : astropy.coordinates.SkyCoord
            In any frame, shape (N,).

        Returns
        -------
        ndarray, shape (N, 2)
            x, y; NaN where the WCS has no answer.

        Raises
        ------
        FrameError
            If the frame has no WCS.
        """
        if self.wcs is None:
            raise FrameError("this frame has no WCS, so the sky has no place on its pixels")
        icrs = sky.icrs
        radec = np.column_stack([np.ravel(icrs.ra.deg), np.ravel(icrs.dec.deg)])
        world = np.empty_like(radec)
        world[:, [self.wcs.wcs.lng, self.wcs.wcs.lat]] = lon_lat_of(
            self._change.from_icrs(directions_of(radec))
        )
        try:
            return np.asarray(self.wcs.all_world2pix(world, 0))
        except NoConvergence as error:
            return np.asarray(error.best_solution)

    def to_offsets_arcsec(self, xy: ArrayLike, origin_xy: ArrayLike) -> Floats:
        """Offsets east and north of an origin, on the tangent plane there.

        Parameters
        ----------
        xy : array_like, shape (N, 2)
            Pixel coordinates.
        origin_xy : array_like, shape (2,)
            Pixel at the centre of the plane.

        Returns
        -------
        ndarray, shape (N, 2)
            East and north in arcsec, gnomonic.

        Raises
        ------
        FrameError
            If the frame has no WCS.
        """
        sky = self._directions(np.vstack([_as_points(xy), np.reshape(origin_xy, (1, 2))]))
        return tangent_offsets_arcsec(sky[:-1], sky[-1:])

    def separation_arcsec(self, start_xy: ArrayLike, end_xy: ArrayLike) -> Floats:
        """Great-circle distance between pairs of pixels, shape (N,); NaN without a WCS."""
        start, end = _as_points(start_xy), _as_points(end_xy)
        if self.wcs is None:
            return np.full(len(start), np.nan)
        return separation_arcsec(self._directions(start), self._directions(end))

    def position_angle_deg(self, start_xy: ArrayLike, end_xy: ArrayLike) -> Floats:
        """Direction of an undirected line, north through east, [0, 180); NaN without a WCS.

        Taken on the tangent plane at the middle of the line, so that the order of its ends does
        not matter.
        """
        start, end = _as_points(start_xy), _as_points(end_xy)
        if self.wcs is None:
            return np.full(len(start), np.nan)
        sky = self._directions(np.vstack([start, end, (start + end) / 2]))
        start_sky, end_sky, middle = sky.reshape(3, -1, 3)
        chord = tangent_offsets_arcsec(end_sky, middle)
        chord -= tangent_offsets_arcsec(start_sky, middle)
        angle = np.degrees(np.arctan2(chord[:, 0], chord[:, 1])) % 180.0
        return np.where(angle < 180.0, angle, 0.0)  # -1e-20 % 180 is 180

    @cached_property
    def _change(self) -> FrameChange:
        return FrameChange.of(_celestial_frame(self.wcs))

    def _directions(self, points: Floats) -> Floats:
        """Vectors from the observer through pixels, in ICRS, shape (N, 3)."""
        if self.wcs is None:
            raise FrameError(
                "this frame has no WCS, so pixels have no place on the sky; "
                "give ImageFrame(shape, wcs) or ImageFrame.from_header(header)"
            )
        world = self.wcs.all_pix2world(points, 0)
        return self._change.to_icrs(directions_of(world[:, [self.wcs.wcs.lng, self.wcs.wcs.lat]]))


def _determinant(matrix: Floats) -> float:
    return float(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])


def _celestial_frame(wcs: WCS) -> BaseCoordinateFrame:
    if wcs.wcs.lngtyp not in ("RA", "GLON"):  # astropy would take ecliptic axes for ICRS
        raise FrameError(
            f"the WCS counts along {wcs.wcs.lngtyp} and {wcs.wcs.lattyp}; right ascension and "
            "declination or galactic coordinates are needed"
        )
    return wcs_to_celestial_frame(wcs)


def _as_points(xy: ArrayLike) -> Floats:
    points = np.asarray(xy, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(f"points must have shape (N, 2) holding x, y, got {points.shape}")
    return points


def _celestial_part(wcs: WCS) -> WCS:
    if not wcs.has_celestial:
        raise FrameError(
            "no celestial WCS (CTYPE such as RA---TAN, DEC--TAN) in this header; "
            "use ImageFrame(image.shape) to measure in pixels only"
        )
    try:
        celestial = wcs.celestial
        celestial.wcs.set()
    except SingularMatrixError as error:
        raise FrameError("the WCS matrix is singular; check CD, PC and CDELT") from error
    return celestial
