"""A bar, volunteers who draw it more or less well, and some who draw something else."""

import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from galseg.consensus.votes import collect_ballots
from galseg.geometry import polygon_mask

SHAPE = (96, 96)
BAR = affinity.translate(affinity.rotate(shapely.box(-28, -7, 28, 7), 30), 48, 48)


def drawn_bar(rng):
    """The bar with errors of 15% in size, 8 degrees in angle and 2 pixels in place."""
    stretch = np.exp(rng.normal(0, 0.15, 2))
    bar = affinity.scale(BAR, *stretch)
    return affinity.translate(affinity.rotate(bar, rng.normal(0, 8)), *rng.normal(0, 2, 2))


def wrong_drawings(rng):
    """Three of: a box about everything, all but the bar, a scribble, a bar elsewhere, across."""
    box = shapely.box(4, 4, 92, 90)
    elsewhere = affinity.translate(drawn_bar(rng), *rng.choice([-18, 18], 2))
    wrong = [
        box,
        box.difference(drawn_bar(rng)),
        shapely.LineString(rng.uniform(8, 88, (5, 2))).buffer(4),
        elsewhere.intersection(box),
        affinity.rotate(drawn_bar(rng), 90).intersection(box),
    ]
    return [wrong[i] for i in rng.choice(len(wrong), 3, replace=False)]


def ballots_of(drawings, shape=SHAPE):
    """One volunteer a drawing; None for one who drew nothing."""
    names = [f"v{i}" for i in range(len(drawings))]
    rows = [(n, d, np.nan) for n, d in zip(names, drawings, strict=True) if d is not None]
    marks = pd.DataFrame(rows, columns=["annotator_id", "geometry", "line_width_pix"])
    return collect_ballots(marks, annotator_ids=names, shape=shape)


def masks_of(drawings, shape=SHAPE):
    """A full mask a volunteer, shape (V, ny, nx)."""
    return np.array([polygon_mask(d or shapely.Polygon(), shape) for d in drawings])


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


def iou_with_the_bar(ballots, fraction, threshold=0.5):
    return iou(ballots.on_image(fraction) >= threshold, polygon_mask(BAR, ballots.shape))
