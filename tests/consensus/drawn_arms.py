"""Two spiral arms, and volunteers who draw them as lines or as areas."""

import numpy as np
import pandas as pd
import shapely

SHAPE = (128, 128)
WIDTH_PIX = 5.0


def spiral(turn, *, start=0.0, stop=1.0):
    """Part of a logarithmic spiral about the middle of the image, turned by an angle in radians."""
    angle = np.linspace(0, 2.4, 60)[int(60 * start) : int(60 * stop)]
    radius = 10 * np.exp(0.7 * angle / 1.2)
    return np.column_stack([64 + radius * np.cos(angle + turn), 64 + radius * np.sin(angle + turn)])


def by_hand(xy, rng, *, jitter_pix=1.5):
    """The line as a hand draws it: off by a little everywhere, and a little shorter."""
    wave = np.sin(np.linspace(0, rng.uniform(2, 8), len(xy)) + rng.uniform(0, 6))[:, None]
    off = rng.normal(0, jitter_pix, (1, 2)) + wave * rng.normal(0, jitter_pix, (1, 2))
    first, last = rng.integers(0, 6), len(xy) - rng.integers(0, 6)
    return shapely.LineString((xy + off)[first:last])


def as_area(line):
    return line.buffer(1.5 * WIDTH_PIX)


def table(rows):
    """Marks from (annotator_id, geometry) rows."""
    marks = pd.DataFrame(rows, columns=["annotator_id", "geometry"])
    is_line = shapely.get_dimensions(marks["geometry"].to_numpy()) < 2
    return marks.assign(line_width_pix=np.where(is_line, WIDTH_PIX, np.nan))


def draw_arms(rng, *, n_volunteers=12, turns=(0.0, np.pi), areas=False):
    """Every volunteer draws every arm."""
    lines = [
        (f"v{number:02}", by_hand(spiral(turn), rng))
        for number in range(n_volunteers)
        for turn in turns
    ]
    return [(name, as_area(line) if areas else line) for name, line in lines]
