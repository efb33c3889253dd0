"""From masks, probabilities and vote fractions to numbers on the sky."""

from galseg.measure.arm import ArmMeasurement
from galseg.measure.bar import BarMeasurement, measure_bar
from galseg.measure.catalog import FeatureMaps, measure_catalog
from galseg.measure.deprojection import (
    deproject_offsets,
    deprojection_matrix,
    inclination_from_axis_ratio,
)
from galseg.measure.flags import MeasureFlag, decode_flags
from galseg.measure.host import Host, hosts_from_table
from galseg.measure.region import RegionMeasurement, measure_region
from galseg.measure.spiral import SpiralMeasurement, measure_spiral_arms

__all__ = [
    "ArmMeasurement",
    "BarMeasurement",
    "FeatureMaps",
    "Host",
    "MeasureFlag",
    "RegionMeasurement",
    "SpiralMeasurement",
    "decode_flags",
    "deproject_offsets",
    "deprojection_matrix",
    "hosts_from_table",
    "inclination_from_axis_ratio",
    "measure_bar",
    "measure_catalog",
    "measure_region",
    "measure_spiral_arms",
]
