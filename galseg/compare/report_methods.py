"""The methods of a comparison in words, with its numbers filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from galseg.compare.records import ComparisonScore
from galseg.compare.wording import feature_words, in_words, number

__all__ = ["REFERENCES", "methods_text"]

REFERENCES = (
    "Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011), J. Bus. Econ. Stat. 29, 238.",
    "Davidson, R. R. (1970), J. Am. Stat. Assoc. 65, 317.",
    "Firth, D., Kosmidis, I. & Turner, H. (2019), arXiv:1909.07123.",
    "Greenland, S. & Mansournia, M. A. (2015), Stat. Med. 34, 3133.",
    "Krippendorff, K. (2011), Computing Krippendorff's alpha-reliability, Univ. of Pennsylvania.",
    "Owen, A. B. (2007), Ann. Appl. Stat. 1, 386.",
    "Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209.",
)


def methods_text(score: ComparisonScore) -> list[str]:
    """Write how the comparison was made and analysed.

    Parameters
    ----------
    score : ComparisonScore

    Returns
    -------
    list of str
        Paragraphs.
    """
    return [
        " ".join(_design(score)),
        " ".join(_answers(score)),
        " ".join(_analysis(score)),
    ]


def _design(score: ComparisonScore) -> Iterator[str]:
    key = score.key
    rated = [item for item in key.items if item.kind == "rated"]
    features = sorted({item.feature for item in rated})
    yield (
        f"Masks by {len(key.methods)} methods ({in_words(key.methods)}) were compared blindly on "
        f"{_count(len({item.galaxy_id for item in rated}), 'galaxy', 'galaxies')}, for the "
        f"{_plural(features, 'feature')} {in_words([feature_words(f).lower() for f in features])}."
    )
    thresholds = [f"{name} at {value:g}" for name, value in key.thresholds.items() if value]
    if thresholds:
        yield f"Maps were made into masks at fixed thresholds ({in_words(thresholds)})."
    yield (
        "The masks of a galaxy stood side by side in one look, in random places balanced for each "
        "rater, without anything but the pixels to tell the methods apart."
    )
    yield from _asked(score)
    kinds = Counter(item.kind for item in key.items)
    n_raters = len(key.raters)
    if kinds["practice"]:
        practice = _count(round(kinds["practice"] / n_raters), "practice item", "practice items")
        yield f"First came {practice} with a known answer."
    if kinds["repeat"]:
        share = kinds["repeat"] / max(kinds["rated"], 1)
        yield f"{100 * share:.0f}% of the items came again, in other places."
    yield (
        f"The package {key.package_id} carried the SHA-256 of the key to the places, "
        f"{score.key_sha256}, so that the key could not be changed afterwards."
    )


def _asked(score: ComparisonScore) -> Iterator[str]:
    questions = score.key.questions
    asked = []
    if questions.quality:
        asked.append(f"the quality of each mask ({', '.join(questions.quality.values()).lower()})")
    if questions.best:
        tie = ", a tie allowed" if questions.tie else ", without ties"
        asked.append(f"which mask is best{tie}")
    yield f"Raters were asked for {in_words(asked)}."


def _answers(score: ComparisonScore) -> Iterator[str]:
    evaluations, n_excluded = score.evaluations, len(score.excluded)
    counted = evaluations[evaluations["counted"]]
    n_practice = int((evaluations["kind"] == "practice").sum())
    n_again = len(evaluations) - len(counted) - n_practice
    yield (
        f"{_count(len(evaluations) + n_excluded, 'answer was', 'answers were')} read. "
        f"{_count(len(counted), 'evaluation', 'evaluations')} by "
        f"{_count(counted['rater'].nunique(), 'rater', 'raters')} of "
        f"{_count(counted['galaxy_id'].nunique(), 'galaxy', 'galaxies')} count; "
        f"{n_again} were given again and tell of self-consistency alone; {n_practice} were "
        f"practice; {n_excluded} could not be used."
    )


def _analysis(score: ComparisonScore) -> Iterator[str]:
    level = f"{100 * score.level:g}%"
    yield (
        f"Unless said otherwise, intervals are of {level} confidence from {score.n_resamples} "
        "resamples of galaxies and of raters, both drawn with replacement (Owen 2007), because "
        "answers about one galaxy, or of one rater, are alike; Wilson's (1927) are given for "
        "comparison, as of independent answers."
    )
    if score.key.questions.best:
        yield (
            "Worths are those of Davidson's (1970) model with ties, for a choice among several "
            "(Firth, Kosmidis & Turner 2019); each parameter has a log-F(1, 1) prior (Greenland & "
            "Mansournia 2015). A pair of methods is settled where both intervals of its share "
            "leave out one half. The evaluations still needed are those of a two-sided test of "
            f"this confidence with a power of {number(score.power)}, times a design effect "
            "(Cameron, Gelbach & Miller 2011)."
        )
    yield (
        "Agreement between raters is Krippendorff's (2011) alpha, nominal for the best mask and "
        "ordinal for quality, with resampled galaxies; that of raters with themselves is the share "
        "of equal answers to what was shown twice, and Scott's pi. That places are chosen equally "
        "often was tested with Pearson's chi-square against multinomial draws."
    )


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _plural(names: list[str], word: str) -> str:
    return word if len(names) == 1 else f"{word}s"
