"""Groups of options: what was given, under which name, and what the program's exit code says."""

from __future__ import annotations

import click
import pytest

from fastspec import cli
from fastspec.batch.summary import Summary
from fastspec.calibration.facts import FACTS
from fastspec.cli import encode, exit_codes, options
from fastspec.errors import AudioError, CalibrationError, OutputError, ParameterError, PictureError
from fastspec.phase import methods, starts
from fastspec.picture import formats
from fastspec.picture.formats import PictureFormat


def test_each_option_of_a_fact_is_one():
    names = set(options.given_facts({str(option.name): 1 for option in options.FACTS}))
    assert names <= FACTS.keys()
    assert "plot_area" in names  # by the name of --crop


def test_what_was_not_given_is_left_out():
    assert options.given_facts({"sr": 8000, "n_fft": None, "crop": (0, 0, 9, 9)}) == {
        "sr": 8000,
        "plot_area": (0, 0, 9, 9),
    }


def test_the_values_of_a_group_are_taken_away():
    values = {"sr": 1, "method": "gla", "init": None, "n_iter": 3, "quality": "best", "force": False, "seed": 0}
    taken = options.taken(values, options.PHASE)
    assert taken == {"method": "gla", "init": None, "n_iter": 3, "quality": "best", "force": False, "seed": 0}
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
        if isinstance(option, click.Option) and not isinstance(option.type, click.Choice):
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
