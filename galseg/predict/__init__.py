"""Trained models at work."""

from galseg.predict.exported import export_model
from galseg.predict.load import load_model
from galseg.predict.pipeline import Outcome, predict_files
from galseg.predict.segmenter import Segmenter

__all__ = ["Outcome", "Segmenter", "export_model", "load_model", "predict_files"]
