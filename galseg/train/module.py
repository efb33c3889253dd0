"""A network that learns the votes of volunteers."""

from __future__ import annotations

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics import MeanMetric

from galseg.dataset.samples import Sample
from galseg.errors import ConfigError
from galseg.features import DEFAULT_FEATURES, check_features
from galseg.models.encoders import fill_encoder, find_encoder
from galseg.models.network import CHANNELS_LAST, build_network, check_side
from galseg.train.baseline import MeanMap
from galseg.train.losses import Concentration, build_loss
from galseg.train.metrics import FalseMaskShare, MedianIoU
from galseg.train.pixel_losses import binomial
from galseg.train.reliability import ReliabilityCurve, calibration_error
from galseg.train.schedule import one_cycle

__all__ = ["SegmentationModule"]

_MEANS = ("loss", "log_score", "mean_map", "mae")


class SegmentationModule(pl.LightningModule):
    """A network, the loss it learns by, and the scores it is judged by.

    Logged in validation and test, besides the loss:

    - ``log_score``: mean cross-entropy of the vote fractions; lower is better.
    - ``skill``: share by which it is below the log score of the `MeanMap`; above 0 the network
      has learnt something from the images.
    - ``mae``: mean absolute difference of probability and fraction.
    - ``calibration_error``: see `galseg.train.reliability`; of the probabilities as they come.
    - ``iou/<feature>``: median over the galaxies that have it, of the masks where probability and
      fraction reach `vote_threshold`.
    - ``false_masks/<feature>``: share of the galaxies without it that get a mask.

    Parameters
    ----------
    features : tuple of str, optional
        Channels.
    side : int, optional
        Of the square that the network sees, in pixels; a multiple of 2 to the number of decoder
        stages.
    encoder : str, optional
        See `build_network`, as for the following five.
    encoder_weights : str, optional
        Where the encoder starts, see `find_encoder`; random if left out.
    decoder : str, optional
    decoder_channels : tuple of int, optional
    stem : bool, optional
    in_channels : int, optional
    dropout : float, optional
    loss : str, optional
        ``"binomial"``, ``"beta_binomial"``, ``"l1"``, ``"focal"`` or ``"dice"``, see `build_loss`.
    concentration : float or "learned", optional
        Of the loss ``"beta_binomial"``: how much a crowd's volunteers agree; 20, or learned for
        each feature.
    lr : float, optional
        Highest learning rate; it rises over the first tenth of the steps and falls to zero.
    weight_decay : float, optional
    vote_threshold : float, optional
        Share of the volunteers from which a pixel counts as theirs.

    Raises
    ------
    ConfigError
        If an option is unknown or out of its range.
    FeatureError
        If a feature name stands twice.

    Examples
    --------
    >>> module = SegmentationModule(side=32, decoder_channels=(16, 8, 8))
    >>> module(torch.zeros(2, 1, 32, 32)).shape
    torch.Size([2, 3, 32, 32])
    """

    def __init__(
        self,
        *,
        features: tuple[str, ...] = DEFAULT_FEATURES,
        side: int = 128,
        encoder: str = "tu-resnet18",
        encoder_weights: str | None = None,
        decoder: str = "unet",
        decoder_channels: tuple[int, ...] = (128, 64, 32, 16, 16),
        stem: bool = False,
        in_channels: int = 1,
        dropout: float = 0.1,
        loss: str = "binomial",
        concentration: Concentration = 20.0,
        lr: float = 1e-3,
        weight_decay: float = 1e-2,
        vote_threshold: float = 0.2,
    ) -> None:
        super().__init__()
        features = check_features(features, also=features)
        step = 2 ** len(decoder_channels)
        if side % step or side < step:
            raise ConfigError(
                f"side must be a multiple of {step} for {len(decoder_channels)} decoder stages, "
                f"got {side}"
            )
        self.save_hyperparameters(logger=False)
        self.network = build_network(
            n_features=len(features),
            encoder=encoder,
            decoder=decoder,
            decoder_channels=decoder_channels,
            stem=stem,
            in_channels=in_channels,
            dropout=dropout,
        )
        check_side(self.network, side, in_channels=in_channels)
        if encoder_weights is not None:
            fill_encoder(self.network.encoder, find_encoder(encoder_weights))
        self.network.to(memory_format=CHANNELS_LAST)
        self.loss = build_loss(loss, n_features=len(features), concentration=concentration)
        self.mean_map = MeanMap(len(features), side)
        self.means: Any = nn.ModuleDict({name: MeanMetric() for name in _MEANS})
        self.masks: Any = nn.ModuleDict(
            {"iou": MedianIoU(features), "false_masks": FalseMaskShare(features)}
        )
        self.curve = ReliabilityCurve(len(features))

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (B, C, side, side) of images (B, bands, side, side)."""
        logits: Tensor = self.network(image)
        return logits

    def training_step(self, batch: Sample, batch_idx: int) -> Tensor:
        """Return the loss of a batch."""
        del batch_idx
        self.mean_map.update(batch["fraction"], batch["valid"])
        loss = self._loss(self(batch["image"]), batch)
        self.log(
            "train_loss",
            loss,
            batch_size=len(batch["image"]),
            on_epoch=True,
            on_step=False,
            sync_dist=True,
        )
        return loss

    def validation_step(self, batch: Sample, batch_idx: int) -> None:
        """Score a batch."""
        del batch_idx
        self._score(batch)

    def test_step(self, batch: Sample, batch_idx: int) -> None:
        """Score a batch."""
        del batch_idx
        self._score(batch)

    def on_validation_epoch_end(self) -> None:
        """Log the scores."""
        self.log_dict(self._take_scores("val_"), sync_dist=True)

    def on_test_epoch_end(self) -> None:
        """Log the scores."""
        self.log_dict(self._take_scores("test_"), sync_dist=True)

    def configure_optimizers(self) -> Any:
        """AdamW, with one cycle of the learning rate."""
        optimizer = torch.optim.AdamW(
            [
                {"params": self.network.parameters(), "weight_decay": self.hparams.weight_decay},
                {"params": self.loss.parameters(), "weight_decay": 0.0},
            ],
            lr=self.hparams.lr,
        )
        n_steps = int(self.trainer.estimated_stepping_batches)
        return one_cycle(optimizer, lr=self.hparams.lr, n_steps=n_steps)

    def _loss(self, logits: Tensor, batch: Sample) -> Tensor:
        loss: Tensor = self.loss(logits, batch["votes"], batch["n_asked"], batch["valid"])
        return loss

    def _score(self, batch: Sample) -> None:
        logits, valid = self(batch["image"]).float(), batch["valid"]
        votes, fraction, n_asked = batch["votes"], batch["fraction"], batch["n_asked"]
        probability = logits.sigmoid()
        same = self.mean_map().expand_as(logits)
        values = {
            "log_score": binomial(logits, votes, n_asked[..., None, None]),
            "mean_map": binomial(same, votes, n_asked[..., None, None]),
            "mae": (probability - fraction).abs(),
        }
        for name, value in values.items():
            self.means[name].update(value[valid])
        self.means["loss"].update(self._loss(logits, batch), weight=len(logits))
        self.curve.update(probability, votes, n_asked, valid)
        threshold = self.hparams.vote_threshold
        for metric in self.masks.values():
            metric.update(probability >= threshold, fraction >= threshold, valid)

    def _take_scores(self, prefix: str) -> dict[str, Tensor]:
        found = {name: metric.compute() for name, metric in self.means.items()}
        found["skill"] = 1 - found["log_score"] / found["mean_map"]
        found["calibration_error"] = calibration_error(self.curve.compute().flatten(1)[:, None])[0]
        for name, metric in self.masks.items():
            by_feature = metric.compute().items()
            found |= {f"{name}/{feature}": value for feature, value in by_feature}
        for metric in (*self.means.values(), *self.masks.values(), self.curve):
            metric.reset()
        return {prefix + name: value for name, value in found.items()}
