"""What two views of a galaxy have in common."""

from __future__ import annotations

import math
from copy import deepcopy

import torch
from torch import Tensor, nn

from galseg.errors import ConfigError, ShapeError
from galseg.extras import extra

__all__ = ["Byol"]

_LEAST_BATCH = 2  # in training: batch normalisation needs a spread


class Byol(nn.Module):
    """Bootstrap your own latent: an encoder learns to foretell its own past from another view.

    The online encoder, projector and predictor see one view. A slow copy of encoder and projector,
    the target, sees the other; it gets no gradient and follows by `update_target`.

    Parameters
    ----------
    encoder : nn.Module
        Images (B, bands, side, side) to pooled features (B, n_features); a timm model with
        ``num_classes=0``.
    n_features : int
        The encoder's: ``head_hidden_size`` of a timm model.
    projection : int, optional
        Dimensions of the space in which the views are compared.
    hidden : int, optional
        Width of the projector and the predictor between their two layers.
    momentum : float, optional
        Share of itself that the target keeps at the first step; rises to 1 at the last.

    Raises
    ------
    MissingDependencyError
        Without ``lightly``, of the extra ``pretrain``.
    ConfigError
        If the momentum is outside 0 to 1.

    References
    ----------
    Grill, J.-B. et al. (2020), arXiv:2006.07733: the method. Walmsley, M. et al. (2022),
    arXiv:2206.11927: on galaxies, together with the votes.

    Examples
    --------
    >>> encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 8))
    >>> byol = Byol(encoder, n_features=8, projection=4, hidden=16)
    >>> images = torch.rand(6, 1, 8, 8)
    >>> loss = byol.loss(images, images.flip(-1))
    >>> bool(-1 <= loss <= 1)
    True
    """

    def __init__(
        self,
        encoder: nn.Module,
        *,
        n_features: int,
        projection: int = 256,
        hidden: int = 4096,
        momentum: float = 0.99,
    ) -> None:
        super().__init__()
        if not 0 <= momentum <= 1:
            raise ConfigError(f"momentum must be 0 to 1, got {momentum}")
        with extra("pretrain", "BYOL needs lightly"):
            from lightly.loss import NegativeCosineSimilarity
            from lightly.models.modules.heads import BYOLPredictionHead, BYOLProjectionHead
            from lightly.models.utils import deactivate_requires_grad
        self.momentum = momentum
        self.encoder = encoder
        self.projector = BYOLProjectionHead(n_features, hidden, projection)
        self.predictor = BYOLPredictionHead(projection, hidden, projection)
        self.target_encoder = deepcopy(encoder)
        self.target_projector = deepcopy(self.projector)
        deactivate_requires_grad(self.target_encoder)
        deactivate_requires_grad(self.target_projector)
        self.distance = NegativeCosineSimilarity()

    def loss(self, view_a: Tensor, view_b: Tensor) -> Tensor:
        """Compare two views of the same galaxies.

        Parameters
        ----------
        view_a, view_b : Tensor, shape (B, bands, side, side)
            Of at least two galaxies in training; one will do in evaluation mode.

        Returns
        -------
        Tensor, scalar
            Mean, over both directions and the batch, of the negative cosine between what one view
            foretells and the target of the other: -1 where they agree. The loss of Grill et al.
            is 4 + 4 times it.

        Raises
        ------
        ShapeError
            If the views are not alike in shape, or of too few galaxies.
        """
        return self.loss_and_features(view_a, view_b)[0]

    def loss_and_features(self, view_a: Tensor, view_b: Tensor) -> tuple[Tensor, Tensor]:
        """Compare two views, and keep what the encoder saw in them for a second objective.

        Returns
        -------
        loss : Tensor, scalar
            As `loss`, whose parameters and errors are the same.
        features : Tensor, shape (2 B, n_features)
            Of the first view of each galaxy, then of the second.
        """
        least = _LEAST_BATCH if self.training else 1
        if view_a.shape != view_b.shape or len(view_a) < least:
            raise ShapeError(
                f"BYOL needs two views alike of at least {least} galaxies, got shapes "
                f"{tuple(view_a.shape)} and {tuple(view_b.shape)}"
            )
        features = [self.encoder(view) for view in (view_a, view_b)]
        foretold_a, foretold_b = (self.predictor(self.projector(found)) for found in features)
        with torch.no_grad():
            target_a, target_b = (
                self.target_projector(self.target_encoder(view)) for view in (view_a, view_b)
            )
        both = self.distance(foretold_a, target_b) + self.distance(foretold_b, target_a)
        return both / 2, torch.cat(features)

    def update_target(self, step: int, n_steps: int) -> None:
        """Let the target follow the online encoder and projector after an optimizer's step.

        Parameters
        ----------
        step : int
            0 to `n_steps`, counted over the whole run.
        n_steps : int
            Of the run; the momentum rises along half a cosine and is 1 at the last.

        Raises
        ------
        ConfigError
            If the step is not one of the run.
        """
        from lightly.models.utils import update_momentum
        from lightly.utils.scheduler import cosine_schedule

        if not 0 <= step <= n_steps:
            raise ConfigError(f"step must be 0 to {n_steps}, the steps of the run, got {step}")
        momentum = cosine_schedule(step, n_steps, self.momentum, 1.0)
        update_momentum(self.encoder, self.target_encoder, momentum)
        update_momentum(self.projector, self.target_projector, momentum)

    @staticmethod
    def spread(features: Tensor) -> Tensor:
        """Tell a collapse, in which every galaxy looks the same to the encoder.

        Parameters
        ----------
        features : Tensor, shape (B, n)
            Or projections.

        Returns
        -------
        Tensor, scalar
            Standard deviation over the galaxies of the features scaled to unit length, times the
            square root of n: 0 in a collapse, about 1 where they point all ways alike. Features
            that cannot be negative stay below 1.

        References
        ----------
        Chen, X. & He, K. (2021), arXiv:2011.10566, section 4.1.
        """
        with extra("pretrain", "BYOL needs lightly"):
            from lightly.utils.debug import std_of_l2_normalized
        deviation: Tensor = std_of_l2_normalized(features)
        return deviation * math.sqrt(features.shape[1])
