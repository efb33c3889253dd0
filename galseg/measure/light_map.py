"""A map of light with its unit, and its sum over any region, missing pixels counted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

import astropy.units as u
import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError
from galseg.frame import ImageFrame
from galseg.measure.footprint import box_of
from galseg.measure.solid_angle import solid_angle_arcsec2

__all__ = ["LightMap", "LightSum", "Measured", "with_unit"]

Floats = NDArray[np.float64]
Measured: TypeAlias = float | u.Quantity

_SOLID_ANGLES = (u.sr, u.arcsec**2, u.arcmin**2, u.deg**2)


@dataclass(frozen=True, eq=False)
class LightSum:
    """The light of a region, in plain numbers.

    Attributes
    ----------
    sum, sum_err : float
        Over the observed pixels, each by its share, in the map's `sum_unit`; NaN if none is.
    mean, mean_err : float
        In the map's `unit`.
    n_pixels : float
        Shares of the observed pixels, added up.
    n_nan : int
        Pixels of the region that are missing.
    solid_angle_arcsec2 : float
        Of the observed pixels; NaN without a WCS.
    """

    sum: float
    sum_err: float
    mean: float
    mean_err: float
    n_pixels: float
    n_nan: int
    solid_angle_arcsec2: float


@dataclass(frozen=True, eq=False)
class LightMap:
    """An image on its frame, checked, in plain numbers.

    Attributes
    ----------
    values : ndarray, shape (ny, nx)
        Not finite where missing.
    unit : astropy.units.UnitBase or None
    frame : ImageFrame
    """

    values: Floats
    unit: u.UnitBase | None
    frame: ImageFrame

    @classmethod
    def of(cls, image: ArrayLike | u.Quantity, frame: ImageFrame, *, name: str) -> LightMap:
        """Check an image.

        Raises
        ------
        ShapeError
            If it does not fit the frame.
        """
        values = np.asarray(image, dtype=np.float64)
        if values.shape != frame.shape:
            raise ShapeError(
                f"the {name} has shape {values.shape} and its frame {frame.shape}; give the frame "
                "of the image, and bring a region from another grid onto it"
            )
        return cls(values, getattr(image, "unit", None), frame)

    @property
    def solid_angle_unit(self) -> u.UnitBase | None:
        """Unit of solid angle that the map is per, as sr of MJy / sr; None if it is per pixel."""
        if self.unit is None or not _is_angular(self.unit):
            return None
        return next((unit for unit in _SOLID_ANGLES if not _is_angular(self.unit * unit)), None)

    @property
    def sum_unit(self) -> u.UnitBase | None:
        """Unit of a sum over pixels: of the integral, if the map is per solid angle."""
        per = self.solid_angle_unit
        return self.unit if per is None else self.unit * per

    def where(self, known: NDArray[np.bool_]) -> LightMap:
        """Take what is not known as missing."""
        return replace(self, values=np.where(known, self.values, np.nan))

    def in_unit_of(self, other: LightMap, *, name: str) -> Floats:
        """Values in the unit of another map.

        Raises
        ------
        ConfigError
            If the units do not convert, or only one of the maps has one.
        """
        if self.unit is None and other.unit is None:
            return self.values
        if self.unit is not None and other.unit is not None and self.unit.is_equivalent(other.unit):
            return np.asarray(self.values * self.unit.to(other.unit))
        raise ConfigError(
            f"the {name} has the unit {self.unit} and the image {other.unit}; "
            "give both in units that convert, or both as plain numbers"
        )

    def sum_over(
        self, shares: NDArray[np.bool_] | Floats, *, noise: Floats | None = None
    ) -> LightSum:
        """Add up the light in a region.

        Parameters
        ----------
        shares : ndarray, shape (ny, nx)
            Of each pixel that belongs to the region, 0 to 1.
        noise : ndarray, shape (ny, nx), optional
            One standard deviation of each pixel, independent of the others.
        """
        box = box_of(shares > 0)
        inside, values = shares[box], self.values[box]
        observed = np.isfinite(values)
        weights = np.where(observed, inside, 0.0)
        light = weights * np.where(observed, values, 0.0)
        n_pixels = float(weights.sum())
        origin_xy = (box[1].start, box[0].start)
        solid_angle = solid_angle_arcsec2(weights, frame=self.frame, origin_xy=origin_xy)
        total, size = float(light.sum()), n_pixels
        if (per := self.solid_angle_unit) is not None:
            arcsec2 = (1 * u.arcsec**2).to_value(per)
            total = arcsec2 * solid_angle_arcsec2(light, frame=self.frame, origin_xy=origin_xy)
            size = arcsec2 * solid_angle
        if n_pixels == 0:
            total = size = math.nan
        mean_err = math.nan
        if noise is not None and n_pixels > 0:
            mean_err = float(np.linalg.norm((weights * noise[box])[observed])) / n_pixels
        return LightSum(
            sum=total,
            sum_err=mean_err * size,
            mean=total / size,
            mean_err=mean_err,
            n_pixels=n_pixels,
            n_nan=int(np.count_nonzero((inside > 0) & ~observed)),
            solid_angle_arcsec2=solid_angle,
        )


def with_unit(value: float, unit: u.UnitBase | None) -> Measured:
    """Give a number its unit, if there is one."""
    return value if unit is None else value * unit


def _is_angular(unit: u.UnitBase) -> bool:
    return any(base.is_equivalent(u.rad) or base.is_equivalent(u.sr) for base in unit.bases)
