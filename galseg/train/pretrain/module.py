"""An encoder that learns from the answers of volunteers, from images alone, or from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics import MeanMetric

from galseg.dataset.vote_samples import VoteSample
from galseg.errors import ConfigError, nearest_name
from galseg.models.encoders import find_encoder
from galseg.schemas import find_schema
from galseg.train.pretrain.byol import Byol
from galseg.train.pretrain.encoder import build_encoder, n_pooled
from galseg.train.pretrain.masked import MaskDomain, MaskedAutoencoder
from galseg.train.pretrain.mean_votes import MeanVotes
from galseg.train.pretrain.vote_likelihood import VoteLikelihood
from galseg.train.pretrain.vote_scores import VoteScores
from galseg.train.schedule import one_cycle

__all__ = ["Objective", "PretrainModule"]

Objective = Literal["supervised", "contrastive", "hybrid", "masked"]

_VOTES, _CONTRAST, _MASK = "vote_loss", "contrast_loss", "mask_loss"
_WIDE_LOGIT = -3.0  # where learning starts: concentrations of 6, crowds that scatter widely


class _Mean(NamedTuple):
    value: Tensor
    n_galaxies: int | Tensor


_Losses = dict[str, _Mean]


class PretrainModule(pl.LightningModule):
    """An encoder, what it learns from, and the scores it is judged by.

    Logged, besides the ``loss``, are its parts: ``vote_loss``, over the galaxies with votes, in
    nats, ``contrast_loss`` and ``mask_loss``; and in validation and test of an objective with
    votes what `VoteScores` lists, where the answers to beat are the `MeanVotes`, and with views
    the ``spread`` of the features, which tells a collapse (`Byol.spread`).

    Parameters
    ----------
    objective : str, optional
        ``"supervised"`` learns the votes (`VoteLikelihood`), ``"contrastive"`` what two views of
        a galaxy have in common (`Byol`), ``"hybrid"`` both at once, and ``"masked"`` to fill in
        what is hidden (`MaskedAutoencoder`).
    schemas : tuple of str, optional
        What volunteers were asked, see `find_schema`.
    side : int, optional
        Of the images.
    bands : int, optional
        Of the images.
    encoder : str, optional
        Name in timm.
    encoder_weights : str, optional
        What to start from, see `find_encoder`; random if left out.
    dropout : float, optional
        Share of the features that are dropped before the votes are foretold from them.
    contrast_weight : float, optional
        Of the contrastive loss beside the one of the votes, in ``"hybrid"``.
    mask_domain, mask_ratio, mask_patch
        See `MaskedAutoencoder`, in ``"masked"``.
    lr : float, optional
        Highest learning rate; it rises over the first tenth of the steps and falls to zero.
    weight_decay : float, optional

    Raises
    ------
    ConfigError
        If an option is unknown or out of its range.
    MissingDependencyError
        If the objective needs ``lightly`` and it is not installed.

    References
    ----------
    Walmsley, M. et al. (2022), MNRAS 509, 3966, doi:10.1093/mnras/stab2093 (votes);
    Walmsley, M. et al. (2022), arXiv:2206.11927 (hybrid).

    Examples
    --------
    >>> module = PretrainModule(encoder="resnet10t", side=32)
    >>> module(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 512])
    """

    def __init__(
        self,
        *,
        objective: Objective = "supervised",
        schemas: tuple[str, ...] = ("decals-dr8",),
        side: int = 128,
        bands: int = 1,
        encoder: str = "resnet18",
        encoder_weights: str | None = None,
        dropout: float = 0.2,
        contrast_weight: float = 5.0,
        mask_domain: MaskDomain = "pixel",
        mask_ratio: float = 0.6,
        mask_patch: int = 16,
        lr: float = 1e-3,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__()
        if objective not in get_args(Objective):
            hint = nearest_name(objective, get_args(Objective))
            raise ConfigError(f"no objective {objective!r}; {hint}")
        if not 0 <= dropout < 1:
            raise ConfigError(f"dropout must be at least 0 and below 1, got {dropout}")
        if contrast_weight < 0:
            raise ConfigError(f"contrast_weight must be at least 0, got {contrast_weight}")
        self.save_hyperparameters(logger=False)
        self.weights = {
            "supervised": {_VOTES: 1.0},
            "contrastive": {_CONTRAST: 1.0},
            "hybrid": {_VOTES: 1.0, _CONTRAST: contrast_weight},
            "masked": {_MASK: 1.0},
        }[objective]
        self.start = None if encoder_weights is None else find_encoder(encoder_weights)
        self.encoder: Any = build_encoder(encoder, bands=bands, start=self.start)
        n_features = n_pooled(self.encoder, bands=bands, side=side)
        if _VOTES in self.weights:
            schema = find_schema(schemas)
            self.likelihood = VoteLikelihood(schema)
            last = nn.Linear(n_features, len(schema.columns))
            nn.init.constant_(last.bias, _WIDE_LOGIT)
            self.head = nn.Sequential(nn.Dropout(dropout), last)
            self.mean_votes = MeanVotes(self.likelihood)
            self.scores = VoteScores(schema)
        if _CONTRAST in self.weights:
            self.byol = Byol(self.encoder, n_features=n_features)
            self.spread = MeanMetric()
        if _MASK in self.weights:
            n_maps: Any = self.encoder.num_features
            self.masked = MaskedAutoencoder(
                self.encoder,
                n_features=n_maps,
                in_channels=bands,
                mask_ratio=mask_ratio,
                patch=mask_patch,
                domain=mask_domain,
            )
        self.means: Any = nn.ModuleDict({name: MeanMetric() for name in self.weights})

    def forward(self, images: Tensor) -> Tensor:
        """Return features (B, n_features) of images (B, bands, side, side), 0 to 1."""
        features: Tensor = self.encoder(images)
        return features

    def training_step(self, batch: VoteSample, batch_idx: int) -> Tensor:
        """Return the loss of a batch."""
        del batch_idx
        if _VOTES in self.weights:
            self.mean_votes.update(batch["votes"])
        parts = self._losses(batch)
        losses = self._with_total({name: part.value for name, part in parts.items()})
        named = {f"train_{name}": value for name, value in losses.items()}
        self.log_dict(named, batch_size=len(batch["votes"]), on_epoch=True, on_step=False)
        return losses["loss"]

    def on_train_batch_end(self, *args: Any) -> None:
        """Let the target of the contrastive objective follow."""
        del args
        if _CONTRAST in self.weights:
            n_steps = int(self.trainer.estimated_stepping_batches)
            self.byol.update_target(self.global_step, n_steps)

    def validation_step(self, batch: VoteSample, batch_idx: int) -> None:
        """Score a batch."""
        self._score(batch, batch_idx)

    def test_step(self, batch: VoteSample, batch_idx: int) -> None:
        """Score a batch."""
        self._score(batch, batch_idx)

    def on_validation_epoch_end(self) -> None:
        """Log the scores."""
        self.log_dict(self._take_scores("val_"))

    def on_test_epoch_end(self) -> None:
        """Log the scores."""
        self.log_dict(self._take_scores("test_"))

    def configure_optimizers(self) -> Any:
        """AdamW, with one cycle of the learning rate."""
        options = self.hparams
        learnt = [weights for weights in self.parameters() if weights.requires_grad]
        optimizer = torch.optim.AdamW(learnt, lr=options.lr, weight_decay=options.weight_decay)
        n_steps = int(self.trainer.estimated_stepping_batches)
        return one_cycle(optimizer, lr=options.lr, n_steps=n_steps)

    def _losses(self, batch: VoteSample, generator: torch.Generator | None = None) -> _Losses:
        """Return the parts of the loss, each with how many galaxies it is the mean of."""
        views, votes = batch["views"].unbind(1), batch["votes"]
        if _MASK in self.weights:
            observed = batch["observed"][:, 0]
            loss = self.masked.loss(views[0], observed=observed, generator=generator)
            return {_MASK: _Mean(loss, len(votes))}
        if _CONTRAST not in self.weights:
            return {_VOTES: self._vote_loss(self(views[0]), votes)}
        contrast, features = self.byol.loss_and_features(*views)
        losses = {_CONTRAST: _Mean(contrast, len(votes))}
        if _VOTES in self.weights:
            losses[_VOTES] = self._vote_loss(features, votes.repeat(len(views), 1))
        return losses

    def _vote_loss(self, features: Tensor, votes: Tensor) -> _Mean:
        n_answered = (votes > 0).any(1).sum()
        surprise = self.likelihood(self.head(features), votes).sum()
        return _Mean(surprise / n_answered.clamp(min=1), n_answered)

    def _score(self, batch: VoteSample, batch_idx: int) -> None:
        # The same parts are hidden in every epoch.
        generator = torch.Generator().manual_seed(batch_idx)
        for name, (value, n_galaxies) in self._losses(batch, generator).items():
            self.means[name].update(value, weight=n_galaxies)
        features: Any = None if _MASK in self.weights else self(batch["views"][:, 0])
        if _VOTES in self.weights:
            foretold = self.likelihood.fractions(self.head(features))
            self.scores.update(foretold, batch["votes"], self.mean_votes())
        if _CONTRAST in self.weights and len(batch["votes"]) > 1:
            self.spread.update(self.byol.spread(features), weight=len(batch["votes"]))

    def _take_scores(self, prefix: str) -> dict[str, Tensor]:
        found = self._with_total({name: metric.compute() for name, metric in self.means.items()})
        if _VOTES in self.weights:
            found |= self.scores.compute()
            self.scores.reset()
        if _CONTRAST in self.weights:
            found["spread"] = self.spread.compute()
            self.spread.reset()
        for metric in self.means.values():
            metric.reset()
        return {prefix + name: value for name, value in found.items()}

    def _with_total(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        total = torch.stack([self.weights[name] * value for name, value in losses.items()]).sum()
        return {**losses, "loss": total}
