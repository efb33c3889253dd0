"""The blinded comparison of masks by experts: a package for them, its key, and the count."""

from galseg.compare.package import build_comparison
from galseg.compare.records import ComparisonPackage, ComparisonScore
from galseg.compare.score import score_comparison

__all__ = ["ComparisonPackage", "ComparisonScore", "build_comparison", "score_comparison"]
