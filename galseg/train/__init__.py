"""Training, with Lightning."""

from galseg.train.losses import LOSSES
from galseg.train.module import SegmentationModule

__all__ = ["LOSSES", "SegmentationModule"]
