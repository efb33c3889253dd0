"""Votes of real drawings, against the consensus that Zooniverse itself made of them.

Zooniverse's reducer puts the drawings of a subject into clusters and reports, of each cluster,
the union, the intersection, and a "median", which is no vote of pixels but that one drawing which
is most like the others (least sum of 1 - IoU). Its second reducer reports the area inside at
least 1, 2, ... of the drawings.

Where the answers differ, Zooniverse has dropped something: of a stroke that crosses itself, and
of a union in several pieces, it keeps the largest piece alone, and it fills holes. Of the 31
clusters that matters in two: subject 458042 loses a side loop of 659 of 162,500 pixels, 458041
one of 6 of 33,150. The median needs two allowances. It is chosen for what lies outside the image
too, where volunteers drew and pixels have no votes (458025). And of drawings that are equally
central, as two always are and as two of five are to 4 parts in 100,000 in 458027, either may be
chosen.
"""

import json
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import shapely

from galseg.annotations import AnnotationBuilder, AnnotationSet, MarkLimits
from galseg.consensus import build_consensus
from galseg.consensus.agreement import pairwise_iou
from galseg.consensus.votes import collect_ballots
from galseg.frame import ImageFrame
from galseg.geometry import polygon_mask

TOOLS = ("data.frame0.T0_toolIndex0_", "data.frame0.T0_toolIndex1_")
AXES = {"path": "XY", "clusters": ("_x", "_y"), "contours": ("_x", "_y")}
N_CLUSTERS = 31
MARGIN = 40  # how far outside the image volunteers drew, in pixels


class Cluster(NamedTuple):
    name: str
    annotations: AnnotationSet
    votes: np.ndarray
    reductions: dict
    contours: list

    @property
    def n_drawings(self):
        return len(self.annotations.marks)


def iou(mask, polygon):
    theirs = polygon_mask(polygon, mask.shape)
    return (mask & theirs).sum() / max((mask | theirs).sum(), 1)


def moved(geometry):
    return shapely.transform(geometry, lambda xy: xy + MARGIN)


def rings(row, tool, kind):
    """Outlines in one row of a table."""
    cells = [row[f"{tool}{kind}{axis}"] for axis in AXES[kind]]
    if not isinstance(cells[0], str):
        return []
    return [np.column_stack(xy) for xy in zip(*map(json.loads, cells), strict=True)]


def annotations_of(drawings, shape):
    """Every drawing counts, and as a volunteer of its own, as in Zooniverse's reducer."""
    builder = AnnotationBuilder(MarkLimits(max_jump=1))
    for i, xy in enumerate(drawings):
        builder.classify(
            subject_id="cluster",
            annotator_id=str(i),
            classification_id=str(i),
            features=["cat"],
            width=shape[1],
            height=shape[0],
        )
        builder.area(classification_id=str(i), feature="cat", xy=xy)
    annotations = builder.build()
    assert len(annotations.marks) == len(drawings)
    return annotations


def image_shapes(folder):
    classifications = pd.read_csv(folder / "classifications.csv")
    seen = classifications.drop_duplicates("subject_ids").set_index("subject_ids")["metadata"]
    sizes = {subject: json.loads(m)["subject_dimensions"][0] for subject, m in seen.items()}
    return {s: (size["naturalHeight"], size["naturalWidth"]) for s, size in sizes.items()}


@pytest.fixture(scope="module")
def clusters(shared_data):
    folder = shared_data / "zooniverse-polygons"
    shapes = image_shapes(folder)
    extracts = pd.read_csv(folder / "extractor_extractions.csv")
    contours = pd.read_csv(folder / "reducer_contours_reductions.csv")
    reductions = {
        kind: pd.read_csv(folder / f"reducer_reductions_{kind}.csv").set_index("subject_id")
        for kind in ("union", "intersection", "median")
    }
    found = []
    for tool, subject in product(TOOLS, reductions["union"].index):
        reduced = {k: rings(t.loc[subject], tool, "clusters") for k, t in reductions.items()}
        drawn = [
            xy
            for _, row in extracts[extracts["subject_id"] == subject].iterrows()
            for xy in rings(row, tool, "path")
        ]
        for label in range(len(reduced["union"])):
            labels = json.loads(reductions["union"].loc[subject, tool + "cluster_labels"])
            members = [xy for xy, of in zip(drawn, labels, strict=True) if of == label]
            annotations = annotations_of(members, shapes[subject])
            frame = ImageFrame(shapes[subject])
            consensus = build_consensus(annotations, "cluster", frame=frame, features=["cat"])
            this = (contours["subject_id"] == subject) & (
                contours[tool + "cluster_label_for_contours"] == label
            )
            found.append(
                Cluster(
                    f"subject {subject}, {tool}, cluster {label}",
                    annotations,
                    consensus.votes[0],
                    {kind: shapely.Polygon(xy[label]) for kind, xy in reduced.items()},
                    [shapely.Polygon(xy) for xy in rings(contours[this].iloc[0], tool, "contours")],
                )
            )
    assert len(found) == N_CLUSTERS
    return found


def test_any_vote_is_the_union_and_every_vote_the_intersection(clusters):
    for cluster in clusters:
        for kind, n_votes in (("union", 1), ("intersection", cluster.n_drawings)):
            ours = cluster.votes >= n_votes
            assert iou(ours, cluster.reductions[kind]) >= 0.995, (cluster.name, kind)


def test_every_number_of_votes_is_zooniverses_contour_of_that_number(clusters):
    for cluster in clusters:
        assert len(cluster.contours) == cluster.n_drawings
        for n_votes, contour in enumerate(cluster.contours, start=1):
            assert iou(cluster.votes >= n_votes, contour) >= 0.995, (cluster.name, n_votes)


def test_the_median_is_the_drawing_that_agrees_best_with_the_others(clusters):
    for cluster in clusters:
        marks = cluster.annotations.marks
        marks["geometry"] = moved(marks["geometry"].to_numpy())
        shape = tuple(n + 2 * MARGIN for n in cluster.votes.shape)
        names = marks["annotator_id"].tolist()
        ballots = collect_ballots(marks, annotator_ids=names, shape=shape)
        median = moved(cluster.reductions["median"])
        likeness = [iou(ballots.on_image(row), median) for row in ballots.marked]
        chosen = np.argmax(likeness)
        assert likeness[chosen] >= 0.995, cluster.name
        total = pairwise_iou(ballots).sum(axis=0)
        assert total[chosen] >= 0.9995 * total.max(), cluster.name
