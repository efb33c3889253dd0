"""A sample gives every galaxy the same chance, and every stratum its share."""

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy.table import QTable
from hypothesis import given
from hypothesis import strategies as st

from galseg.compare.selection import Sample, draw_strata, strata_table, stratify, systematic_sizes
from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.io.tables import write_table


def galaxies(n):
    """Half of them barred, and sizes without regard to that."""
    return pd.DataFrame(
        {
            "galaxy_id": [f"g{number:03d}" for number in range(n)],
            "size": np.random.default_rng(1).permutation(n) / 7,
            "barred": np.arange(n) % 2 == 0,
        }
    )


def draw(sample, candidates, seed=0):
    return draw_strata(sample, candidates, rng=np.random.default_rng(seed))


def drawn_ids(strata):
    return [name for stratum in strata for name in stratum.galaxy_ids[: stratum.n_drawn]]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.floats(0, 1), st.integers(0, 99))
def test_a_stratum_gets_its_share_rounded_down_or_up(sizes, share, seed):
    n_drawn = int(share * sum(sizes))
    drawn = systematic_sizes(sizes, n_drawn, rng=np.random.default_rng(seed))
    exact = np.array(sizes) * n_drawn / max(sum(sizes), 1)
    assert drawn.sum() == n_drawn
    assert ((np.floor(exact) <= drawn) & (drawn <= np.ceil(exact))).all()
    assert (drawn <= sizes).all()


def test_every_galaxy_is_as_likely_in_a_small_stratum_as_in_a_large_one():
    rng = np.random.default_rng(3)
    sizes = np.array([2, 5, 43])
    n_drawn = np.array([systematic_sizes(sizes, 10, rng=rng) for _ in range(4000)])
    assert n_drawn.mean(axis=0) / sizes == pytest.approx(0.2, abs=0.01)


def test_a_sample_is_spread_over_all_columns():
    table = galaxies(60)
    strata = draw(Sample(12, table, ["size", "barred"], 2), table["galaxy_id"])
    assert [stratum.labels[1] for stratum in strata] == ["False", "True"] * 2
    assert sum(len(stratum.galaxy_ids) for stratum in strata) == 60
    ids = drawn_ids(strata)
    assert len(set(ids)) == 12
    chosen = table[table["galaxy_id"].isin(ids)]
    assert abs((chosen["size"] > table["size"].median()).sum() - 6) <= 2
    assert ids != drawn_ids(draw(Sample(12, table, ["size", "barred"], 2), table["galaxy_id"], 1))


def test_without_strata_the_sample_is_a_simple_one():
    (stratum,) = draw(Sample(3, galaxies(5)), ["g000", "g001", "g002", "g004", "unknown"])
    assert stratum.labels == ()
    assert (stratum.n_drawn, sorted(stratum.galaxy_ids)) == (3, ["g000", "g001", "g002", "g004"])


def test_numbers_are_cut_at_quantiles_and_what_is_missing_is_a_stratum():
    table = pd.DataFrame(
        {
            "size": [1.0, 2, 3, 4, 5, 6, np.nan],
            "mostly_zero": [0.0, 0, 0, 0, 0, 1, 2],
            "mostly_one": [0.0, 0.5, 1, 1, 1, 1, 1],
            "n_arms": [2, 2, 2, 4, 4, 4, 4],
            "kind": ["Sa", "", "Sb", None, "Sa", "Sb", "Sb"],
        }
    )
    labels = stratify(table, n_quantiles=2)
    assert labels["size"].tolist() == ["1 to 3"] * 3 + ["4 to 6"] * 3 + ["unknown"]
    assert labels["mostly_zero"].tolist() == ["0 to 0"] * 5 + ["1 to 2"] * 2
    assert labels["mostly_one"].tolist() == ["0 to 0.5"] * 2 + ["1 to 1"] * 5
    assert labels["n_arms"].tolist() == ["2"] * 3 + ["4"] * 4
    assert labels["kind"].tolist() == ["Sa", "unknown", "Sb", "unknown", "Sa", "Sb", "Sb"]


def test_every_stratum_is_reported():
    table = galaxies(10)
    sample = Sample(4, table, ["barred"])
    strata = draw(sample, table["galaxy_id"])
    report = strata_table(sample, strata, [2, 1])
    assert report.columns.tolist() == ["barred", "n_galaxies", "n_drawn", "n_shown"]
    assert report.to_numpy().tolist() == [["False", 5, 2, 2], ["True", 5, 2, 1]]
    assert strata_table(None, strata, [2, 1]).empty


@pytest.mark.parametrize("suffix", [".ecsv", ".csv", ".parquet"])
def test_the_table_is_a_file_of_any_kind_or_in_memory(tmp_path, suffix):
    frame = galaxies(20).assign(galaxy_id=[f"{number:03d}" for number in range(20)])
    table = QTable.from_pandas(frame)
    table["size"] = table["size"] * u.arcsec
    write_table(tmp_path / f"table{suffix}", table)
    strata = [
        draw(Sample(6, one, ["size", "barred"], 2), frame["galaxy_id"])
        for one in (frame, table, tmp_path / f"table{suffix}")
    ]
    assert strata[0] == strata[1] == strata[2]


@pytest.mark.parametrize(
    ("sample", "error", "words"),
    [
        (lambda: Sample(0, galaxies(5)), ConfigError, "size of at least 1"),
        (lambda: Sample(1, galaxies(5), ["size"], 1), ConfigError, "2 quantiles"),
        (lambda: Sample(1, galaxies(5), "size"), ConfigError, "list of different columns"),
        (lambda: Sample(1, galaxies(5), ["size", "size"]), ConfigError, "different columns"),
        (lambda: Sample(6, galaxies(5)), ConfigError, "only 5"),
        (lambda: Sample(1, galaxies(5), ["sise"]), ConfigError, "did you mean 'size'"),
        (lambda: Sample(1, galaxies(5)[["size"]]), ConfigError, "galaxy_id"),
        (lambda: Sample(1, pd.concat([galaxies(5)] * 2)), FormatError, "'g000' more than once"),
        (lambda: Sample(1, "nowhere.csv"), MissingInputError, "nowhere"),
    ],
)
def test_samples_that_cannot_be_drawn(sample, error, words):
    with pytest.raises(error, match=words):
        draw(sample(), galaxies(5)["galaxy_id"])
