"""From masks, probabilities and vote fractions to numbers on the sky."""

from galseg.measure.arm import ArmMeasurement
from galseg.measure.bar import BarMeasurement, measure_bar
from galseg.measure.bar_light import BarLight, measure_bar_light
from galseg.measure.catalog import CatalogTables, build_catalog, measure_catalog
from galseg.measure.colour import Colour, measure_colour
from galseg.measure.deprojection import (
    deproject_offsets,
    deprojection_matrix,
    inclination_from_axis_ratio,
)
from galseg.measure.disc import DiscGeometry, disc_from_drawings, fit_disc
from galseg.measure.flags import MeasureFlag, decode_flags
from galseg.measure.galaxy import GalaxyMeasurement, measure_galaxy
from galseg.measure.hierarchy import (
    PitchHierarchy,
    PosteriorSummary,
    pitch_hierarchy,
    summarise_samples,
)
from galseg.measure.host import Host, hosts_from_table
from galseg.measure.lines import SpiralLines, measure_spiral_lines
from galseg.measure.photometry import RegionLight, measure_light
from galseg.measure.region import RegionMeasurement, measure_region
from galseg.measure.regrid import covered_share
from galseg.measure.shape_class import SHAPE_RULES, ShapeRule, shape_of
from galseg.measure.spiral import SpiralMeasurement, measure_spiral_arms
from galseg.measure.strokes import Stroke
from galseg.measure.table import with_decoded_flags
from galseg.measure.task import FeatureMaps, GalaxyPixels
from galseg.measure.tidal import TidalMeasurement, measure_tidal

__all__ = [
    "SHAPE_RULES",
    "ArmMeasurement",
    "BarLight",
    "BarMeasurement",
    "CatalogTables",
    "Colour",
    "DiscGeometry",
    "FeatureMaps",
    "GalaxyMeasurement",
    "GalaxyPixels",
    "Host",
    "MeasureFlag",
    "PitchHierarchy",
    "PosteriorSummary",
    "RegionLight",
    "RegionMeasurement",
    "ShapeRule",
    "SpiralLines",
    "SpiralMeasurement",
    "Stroke",
    "TidalMeasurement",
    "build_catalog",
    "covered_share",
    "decode_flags",
    "deproject_offsets",
    "deprojection_matrix",
    "disc_from_drawings",
    "fit_disc",
    "hosts_from_table",
    "inclination_from_axis_ratio",
    "measure_bar",
    "measure_bar_light",
    "measure_catalog",
    "measure_colour",
    "measure_galaxy",
    "measure_light",
    "measure_region",
    "measure_spiral_arms",
    "measure_spiral_lines",
    "measure_tidal",
    "pitch_hierarchy",
    "shape_of",
    "summarise_samples",
    "with_decoded_flags",
]
