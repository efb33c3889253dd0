"""Hiding square patches of an image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from galseg.errors import ConfigError, ShapeError
from galseg.train.losses import masked_mean

__all__ = ["PixelPatches"]


@dataclass(frozen=True)
class PixelPatches:
    """A random share of the patches of a chequerboard, alike in all bands.

    Parameters
    ----------
    mask_ratio : float
        Share of the patches that are hidden, to the nearest whole patch.
    patch : int
        Side of one, in pixels.

    Raises
    ------
    ConfigError
        If the share is not between 0 and 1, or the patch has no pixel.

    Examples
    --------
    >>> patches = PixelPatches(mask_ratio=0.5, patch=4)
    >>> hidden = patches.draw(torch.zeros(2, 3, 8, 8))
    >>> hidden.shape, hidden.sum((1, 2, 3))
    (torch.Size([2, 1, 8, 8]), tensor([32, 32]))
    """

    mask_ratio: float
    patch: int

    def __post_init__(self) -> None:
        if not 0 < self.mask_ratio < 1:
            raise ConfigError(f"mask_ratio must be above 0 and below 1, got {self.mask_ratio}")
        if self.patch < 1:
            raise ConfigError(f"patch must be at least 1 pixel, got {self.patch}")

    def draw(self, images: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """Choose what to hide of each image.

        Parameters
        ----------
        images : Tensor, shape (B, bands, ny, nx)
        generator : torch.Generator, optional
            On the CPU; torch's own where left out.

        Returns
        -------
        Tensor of bool, shape (B, 1, ny, nx)
            At least one patch of each image, and never all.

        Raises
        ------
        ShapeError
            If the sides are no multiples of the patch, or there is one patch only.
        """
        ny, nx = images.shape[-2:]
        rows, columns = ny // self.patch, nx // self.patch
        n_patches = rows * columns
        if ny % self.patch or nx % self.patch or n_patches < 2:
            raise ShapeError(
                f"images must have sides that are multiples of the patch of {self.patch} pixels, "
                f"and at least two patches, got {ny} x {nx} pixels"
            )
        n_hidden = min(max(round(self.mask_ratio * n_patches), 1), n_patches - 1)
        order = torch.rand(len(images), n_patches, generator=generator).argsort(1)
        hidden = (order < n_hidden).reshape(-1, 1, rows, columns).to(images.device)
        return hidden.repeat_interleave(self.patch, -2).repeat_interleave(self.patch, -1)

    def replace(self, images: Tensor, other: Tensor, hidden: Tensor) -> Tensor:
        """Return images whose hidden pixels are those of another."""
        return torch.where(hidden, other, images)

    def loss(self, predicted: Tensor, images: Tensor, *, hidden: Tensor, seen: Tensor) -> Tensor:
        """Return the mean absolute difference over all pixels that are hidden and were seen."""
        counted = (hidden & seen).expand_as(images)
        return masked_mean((predicted - images).abs(), counted)
