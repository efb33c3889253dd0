"""CSV always, TensorBoard where it is installed."""

import pytest
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger

from galseg.train import loggers


@pytest.mark.parametrize("installed", [True, False])
def test_tensorboard_stands_beside_csv(monkeypatch, tmp_path, installed):
    monkeypatch.setattr(loggers, "find_spec", lambda name: installed or None)
    kinds = [type(logger) for logger in loggers.run_loggers(tmp_path)]
    assert kinds == [CSVLogger, TensorBoardLogger][: 1 + installed]
