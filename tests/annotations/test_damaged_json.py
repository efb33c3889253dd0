"""Whatever one entry of a file is replaced by: annotations, or an error of galseg's."""

import copy
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galseg.annotations.coco import read_coco
from galseg.annotations.galaxy_builder import read_galaxy_builder
from galseg.annotations.geojson import read_geojson
from galseg.annotations.gz3d import read_gz3d
from galseg.errors import GalsegError
from galseg.geometry.rle import encode_rle

RING = [[5.0, 5.0], [20.0, 5.0], [20.0, 15.0]]
MASK = np.zeros((30, 40), dtype=bool)
MASK[5:12, 8:20] = True
LOOKS = [
    {
        "annotator_id": "ann",
        "classification_id": "1",
        "features": ["bar"],
        "created_at": "2024-05-01 12:00:00",
    }
]
COCO = {
    "images": [
        {"id": 1, "file_name": "a.png", "width": 40, "height": 30},
        {"id": 2, "file_name": "b.png", "width": 40, "height": 30, "classifications": LOOKS},
    ],
    "categories": [{"id": 1, "name": "bar"}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "segmentation": [[5, 5, 20, 5, 20, 15]]},
        {
            "image_id": 1,
            "category_id": 1,
            "segmentation": {"size": [30, 40], "counts": [62, 5, 25, 5, 1103]},
        },
        {
            "image_id": 2,
            "category_id": 1,
            "segmentation": encode_rle(MASK),
            "attributes": {"annotator": "ann", "classification_id": "1"},
        },
    ],
}
GEOJSON = {
    "type": "FeatureCollection",
    "width": 40,
    "height": 30,
    "classifications": LOOKS,
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": coordinates},
            "properties": {"classification": {"name": "bar"}, "classification_id": "1"},
        }
        for kind, coordinates in (("Polygon", [RING]), ("LineString", RING), ("Point", [3, 4]))
    ],
}
GALAXY_BUILDER = [
    {
        "subject_id": 1,
        "nsa_id": 2,
        "width": 40,
        "height": 30,
        "classifications": [
            {
                "classification_id": 3,
                "bar": {"x": 20, "y": 15, "Re": 2.0, "q": 0.3, "angle_deg": 10},
                "spirals": [[[5.0, 5.0], [9.0, 7.0], [14.0, 8.0], [18.0, 14.0]]],
            }
        ],
    }
]
GZ3D = {
    "mangaid": "1-2",
    "image_size": [40, 30],
    "feature": "bar",
    "classifications": [
        {"classification_id": 1, "created_at": "2018-01-01 00:00:00 UTC", "paths": [RING]}
    ],
}

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.one_of(st.integers(), st.floats(), st.text(max_size=2)), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def places(content):
    """Every entry of a document, as the container and the key."""
    keys = content.keys() if isinstance(content, dict) else range(len(content))
    for key in list(keys):
        yield content, key
        if isinstance(content[key], dict | list):
            yield from places(content[key])


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_coco, COCO),
        (read_geojson, GEOJSON),
        (read_galaxy_builder, GALAXY_BUILDER),
        (read_gz3d, GZ3D),
    ],
    ids=["coco", "geojson", "galaxy-builder", "gz3d"],
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_any_replaced_entry_ends_well(tmp_path, read, content, data):
    changed = copy.deepcopy(content)
    container, key = data.draw(st.sampled_from(list(places(changed))))
    container[key] = data.draw(junk)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(changed))
    try:
        annotations = read(path)
    except GalsegError:
        return
    assert set(annotations.marks["classification_id"]) <= set(
        annotations.classifications["classification_id"]
    )


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_coco, COCO),
        (read_geojson, GEOJSON),
        (read_galaxy_builder, GALAXY_BUILDER),
        (read_gz3d, GZ3D),
    ],
    ids=["coco", "geojson", "galaxy-builder", "gz3d"],
)
def test_the_undamaged_document_is_read_whole(tmp_path, read, content):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    annotations = read(path)
    assert len(annotations.marks) > 0
    assert len(annotations.rejected) == 0
