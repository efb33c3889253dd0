"""ds9 regions, read back with the package regions."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import shapely

from galseg import ImageFrame
from galseg.errors import MissingDependencyError
from galseg.io.regions import write_regions
from tests.hostile_wcs import HOSTILE, header
from tests.io.test_consensus import make_consensus

regions = pytest.importorskip("regions", reason="needs the extra galseg[regions]")


@pytest.mark.parametrize("name", HOSTILE)
def test_outlines_come_back_through_the_sky(name, tmp_path):
    frame = ImageFrame.from_header(header(**HOSTILE[name]))
    consensus = make_consensus(frame)
    write_regions(tmp_path / "a.reg", consensus)
    read = regions.Regions.read(tmp_path / "a.reg", format="ds9")
    assert len(read) == len(consensus.instances)
    for region, instance in zip(read, consensus.instances, strict=True):
        xy = frame.to_pixel(region.vertices)
        whole = shapely.Polygon(instance.outline.exterior)
        assert shapely.Polygon(xy).symmetric_difference(whole).area < 1e-4 * whole.area
        assert region.meta["text"] == f"bar {instance.n_marked}/15"


def test_without_a_wcs_they_are_in_pixels(tmp_path):
    consensus = make_consensus(ImageFrame((20, 30)))
    write_regions(tmp_path / "a.reg", consensus)
    read = regions.Regions.read(tmp_path / "a.reg", format="ds9")
    expected = shapely.get_coordinates(consensus.instances[0].outline.exterior)[:-1]
    np.testing.assert_allclose(np.column_stack(read[0].vertices.xy), expected, atol=1e-6)


def test_no_instances_give_a_file_without_regions(tmp_path):
    bare = replace(make_consensus(ImageFrame((20, 30))), instances=())
    write_regions(tmp_path / "a.reg", bare)
    assert len(regions.Regions.read(tmp_path / "a.reg", format="ds9")) == 0


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "regions", None)
    with pytest.raises(MissingDependencyError, match=r"galseg\[regions\]"):
        write_regions(tmp_path / "a.reg", make_consensus(ImageFrame((20, 30))))
    assert list(tmp_path.iterdir()) == []
