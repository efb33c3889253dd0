"""The blinded comparison of masks by experts: a package for them, its key, and the count."""

from galseg.compare.package import build_comparison
from galseg.compare.practice import Practice
from galseg.compare.records import ComparisonPackage, ComparisonScore, Questions
from galseg.compare.score import score_comparison
from galseg.compare.selection import Sample

__all__ = [
    "ComparisonPackage",
    "ComparisonScore",
    "Practice",
    "Questions",
    "Sample",
    "build_comparison",
    "score_comparison",
]
