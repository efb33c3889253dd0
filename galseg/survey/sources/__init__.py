"""Where the images of a survey come from."""

from galseg.survey.sources.columns import Columns
from galseg.survey.sources.item import ImageSource, Item
from galseg.survey.sources.open import open_source

__all__ = ["Columns", "ImageSource", "Item", "open_source"]
