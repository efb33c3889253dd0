"""Maps to what is kept of them, read back by other libraries."""

import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from pycocotools import mask as coco_mask

from galseg.survey.masks import encode_mask, encode_probability

maps = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20),
    elements=st.floats(0, 1, width=32) | st.just(np.nan),
)


@settings(max_examples=30)
@given(maps)
def test_pillow_reads_the_probabilities_top_row_first(probability):
    levels = np.asarray(Image.open(io.BytesIO(encode_probability(probability))))[::-1]
    np.testing.assert_array_equal(levels == 0, np.isnan(probability))
    known = levels > 0
    found = (levels[known].astype(float) - 1) / 254
    np.testing.assert_allclose(found, probability[known], atol=0.5 / 254 + 1e-6)


@settings(max_examples=30)
@given(maps, st.floats(0.01, 1))
def test_pycocotools_reads_the_mask_row_for_row(probability, threshold):
    counts = encode_mask(probability, threshold=threshold)
    decoded = coco_mask.decode({"size": list(probability.shape), "counts": counts})
    np.testing.assert_array_equal(decoded, probability >= threshold)
