"""Shards of a survey that was never run: every kind of column, places all over the sky."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROW = pa.field("row", pa.int64(), metadata={"ucd": "meta.record", "description": "in the source"})
GALAXY_ID = pa.field("galaxy_id", pa.string(), metadata={"ucd": "meta.id;meta.main"})
PLACE = [
    pa.field("ra_deg", pa.float64(), metadata={"unit": "deg", "ucd": "pos.eq.ra;meta.main"}),
    pa.field("dec_deg", pa.float64(), metadata={"unit": "deg", "ucd": "pos.eq.dec;meta.main"}),
]
SCHEMAS = {
    "galaxies": pa.schema(
        [
            ROW,
            GALAXY_ID,
            *PLACE,
            pa.field("status", pa.string()),
            pa.field(
                "length_arcsec",
                pa.float64(),
                metadata={
                    "unit": "arcsec",
                    "ucd": "phys.angSize;src.morph",
                    "description": "bar, end to end",
                },
            ),
            pa.field("flags", pa.int64(), metadata={"ucd": "meta.code.qual"}),
        ]
    ),
    "arms": pa.schema([ROW, *PLACE, GALAXY_ID, pa.field("arm_id", pa.int64())]),
    "tidal": pa.schema([ROW, *PLACE, GALAXY_ID, pa.field("tidal_id", pa.int64())]),
    "masks": pa.schema(
        [ROW, GALAXY_ID, *PLACE, pa.field("feature", pa.string()), pa.field("png", pa.binary())]
    ),
}


def made_up_tables(ra_deg, dec_deg, *, n_arms=2, n_tidal=1, seed=0):
    """Tables of galaxies at these places, by name, in the order of their rows."""
    rng = np.random.default_rng(seed)
    n = len(ra_deg)
    every = {
        "row": np.arange(n),
        "galaxy_id": np.array([f"J{row:06d}" for row in range(n)], dtype=object),
        "ra_deg": np.asarray(ra_deg, dtype=float),
        "dec_deg": np.asarray(dec_deg, dtype=float),
    }
    galaxies = every | {
        "status": np.where(rng.random(n) < 0.1, "unreadable", "ok"),
        "length_arcsec": np.where(rng.random(n) < 0.3, np.nan, rng.gamma(4, 5, n)),
        "flags": rng.integers(0, 64, n),
    }
    arms = rng.integers(0, n_arms + 1, n)
    tidal = rng.integers(0, n_tidal + 1, n)
    masks = np.full(n, 2)
    png = [rng.bytes(size) for size in rng.integers(10, 90, masks.sum())]
    parts = {
        "galaxies": galaxies,
        "arms": _parts(every, arms, "arm_id"),
        "tidal": _parts(every, tidal, "tidal_id"),
        "masks": _repeated(every, masks)
        | {"feature": np.tile(["bar", "spiral_arm"], n), "png": png},
    }
    return {name: pa.table(parts[name], schema=schema) for name, schema in SCHEMAS.items()}


def write_shards(folder, tables, *, ends):
    """Write shards of the rows before each end, and return their folders."""
    shards, start = [], 0
    for number, end in enumerate(ends):
        shard = Path(folder, f"{number:06d}")
        shard.mkdir(parents=True)
        for name, table in tables.items():
            row = table["row"].to_numpy()
            pq.write_table(table.filter((row >= start) & (row < end)), shard / f"{name}.parquet")
        shards.append(shard)
        start = end
    return shards


def on_the_sky(n, *, seed=0, patch=None):
    """Places uniform on the sphere, or in a patch of so many degrees around (150, 2)."""
    rng = np.random.default_rng(seed)
    if patch is not None:
        return 150 + rng.uniform(-patch, patch, n), 2 + rng.uniform(-patch, patch, n)
    return rng.uniform(0, 360, n), np.degrees(np.arcsin(rng.uniform(-1, 1, n)))


def _repeated(columns, times):
    return {name: np.repeat(values, times) for name, values in columns.items()}


def _parts(every, number, part_id):
    counted = [np.arange(1, n + 1) for n in number]
    return _repeated(every, number) | {part_id: np.concatenate([[], *counted]).astype(int)}
