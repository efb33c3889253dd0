"""What is hidden of a galaxy, from what is shown."""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from galseg.errors import ConfigError, ShapeError
from galseg.train.pretrain.fourier import FrequencyBands
from galseg.train.pretrain.patches import PixelPatches

__all__ = ["MaskDomain", "MaskedAutoencoder"]

MaskDomain = Literal["pixel", "fourier"]


class MaskedAutoencoder(nn.Module):
    """A convolutional encoder learns to fill in what is hidden of an image.

    In the domain ``"pixel"`` random patches are hidden: shown as 0, which is darker than the sky.
    In ``"fourier"`` it is the low frequencies or the high ones, each for half of the images. A
    linear decoder draws the image from every place of the encoder's last feature map, so that what
    is learnt is learnt by the encoder.

    Parameters
    ----------
    encoder : nn.Module
        With ``forward_features``, images (B, bands, side, side) to maps (B, n_features, side /
        stride, side / stride); a convolutional timm model.
    n_features : int
        Of those maps: ``num_features`` of a timm model.
    in_channels : int
        Bands of the images.
    mask_ratio : float, optional
        Share of the patches that are hidden; as `patch`, of the domain ``"pixel"`` alone.
    patch : int, optional
        Side of a patch, in pixels.
    domain : {"pixel", "fourier"}, optional
        Where to hide.
    cutoff : float, optional
        Between low and high frequencies, in cycles a pixel; of the domain ``"fourier"`` alone.
    stride : int, optional
        Of the encoder: pixels of the image to one of its last map.

    Raises
    ------
    ConfigError
        If an option is unknown or out of its range, or the encoder has no ``forward_features``.

    References
    ----------
    Xie, Z. et al. (2022), arXiv:2111.09886: patches, the linear decoder and the absolute error.
    Xie, J. et al. (2023), ICLR, arXiv:2206.07706: frequencies, with the same decoder and the
    modulus of the error. Tian, K. et al. (2023), arXiv:2301.03580: masking for convolutions.

    Examples
    --------
    >>> import timm
    >>> encoder = timm.create_model("resnet10t", in_chans=1, num_classes=0)
    >>> model = MaskedAutoencoder(encoder, n_features=512, in_channels=1, domain="fourier")
    >>> bool(model.loss(torch.rand(2, 1, 64, 64)) > 0)
    True
    """

    def __init__(
        self,
        encoder: nn.Module,
        *,
        n_features: int,
        in_channels: int,
        mask_ratio: float = 0.6,
        patch: int = 16,
        domain: MaskDomain = "pixel",
        cutoff: float = 1 / 14,
        stride: int = 32,
    ) -> None:
        super().__init__()
        if domain not in get_args(MaskDomain):
            raise ConfigError(f"domain must be 'pixel' or 'fourier', got {domain!r}")
        if not hasattr(encoder, "forward_features"):
            raise ConfigError(
                "the encoder has no forward_features; give a convolutional timm model"
            )
        self.encoder: Any = encoder
        self.n_features, self.stride = n_features, stride
        self.decoder = nn.Sequential(
            nn.Conv2d(n_features, in_channels * stride**2, kernel_size=1), nn.PixelShuffle(stride)
        )
        self.domain = (
            PixelPatches(mask_ratio, patch) if domain == "pixel" else FrequencyBands(cutoff)
        )

    def loss(
        self,
        images: Tensor,
        *,
        observed: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Hide a part, fill it in, and compare.

        Parameters
        ----------
        images : Tensor, shape (B, bands, side, side)
            0 to 1, without NaN; the side a multiple of the stride and the patch.
        observed : Tensor of bool, shape (B, side, side), optional
            What is filled in elsewhere carries no loss. All, where left out.
        generator : torch.Generator, optional
            Chooses what is hidden; on the CPU, and torch's own where left out.

        Returns
        -------
        Tensor, scalar
            ``"pixel"``: mean absolute difference over all hidden and observed pixels and bands of
            the batch. ``"fourier"``: mean modulus of the difference over all hidden frequencies
            and bands of the batch, of orthonormal spectra; unobserved pixels enter it as if they
            had been filled in rightly.

        Raises
        ------
        ShapeError
            If the shapes do not fit each other, the patch or the encoder.
        """
        seen = _seen_pixels(observed, images)
        hidden, predicted = self._fill_in(images, generator)
        return self.domain.loss(predicted, images, hidden=hidden, seen=seen)

    @torch.no_grad()
    def reconstruct(
        self, images: Tensor, *, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Show what the encoder sees, and what it makes of it.

        Parameters
        ----------
        images, generator
            As in `loss`. Call it in evaluation mode, so that batch normalisation is not changed.

        Returns
        -------
        masked : Tensor, shape (B, bands, side, side)
            The images without their hidden parts.
        reconstructed : Tensor, shape (B, bands, side, side)
            The images with their hidden parts filled in.
        """
        hidden, predicted = self._fill_in(images, generator)
        masked = self._mask(images, hidden)
        return masked, self.domain.replace(images, predicted, hidden)

    def _fill_in(self, images: Tensor, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        hidden = self.domain.draw(images, generator=generator)
        features = self.encoder.forward_features(self._mask(images, hidden))
        self._check(features, images)
        return hidden, self.decoder(features)

    def _mask(self, images: Tensor, hidden: Tensor) -> Tensor:
        return self.domain.replace(images, torch.zeros_like(images), hidden)

    def _check(self, features: Tensor, images: Tensor) -> None:
        sides = (side / self.stride for side in images.shape[-2:])
        if tuple(features.shape) != (len(images), self.n_features, *sides):
            raise ShapeError(
                f"the encoder makes maps of shape {tuple(features.shape)} of images of shape "
                f"{tuple(images.shape)}, but {self.n_features} features at a stride of "
                f"{self.stride} were expected; give its n_features and stride, and images whose "
                "side is a multiple of it"
            )


def _seen_pixels(observed: Tensor | None, images: Tensor) -> Tensor:
    if observed is None:
        return images.new_ones((len(images), 1, *images.shape[-2:]), dtype=torch.bool)
    if observed.shape != (len(images), *images.shape[-2:]) or observed.dtype != torch.bool:
        raise ShapeError(
            f"observed must be bool of shape (B, side, side), got {observed.dtype} of "
            f"{tuple(observed.shape)} for images of {tuple(images.shape)}"
        )
    return observed[:, None]
