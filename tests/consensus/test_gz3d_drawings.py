"""Real drawings of Galaxy Zoo:3D, against a count of every pixel by shapely."""

import json

import numpy as np
import pytest
import shapely

from galseg.annotations.gz3d import read_gz3d
from galseg.consensus import build_consensus
from galseg.frame import ImageFrame
from galseg.geometry import enclosed_by_stroke

YY, XX = np.mgrid[:525, :525]


def holds(area):
    """Pixels whose centres lie inside; a centre within rounding of the outline lies outside."""
    inside = shapely.contains_xy(area, XX, YY)
    outline = area.boundary
    shapely.prepare(outline)
    centres = shapely.points(XX[inside], YY[inside])
    inside[inside] = ~shapely.dwithin(outline, centres, 1e-9)
    return inside


@pytest.mark.parametrize(
    ("name", "n_marked"), [("1-304336_spiral", 14), ("1-379196_bar", 2), ("1-379196_spiral", 4)]
)
def test_votes_are_the_volunteers_whose_strokes_wind_round_the_pixel(shared_data, name, n_marked):
    path = shared_data / "gz3d-drawings" / f"{name}.json"
    expected = np.zeros(YY.shape, dtype=int)
    for classification in json.loads(path.read_text())["classifications"]:
        areas = [enclosed_by_stroke(stroke) for stroke in classification["paths"]]
        expected += np.any([np.zeros(YY.shape, bool), *(holds(a) for a in areas)], axis=0)

    annotations = read_gz3d(path)
    (subject_id,) = annotations.subject_ids
    consensus = build_consensus(
        annotations, subject_id, frame=ImageFrame(YY.shape), features=annotations.features
    )
    np.testing.assert_array_equal(consensus.votes[0], expected)
    np.testing.assert_allclose(consensus.fraction[0], expected / 15, rtol=1e-6)
    assert (consensus.n_asked[0], consensus.n_marked[0]) == (15, n_marked)
