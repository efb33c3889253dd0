"""Hiding frequencies of an image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from galseg.errors import ConfigError
from galseg.train.losses import masked_mean

__all__ = ["FrequencyBands"]

_NYQUIST = 0.5


@dataclass(frozen=True)
class FrequencyBands:
    """The low frequencies of an image, or the high ones, parted by a circle in its spectrum.

    Spectra are two-dimensional, orthonormal, and in the order of `torch.fft.fft2`.

    Parameters
    ----------
    cutoff : float
        Frequency at the circle, in cycles a pixel.

    Raises
    ------
    ConfigError
        If the cutoff is not above 0 and below the 0.5 of the pixel grid.

    References
    ----------
    Xie, J. et al. (2023), ICLR, arXiv:2206.07706: a circle of 16 cycles in 224 pixels.

    Examples
    --------
    >>> bands, sky = FrequencyBands(cutoff=0.1), torch.ones(3, 1, 32, 32)
    >>> hidden = bands.draw(sky, generator=torch.Generator().manual_seed(0))
    >>> hidden[:, 0, 0, 0]  # whether the mean is hidden, the lowest frequency
    tensor([ True, False,  True])
    >>> bands.replace(sky, 0 * sky, hidden).mean((1, 2, 3))
    tensor([0., 1., 0.])
    """

    cutoff: float

    def __post_init__(self) -> None:
        if not 0 < self.cutoff < _NYQUIST:
            raise ConfigError(f"cutoff must be above 0 and below 0.5 a pixel, got {self.cutoff}")

    def draw(self, images: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Choose for each image, by the toss of a coin, which side of the circle to hide.

        Parameters
        ----------
        images : Tensor, shape (B, bands, ny, nx)
        generator : torch.Generator, optional
            On the CPU; torch's own where left out.

        Returns
        -------
        Tensor of bool, shape (B, 1, ny, nx)
            The hidden frequencies; (0, 0) is the mean.
        """
        down, across = (torch.fft.fftfreq(n, device=images.device) for n in images.shape[-2:])
        low = torch.hypot(down[:, None], across) < self.cutoff
        hide_low = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
        return low == hide_low.to(images.device)

    def replace(self, images: Tensor, other: Tensor, hidden: Tensor) -> Tensor:
        """Return images whose hidden frequencies are those of another."""
        spectrum = torch.where(hidden, _spectrum(other), _spectrum(images))
        replaced: Tensor = torch.fft.ifft2(spectrum, norm="ortho").real
        return replaced

    def loss(self, predicted: Tensor, images: Tensor, *, hidden: Tensor, seen: Tensor) -> Tensor:
        """Return the mean modulus of the difference over all hidden frequencies.

        Pixels that were not seen enter the spectrum as if their difference was 0.
        """
        difference = _spectrum(torch.where(seen, predicted - images, 0))
        return masked_mean(difference.abs(), hidden.expand_as(images))


def _spectrum(images: Tensor) -> Tensor:
    spectrum: Tensor = torch.fft.fft2(images.float(), norm="ortho")  # none in half precision
    return spectrum
