"""Half precision only where it pays."""

import pytest

from galseg.train.precision import best_precision


@pytest.mark.parametrize(
    ("accelerator", "cuda", "bf16", "expected"),
    [
        ("auto", True, True, "bf16-mixed"),
        ("gpu", True, True, "bf16-mixed"),
        ("cuda", True, False, "32-true"),
        ("auto", False, True, "32-true"),
        ("cpu", True, True, "32-true"),
        ("mps", False, False, "32-true"),
    ],
)
def test_the_processor_decides(monkeypatch, accelerator, cuda, bf16, expected):
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda including_emulation: bf16)
    assert best_precision(accelerator) == expected
