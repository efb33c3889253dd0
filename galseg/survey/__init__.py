"""The line from images to tables over millions of galaxies."""

from galseg.survey.run import run_survey
from galseg.survey.status import SurveyStatus, read_status
from galseg.survey.verify import verify_survey

__all__ = ["SurveyStatus", "read_status", "run_survey", "verify_survey"]
