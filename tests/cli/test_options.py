"""Groups of options: what was given, under which name, and what the program's exit code says."""

from __future__ import annotations

import re

import click
import pytest

from fastspec import cli
from fastspec.axes import scales
from fastspec.batch.summary import Summary
from fastspec.calibration.facts import FACTS
from fastspec.cli import encode, exit_codes, options
from fastspec.errors import AudioError, CalibrationError, OutputError, ParameterError, PictureError
from fastspec.phase import methods, starts
from fastspec.picture import formats
from fastspec.picture.formats import PictureFormat


def test_each_option_of_a_fact_is_one():
    names = [str(option.name) for option in options.FACTS if option not in options.LEVELS]
    assert len(names) == len(set(names))
    assert set(names) == FACTS.keys() - {"cmap_table"}  # which comes with --cmap FILE
    for option in options.FACTS:  # and those of levels in other units
        assert f"--{str(option.name).replace('_', '-')}" in option.opts
        assert option.help
        assert not option.help.startswith("If it is wrong")  # every fact is described
    assert "--crop" in options.FACTS[names.index("plot_area")].opts


_VALUES = {
    "int": ("7", 7), "float": ("1.5", 1.5), "pair": ("-70 -2", (-70.0, -2.0)), "box": ("1 2 30 40", (1, 2, 30, 40)),
    "border": ("0 1 2 3", (0, 1, 2, 3)), "offsets": (".5 0 -.25 1", (0.5, 0.0, -0.25, 1.0)), "str": ("x", "x"),
    "window": ("tukey:0.25", "tukey:0.25"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FACTS.keys() - {"cmap_table"}))
def test_the_option_of_each_fact_arrives(name):
    spec, flag = FACTS[name], f"--{name.replace('_', '-')}"
    seen = {}
    command = click.Command("c", params=options.FACTS, callback=lambda **values: seen.update(values))
    if spec.kind == "bool":
        for words, value in (([flag], True), ([f"--no-{flag[2:]}"], False), ([], None)):
            command.main(words, standalone_mode=False)
            assert seen[name] is value
        return
    text, value = (spec.choices[-1],) * 2 if spec.kind == "choice" else _VALUES[spec.kind]
    command.main([flag, *text.split()], standalone_mode=False)
    assert options.given_facts(seen) == {name: value}
    with pytest.raises(click.BadParameter, match="replace it by what you know"):
        command.main([flag, *(["X?"] * len(text.split()))], standalone_mode=False)


def test_what_was_not_given_is_left_out():
    assert options.given_facts({"sr": 8000, "n_fft": None, "plot_area": (0, 0, 9, 9)}) == {
        "sr": 8000,
        "plot_area": (0, 0, 9, 9),
    }


def test_the_values_of_a_group_are_taken_away():
    phase = {"method": "gla", "init": None, "n_iter": 3, "quality": "best", "force": False, "strict": True, "seed": 0}
    values = {"sr": 1, **phase}
    taken = options.taken(values, options.PHASE)
    assert taken == phase
    assert values == {"sr": 1}


def test_no_two_options_of_a_command_have_one_name():
    groups = (options.PLACES, options.FACTS, options.PHASE, options.SOUND, options.BATCH)
    flags = [flag for group in groups for option in group for flag in option.opts]
    assert len(flags) == len(set(flags))


def test_help_lists_what_the_registries_have():
    context = click.Context(click.Command("decode"))
    for option, registry in ((options.PHASE[0], methods), (options.PHASE[1], starts)):
        _, text = option.get_help_record(context) or ("", "")
        for name in registry.names():
            assert name in text


def test_help_of_encode_lists_every_scale_that_can_be_drawn():
    (option,) = (option for option in encode.DRAWING if option.name == "freq_scale")
    for name in scales.FREQ_SCALES:
        assert (name in re.split(r"\W+", str(option.help))) == (scales.get(name).kind != "cqt")


def test_help_lists_the_picture_formats_of_the_table(monkeypatch):
    def said() -> str:
        return " ".join(encode.encode.get_help(click.Context(encode.encode)).split())

    assert "png, jpeg, webp or tiff; by default the output's suffix, else png." in said()
    entry = PictureFormat("PPM", "PPM", rb"P6", (".ppm",), save=lambda saving: {})
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, entry))
    assert "png, jpeg, webp, tiff or ppm;" in said()


@pytest.mark.parametrize("command", cli.cli.commands.values(), ids=lambda command: str(command.name))
def test_every_option_is_explained(command):
    context = click.Context(command)
    for option in command.params:
        if isinstance(option, click.Option):
            assert (option.get_help_record(context) or ("", ""))[1], option.name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParameterError("x"), 2),
        (CalibrationError("x"), 2),
        (PictureError("x"), 1),
        (AudioError("x"), 1),
        (OutputError("x"), 1),
    ],
)
def test_wrong_wishes_are_usage_and_all_else_is_fatal(error, code):
    assert exit_codes.of_error(error) == code


@pytest.mark.parametrize(
    ("summary", "code"),
    [
        (Summary(done=3), 0),
        (Summary(done=3, failed=1), 3),
        (Summary(outcome="interrupted", failed=1), 130),
        (Summary(outcome="incomplete"), 1),
        (Summary(outcome="stopped", failed=1), 3),
    ],
)
def test_batches_tell_partial_failure_from_failure(summary, code):
    assert exit_codes.of_summary(summary) == code
