"""What volunteers and experts drew: readers, one file a format, and the checks on every mark."""

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.mapping import ZooniverseMapping, ZooniverseTool
from galseg.annotations.read import read_annotations
from galseg.annotations.records import AnnotationSet
from galseg.annotations.validate import MarkLimits
from galseg.annotations.zooniverse_suggest import suggest_mapping

__all__ = [
    "AnnotationBuilder",
    "AnnotationSet",
    "MarkLimits",
    "ZooniverseMapping",
    "ZooniverseTool",
    "read_annotations",
    "suggest_mapping",
]
