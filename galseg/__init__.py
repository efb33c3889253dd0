"""Consensus masks, learned segmentation and sky measurements of galaxy structure.

Everything here is imported without torch; `load_model` and `Segmenter` import it when used.
"""

from typing import TYPE_CHECKING, Any

from galseg.annotations import AnnotationSet, read_annotations
from galseg.compare import build_comparison, score_comparison
from galseg.consensus import Consensus, build_consensus
from galseg.frame import ImageFrame
from galseg.io.tables import read_table, write_table
from galseg.measure import (
    measure_bar,
    measure_catalog,
    measure_light,
    measure_region,
    measure_spiral_arms,
    measure_tidal,
)
from galseg.prediction import Prediction
from galseg.version import __version__

if TYPE_CHECKING:
    from galseg.predict import Segmenter, load_model

__all__ = [
    "AnnotationSet",
    "Consensus",
    "ImageFrame",
    "Prediction",
    "Segmenter",
    "__version__",
    "build_comparison",
    "build_consensus",
    "load_model",
    "measure_bar",
    "measure_catalog",
    "measure_light",
    "measure_region",
    "measure_spiral_arms",
    "measure_tidal",
    "read_annotations",
    "read_table",
    "score_comparison",
    "write_table",
]

_NEED_TORCH = ("Segmenter", "load_model")


def __getattr__(name: str) -> Any:
    if name in _NEED_TORCH:
        from galseg import predict

        return getattr(predict, name)
    raise AttributeError(f"module 'galseg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
