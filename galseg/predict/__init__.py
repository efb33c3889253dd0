"""Trained models at work."""

from galseg.predict.segmenter import Segmenter, load_model

__all__ = ["Segmenter", "load_model"]
