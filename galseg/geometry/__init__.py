"""Polygons and the pixels whose centres they hold."""

from galseg.geometry.raster import Spans, polygon_mask, spans_of, votes_of
from galseg.geometry.winding import enclosed_by_stroke

__all__ = ["Spans", "enclosed_by_stroke", "polygon_mask", "spans_of", "votes_of"]
