"""``galseg consensus``: drawings to vote maps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd
from rich.progress import track

from galseg.annotations import AnnotationSet, read_annotations
from galseg.consensus import Consensus, build_consensus
from galseg.consensus.record import Method
from galseg.errors import MissingInputError, SubjectError, nearest_name
from galseg.features import DEFAULT_FEATURES
from galseg.frame import ImageFrame
from galseg.io.atomic import write_folder
from galseg.io.consensus import write_consensus, write_consensus_coco
from galseg.io.images import GalaxyImage, WcsRule, list_images, read_image
from galseg.io.overlay import write_overlay
from galseg.io.provenance import write_run_record
from galseg.io.regions import write_regions

__all__ = ["consensus"]

Product = Literal["overlay", "coco", "regions"]


def consensus(
    *,
    annotations: Path,
    output: Path,
    images: Path | None = None,
    mapping: Path | None = None,
    format: str | None = None,
    read_options: dict[str, Any] | None = None,
    features: tuple[str, ...] = DEFAULT_FEATURES,
    method: Method = "fraction",
    subjects: tuple[str, ...] | None = None,
    products: tuple[Product, ...] = ("overlay",),
    threshold: float = 0.5,
    wcs: WcsRule = "required",
) -> Path:
    """Turn the drawings of volunteers into one vote map a subject.

    Writes a folder with ``maps/<subject>.fits``, ``subjects.csv`` (counts and agreement),
    ``volunteers.csv``, ``rejected.csv`` and ``repaired.csv``.

    Parameters
    ----------
    annotations : Path
        File or folder of drawings.
    output : Path
        Folder to make.
    images : Path, optional
        Folder of the images that were drawn on, for their WCS; without it maps are in pixels only.
    mapping : Path, optional
        YAML that says which task and tool of a Zooniverse export means which feature.
    format : str, optional
        Format of the drawings; recognised from their content if left out.
    read_options : dict, optional
        What the reader of the format takes beside, for example ``{flip_y: true}`` for COCO drawn
        on PNG images.
    features : tuple of str
        Features to map.
    method : str
        How volunteers are weighed: fraction, weighted or staple.
    subjects : tuple of str, optional
        Only these subjects.
    products : tuple of str
        What to write beside the maps: overlay (PNG), coco (RLE masks), regions (ds9).
    threshold : float
        Share of the votes from which a pixel is drawn in the products.
    wcs : str
        Whether an image without a WCS is an error (required) or measured in pixels (optional).

    Returns
    -------
    Path
        The folder.
    """
    options = locals().copy()
    drawn = read_annotations(annotations, format, mapping=mapping, **(read_options or {}))
    shown = _SubjectImages(drawn, images, wcs=wcs)
    with write_folder(output) as folder:
        summaries, volunteers = [], []
        for subject_id in track(_wanted(drawn, subjects), description="consensus", transient=True):
            image = shown.of(subject_id)
            frame = image.frame if image else _drawing_frame(drawn.subject(subject_id))
            one = build_consensus(drawn, subject_id, frame=frame, features=features, method=method)
            name = file_name_of(subject_id)
            write_consensus(folder / "maps" / f"{name}.fits", one)
            _write_products(folder, name, one, image, products=products, threshold=threshold)
            summaries.append(_summary(one, name))
            volunteers.append(one.volunteers.assign(subject_id=subject_id))
        tables = {
            "subjects": pd.concat(summaries, ignore_index=True),
            "volunteers": pd.concat(volunteers, ignore_index=True),
            "rejected": _as_text(drawn.rejected),
            "repaired": _as_text(drawn.repaired),
        }
        for name, table in tables.items():
            table.to_csv(folder / f"{name}.csv", index=False)
        write_run_record(
            folder, "consensus", options=options, inputs=("annotations", "mapping", "images")
        )
    print(
        f"{len(summaries)} subjects, {len(drawn.marks)} marks "
        f"({len(drawn.repaired)} repaired, {len(drawn.rejected)} rejected): {output}"
    )
    return output


def file_name_of(subject_id: str) -> str:
    """Return a subject's identifier as a file name, another one for every other identifier.

    Examples
    --------
    >>> file_name_of("J1"), file_name_of("a/b"), file_name_of("a_b")
    ('J1', 'a%2Fb', 'a_b')
    """
    return re.sub(r"[^\w.+-]", lambda found: quote(found[0], safe=""), subject_id)


def _wanted(drawn: AnnotationSet, subjects: tuple[str, ...] | None) -> tuple[str, ...]:
    if subjects is None:
        return drawn.subject_ids
    for subject_id in subjects:
        if subject_id not in drawn.subject_ids:
            hint = nearest_name(subject_id, drawn.subject_ids[:50])
            raise SubjectError(f"no classification of subject {subject_id!r}; {hint}")
    return subjects


class _SubjectImages:
    """The images that subjects show, found by file name, else by galaxy."""

    def __init__(self, drawn: AnnotationSet, folder: Path | None, *, wcs: WcsRule) -> None:
        self._folder, self._wcs = folder, wcs
        self._files: Mapping[str, Path] = list_images(folder) if folder else {}
        self._subjects = drawn.subjects.set_index("subject_id")

    def of(self, subject_id: str) -> GalaxyImage | None:
        if self._folder is None:
            return None
        subject = self._subjects.loc[subject_id]
        named = Path(str(subject["image"]))
        is_inside = not named.is_absolute() and ".." not in named.parts
        path = self._files.get(str(subject["galaxy_id"]))
        if is_inside and (self._folder / named).is_file():
            path = self._folder / named
        if path is None:
            raise MissingInputError(
                f"no image of subject {subject_id!r} in {self._folder}: "
                f"looked for {subject['image']!r} and for galaxy {subject['galaxy_id']!r}"
            )
        return read_image(path, wcs=self._wcs)


def _drawing_frame(drawn: AnnotationSet) -> ImageFrame:
    seen = drawn.classifications.iloc[0]
    return ImageFrame((int(seen["height"]), int(seen["width"])))


def _write_products(
    folder: Path,
    name: str,
    consensus: Consensus,
    image: GalaxyImage | None,
    *,
    products: tuple[Product, ...],
    threshold: float,
) -> None:
    if "regions" in products:
        write_regions(folder / "regions" / f"{name}.reg", consensus)
    if "coco" in products:
        write_consensus_coco(folder / "coco" / f"{name}.json", [consensus], threshold=threshold)
    if "overlay" in products and image is not None:
        masks = consensus.masks(threshold=threshold)
        write_overlay(folder / "overlays" / f"{name}.png", image.pixels, masks)


def _summary(consensus: Consensus, name: str) -> pd.DataFrame:
    n_instances = [
        sum(instance.feature == feature for instance in consensus.instances)
        for feature in consensus.agreement["feature"]
    ]
    table = consensus.agreement.assign(n_instances=n_instances)
    table.insert(0, "subject_id", consensus.subject_id)
    table.insert(1, "galaxy_id", consensus.galaxy_id)
    return table.assign(map=f"maps/{name}.fits")


def _as_text(marks: pd.DataFrame) -> pd.DataFrame:
    outlines: list[str] = [geometry.wkt for geometry in marks["geometry"]]
    return marks.assign(geometry=outlines)
