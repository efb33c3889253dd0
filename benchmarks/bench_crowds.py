"""How well two crowds agree on the same galaxy: the ceiling for any model of them.

Run as ``python benchmarks/bench_crowds.py``; needs the Galaxy Builder drawings in ../shared/data.
"""

from pathlib import Path

import numpy as np

from galseg import ImageFrame, build_consensus, measure_bar, read_annotations

DRAWINGS = Path(__file__).parents[2] / "shared" / "data" / "galaxy-builder" / "drawings.json.gz"
VOTES = 0.2
FEATURES = ("bar", "spiral_arm")


def crowds_by_galaxy(drawn):
    """Consensuses of the galaxies that were drawn twice."""
    sizes = drawn.classifications.drop_duplicates("subject_id").set_index("subject_id")
    for _, subjects in drawn.subjects.groupby("galaxy_id")["subject_id"]:
        if len(subjects) == 2:
            yield [
                build_consensus(
                    drawn,
                    subject,
                    frame=ImageFrame((sizes["height"][subject], sizes["width"][subject])),
                    features=FEATURES,
                    find_instances=False,
                )
                for subject in subjects
            ]


def main():
    """Print the agreement of two crowds."""
    iou = {feature: [] for feature in FEATURES}
    length_ratio = []
    for pair in crowds_by_galaxy(read_annotations(DRAWINGS)):
        for feature in FEATURES:
            first, second = (crowd.mask(feature, threshold=VOTES) for crowd in pair)
            if first.any() and second.any():
                iou[feature].append((first & second).sum() / (first | second).sum())
        bars = [
            measure_bar(crowd.of("bar"), frame=crowd.frame, threshold=VOTES).length_pix
            for crowd in pair
        ]
        if np.isfinite(bars).all():
            length_ratio.append(abs(np.log(bars[0] / bars[1])))
    for feature, values in iou.items():
        print(f"{feature}: {len(values)} galaxies, median IoU {np.median(values):.2f}")
    print(f"bar length: {len(length_ratio)}, median difference {np.median(length_ratio):.0%}")


if __name__ == "__main__":
    main()
