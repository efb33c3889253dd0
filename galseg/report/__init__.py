"""Measurements for the eye: plots of one galaxy, and a page of many."""

from galseg.report.figure import draw_measurement, measurement_figure, write_measurement_plot
from galseg.report.page import write_report

__all__ = ["draw_measurement", "measurement_figure", "write_measurement_plot", "write_report"]
