"""How much of an image a model sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from galseg.errors import ConfigError, FrameError
from galseg.frame import ImageFrame

__all__ = ["FieldOfView"]

Unit: TypeAlias = Literal["arcsec", "pixels", "radii"]

_WHOLE = "image"


@dataclass(frozen=True)
class FieldOfView:
    """Side of the square about the image's centre that a model sees.

    Galaxies of all distances look alike to a network where the square is a multiple of their
    radius; a square in arcsec keeps the resolution of the telescope instead.

    Parameters
    ----------
    size : float, optional
        The whole image if left out.
    unit : str
        ``"radii"`` of the galaxy, ``"arcsec"`` or ``"pixels"`` of the image.

    Raises
    ------
    ConfigError
        If the size is not positive or the unit unknown.

    Examples
    --------
    >>> field = FieldOfView.parse("4 radii")
    >>> field.in_pixels(ImageFrame((64, 64)), radius_pix=10)
    40.0
    >>> str(field), str(FieldOfView())
    ('4 radii', 'image')
    """

    size: float | None = None
    unit: Unit = "pixels"

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise ConfigError(f"a field of view is in {get_args(Unit)}, got {self.unit!r}")
        if self.size is not None and not 0 < self.size < np.inf:
            raise ConfigError(f"a field of view must be positive and finite, got {self.size}")

    def __str__(self) -> str:
        return _WHOLE if self.size is None else f"{self.size:g} {self.unit}"

    @classmethod
    def parse(cls, text: str) -> FieldOfView:
        """Read ``"image"``, or a number and a unit as in ``"4 radii"``.

        Raises
        ------
        ConfigError
            If it is neither.
        """
        if text == _WHOLE:
            return cls()
        size, _, unit = text.partition(" ")
        try:
            return cls(float(size), unit.strip())  # type: ignore[arg-type]  # checked there
        except (ConfigError, ValueError) as error:
            raise ConfigError(
                f"field_of_view must be 'image', or like '4 radii' or '60 arcsec', got {text!r}"
            ) from error

    def in_pixels(self, frame: ImageFrame, *, radius_pix: float | None = None) -> float | None:
        """Return the side of the square in pixels of an image; None for the whole image.

        Parameters
        ----------
        frame : ImageFrame
        radius_pix : float, optional
            Of the galaxy, needed where the unit is radii.

        Raises
        ------
        FrameError
            If the unit is arcsec and the image has no WCS.
        ConfigError
            If the unit is radii and there is no radius.
        """
        if self.size is None or self.unit == "pixels":
            return self.size
        if self.unit == "radii":
            if radius_pix is None or not radius_pix > 0:
                raise ConfigError(
                    f"a field of view of {self} needs the galaxy's radius, got {radius_pix}"
                )
            return self.size * radius_pix
        if not frame.has_sky:
            raise FrameError(f"a field of view of {self} needs an image with a WCS")
        return self.size / frame.pixel_scale_arcsec
