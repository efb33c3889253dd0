"""Where the workers of a survey run."""

from galseg.survey.engines.engine import Engine
from galseg.survey.engines.local import LocalEngine

__all__ = ["Engine", "LocalEngine"]
