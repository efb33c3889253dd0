"""``galseg pretrain``: votes and images to an encoder."""

from __future__ import annotations

from collections.abc import Sequence

from galseg.train.pretrain.cli import PretrainCLI

__all__ = ["pretrain"]


def pretrain(words: Sequence[str]) -> None:
    """Pretrain an encoder, or score a checkpoint.

    Parameters
    ----------
    words : sequence of str
        ``fit`` (may be left out), ``validate`` or ``test``, then options of Lightning, of
        `PretrainModule` as ``--model.<option>``, of `VoteDataModule` as ``--data.<option>``, and
        ``--output`` (folder). All of them also go into a YAML file for ``--config``.

    Raises
    ------
    ConfigError
        If an option is unknown or wrong, or a checkpoint is missing that should be scored.
    OutputError
        If the run folder holds another run.
    """
    PretrainCLI.run(words)
