"""The command line: parse the options of one verb, call one function."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from inspect import signature

from jsonargparse import ArgumentError, ArgumentParser
from rich.console import Console
from rich.logging import RichHandler

from galseg.errors import ConfigError, GalsegError, nearest_name
from galseg.options import unknown_option
from galseg.version import __version__

__all__ = ["VERBS", "main", "parser_of"]

BAD_INPUT = 2
INTERRUPTED = 130


@dataclass(frozen=True)
class Verb:
    """What a word on the command line calls, and the line that lists it.

    Attributes
    ----------
    target : str
        ``module:function``, imported only when the verb is used.
    summary : str
    preset : mapping
        Options of the function that the verb itself says.
    """

    target: str
    summary: str
    preset: Mapping[str, object] = field(default_factory=dict)

    def load(self) -> Callable[..., object]:
        """Import the function."""
        module, name = self.target.split(":")
        function: Callable[..., object] = getattr(import_module(module), name)
        return function


_MEASURE = "galseg.commands.measure:measure"

VERBS = {
    "demo": Verb("galseg.commands.demo:demo", "run the whole line on simulated galaxies"),
    "consensus": Verb("galseg.commands.consensus:consensus", "turn drawings into vote maps"),
    "pretrain": Verb(
        "galseg.commands.pretrain:pretrain", "train an encoder on answers or images (Lightning)"
    ),
    "train": Verb("galseg.train.cli:train_main", "train a model on consensus maps (Lightning)"),
    "predict": Verb("galseg.commands.predict:predict", "draw probability maps on images"),
    "measure": Verb(_MEASURE, "measure maps into tables of galaxies, arms and tidal features"),
    "measure bars": Verb(_MEASURE, "the bar-extent table alone", {"tables": ("bars",)}),
    "measure arms": Verb(_MEASURE, "the table of spiral arms alone", {"tables": ("arms",)}),
    "measure tidal": Verb(_MEASURE, "the table of tidal features alone", {"tables": ("tidal",)}),
    "compare build": Verb("galseg.commands.compare:build", "pack a blinded comparison"),
    "compare score": Verb("galseg.commands.compare:score", "analyse its answers"),
    "survey run": Verb(
        "galseg.survey:run_survey",
        "predict and measure millions of galaxies into catalogues; goes on where it stopped",
        {"progress": True},
    ),
    "survey status": Verb("galseg.commands.survey:status", "how far a survey is"),
    "survey verify": Verb("galseg.commands.survey:verify", "whether a survey is as it was made"),
}
_HAS_OWN_PARSER = ("pretrain", "train")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``galseg``; those of the process if left out.

    Returns
    -------
    int
        Exit code: 0 done, 2 bad input or options, 130 interrupted.

    Examples
    --------
    >>> main(["--version"])
    galseg 0.1.0
    0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if words[0] == "--version":
        print(f"galseg {__version__}")
        return 0
    logging.basicConfig(
        format="%(message)s",
        handlers=[RichHandler("WARNING", Console(stderr=True), show_path=False)],
    )
    try:
        name, rest = _split_verb(words)
        _run(name, rest)
    except (GalsegError, OSError) as error:
        return _complain(str(error), BAD_INPUT)
    except KeyboardInterrupt as stop:
        how = str(stop) or "nothing half-written was kept"
        return _complain(f"interrupted; {how}", INTERRUPTED)
    except SystemExit as stop:  # --help and --print_config leave this way
        return int(stop.code or 0)
    return 0


def _run(name: str, rest: list[str]) -> None:
    function = VERBS[name].load()
    if name in _HAS_OWN_PARSER:
        function(rest)
        return
    preset = VERBS[name].preset
    parser = parser_of(name, function)
    try:
        options = parser.parse_args(_spell_out(rest, function))
    except ArgumentError as error:
        known = [option for option in signature(function).parameters if option not in preset]
        raise ConfigError(_explain(name, str(error), known)) from error
    options.pop("config", None)
    function(**preset, **parser.instantiate(options).as_dict())


def parser_of(name: str, function: Callable[..., object]) -> ArgumentParser:
    """Return the parser of a verb's options, made from the signature of its function."""
    verb = VERBS[name]
    parser = ArgumentParser(
        prog=f"galseg {name}", description=verb.summary, exit_on_error=False, allow_abbrev=False
    )
    parser.add_argument("--config", action="config", help="YAML file with any of these options")
    parser.add_function_arguments(function, skip=set(verb.preset))
    return parser


def _spell_out(words: list[str], function: Callable[..., object]) -> list[str]:
    """Give a switch that stands alone, as ``--plots``, its value."""
    options = signature(function).parameters.values()
    switches = {f"--{option.name}" for option in options if option.annotation in (bool, "bool")}
    following = [*words[1:], "--"]
    return [
        f"{word}=true" if word in switches and after.startswith("--") else word
        for word, after in zip(words, following, strict=False)
    ]


def _split_verb(words: list[str]) -> tuple[str, list[str]]:
    group = [name for name in VERBS if name.startswith(words[0] + " ")]
    has_second = bool(group) and len(words) > 1 and not words[1].startswith("-")
    length = 2 if has_second else 1
    name = " ".join(words[:length])
    if name in VERBS:
        return name, words[length:]
    if group and not has_second:
        raise ConfigError(f"say which: {', '.join(f'galseg {name}' for name in group)}")
    raise ConfigError(f"no verb {name!r}; {nearest_name(name, VERBS)}")


def _explain(name: str, message: str, known: Iterable[str]) -> str:
    if option := unknown_option(message):
        return f"galseg {name} has no option {option!r}; {nearest_name(option, known)}"
    return f"galseg {name}: {' '.join(message.split())}"


def _overview() -> str:
    width = max(map(len, VERBS))
    lines = [f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items()]
    return "\n".join(
        [
            "usage: galseg VERB [options]",
            "",
            "annotations -> consensus -> dataset -> train -> predict -> measure -> compare",
            "",
            *lines,
            "",
            "galseg VERB --help lists the options; each also goes into a YAML file for --config.",
        ]
    )


def _complain(message: str, code: int) -> int:
    print(f"galseg: error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
