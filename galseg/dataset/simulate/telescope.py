"""The seeing and the noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Telescope", "draw_telescope"]

Floats = NDArray[np.float64]

_FWHM = np.sqrt(8 * np.log(2))  # of a Gaussian, in standard deviations
_WING_FLUX = 0.2
_WING_WIDTH = 2.5


@dataclass(frozen=True)
class Telescope:
    """A camera behind an atmosphere.

    Parameters
    ----------
    psf_fwhm_pix : float
        Of the core.
    sky_electrons : float
        Mean sky in a pixel, subtracted from the image afterwards.
    read_noise : float
        Electrons.
    """

    psf_fwhm_pix: float
    sky_electrons: float
    read_noise: float

    @property
    def sky_noise(self) -> float:
        """Standard deviation of an empty pixel, in electrons."""
        return float(np.hypot(np.sqrt(self.sky_electrons), self.read_noise))

    def blur(self, light: Floats) -> Floats:
        """Convolve with a double Gaussian, a core and wings, as SDSS models its PSF.

        Parameters
        ----------
        light : ndarray, shape (ny, nx)

        Returns
        -------
        ndarray, shape (ny, nx)

        References
        ----------
        Stoughton, C. et al. (2002), AJ 123, 485, doi:10.1086/324741.
        """
        core = self.psf_fwhm_pix / _FWHM
        return np.asarray(
            (1 - _WING_FLUX) * cv2.GaussianBlur(light, (0, 0), core)
            + _WING_FLUX * cv2.GaussianBlur(light, (0, 0), _WING_WIDTH * core)
        )

    def expose(self, rng: np.random.Generator, electrons: Floats) -> Floats:
        """Add photon and read noise to an image above the sky.

        Parameters
        ----------
        rng : numpy.random.Generator
        electrons : ndarray, shape (ny, nx)
            Expected, not negative.

        Returns
        -------
        ndarray, shape (ny, nx)
            Sky subtracted.
        """
        photons = rng.poisson(electrons + self.sky_electrons)
        read = self.read_noise * rng.standard_normal(electrons.shape)
        return np.asarray(photons - self.sky_electrons + read)


def draw_telescope(rng: np.random.Generator) -> Telescope:
    """Draw seeing, sky and read noise as of wide-field surveys from the ground."""
    return Telescope(
        psf_fwhm_pix=rng.uniform(2.2, 4.6),
        sky_electrons=float(np.exp(rng.uniform(np.log(100), np.log(600)))),
        read_noise=rng.uniform(3, 6),
    )
