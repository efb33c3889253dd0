"""Consensus masks, learned segmentation and sky measurements of galaxy structure."""

from galseg.frame import ImageFrame
from galseg.prediction import Prediction

__version__ = "0.1.0"

__all__ = ["ImageFrame", "Prediction", "__version__"]
