"""What an option takes at most and at least, what it is when it is not given, and what help says of it."""

from __future__ import annotations

import click
import pytest

from fastspec import cli
from fastspec.cli import options
from fastspec.errors import ParameterError

COMMANDS = cli.cli.commands
ALL = [(str(name), option) for name, command in COMMANDS.items() for option in command.params]


def parsed(command, *words):
    """The values of the options that these words give."""
    return COMMANDS[command].make_context(command, ["x", *words]).params


@pytest.mark.parametrize(
    ("command", "flag", "right", "wrong"),
    [
        ("decode", "--jobs", ["1", "64"], ["0", "-1", "1.5"]),
        ("decode", "--shard-size", ["1"], ["0"]),
        ("decode", "--max-pixels", ["1"], ["0"]),
        ("decode", "--max-seconds", ["0.001", "inf"], ["0", "-1"]),
        ("decode", "--timeout", ["0.001", "inf"], ["0", "-1"]),
        ("decode", "--max-memory", ["1", "1b", "1k", "inf"], ["0", "-1", "0.9", "k", "x", "nan", ""]),
        ("inspect", "--max-pixels", ["1"], ["0"]),
        ("encode", "--quality", ["1", "100"], ["0", "101"]),
        ("encode", "--bits", ["8", "16"], ["7", "12"]),
        ("encode", "--max-seconds", ["0.001"], ["0"]),
        ("decode", "--quality", ["fast", "balanced", "best"], ["good"]),
        ("decode", "--on-error", ["continue", "stop"], ["go"]),
        ("decode", "--engine", ["threads", "dask"], ["mpi"]),
        ("decode", "--level-unit", ["dB", "DB", "ln"], ["sone"]),
    ],
)
def test_the_last_values_that_are_taken(command, flag, right, wrong):
    name = flag[2:].replace("-", "_")
    for text in right:
        assert parsed(command, flag, text)[name] is not None
    for text in wrong:
        with pytest.raises(click.BadParameter):
            parsed(command, flag, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("1.5k", 1500), ("2M", 2e6), (" 3GB ", 3e9), ("1gib", 1e9), ("7t", 7e12), ("inf", float("inf"))],
)
def test_bytes_have_units(text, number):
    assert options.number_of_bytes(text) == number


def test_what_is_not_given_is_nothing_or_what_help_says():
    usual = {"quality": ("balanced", 95), "seed": (0,), "on_error": ("continue",), "engine": ("threads",),
             "window": ("hann",), "bits": ("8",)}  # fmt: skip
    for command in ("decode", "encode", "inspect"):
        for name, value in parsed(command).items():
            if name == "inputs":
                assert value == ("x",)
            elif value is not None and value is not False:
                assert value in usual[name], (command, name)
    assert parsed("decode")["quality"] == "balanced"
    drawn = parsed("encode")
    assert (drawn["quality"], drawn["window"], drawn["bits"]) == (95, "hann", "8")
    assert all(parsed("decode")[flag] is False for flag in ("resume", "overwrite", "force", "strict", "mono"))
    assert parsed("decode")["center"] is None
    assert COMMANDS["warmup"].make_context("warmup", []).params == {"n_fft": (1024, 2048), "float64": False}
    assert COMMANDS["doctor"].make_context("doctor", []).params == {"as_json": False, "no_self_test": False}


def test_inputs_are_required_and_several():
    for command in ("decode", "encode", "inspect"):
        with pytest.raises(click.MissingParameter):
            COMMANDS[command].make_context(command, [])
        context = COMMANDS[command].make_context(command, ["a", "b"])
        assert context.params["inputs"] == ("a", "b")
    assert COMMANDS["warmup"].make_context("warmup", ["--n-fft", "8", "--n-fft", "16"]).params["n_fft"] == (8, 16)


@pytest.mark.parametrize(("command", "option"), ALL, ids=lambda v: v if isinstance(v, str) else v.name)
def test_help_tells_what_it_is_what_it_takes_and_what_it_is_otherwise(command, option):
    if not isinstance(option, click.Option):
        return
    context = click.Context(COMMANDS[command])
    left, right = option.get_help_record(context) or ("", "")
    told = right.split("[default:")[0].strip()
    assert len(told) > 10, left
    words = [] if command in ("warmup", "doctor") else ["x"]
    value = COMMANDS[command].make_context(command, words).params[str(option.name)]
    if value not in (None, False):
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        assert f"[default: {shown}" in right
    if option.is_flag or option.is_bool_flag:
        assert left.split()[-1].startswith("--")
        return
    assert len(left.split()) > 1, left  # what it takes
    assert not left.split()[-1].startswith("<"), left  # a tuple of types, named by nobody


TAKES = {
    "--db-range": "LO HI", "--level-range": "LO HI", "--time-extent": "LO HI", "--plot-area": "L T R B",
    "--plot-hidden": "L T R B", "--plot-offsets": "L T R B", "--facts": "FILE", "--facts-out": "FILE",
    "--report": "FILE", "--scheduler": "ADDRESS", "--max-memory": "BYTES", "--timeout": "SECONDS", "--hear": "DIR",
}  # fmt: skip


@pytest.mark.parametrize("flag", TAKES)
def test_what_a_value_is_has_a_name(flag):
    found = [(command, option) for command, option in ALL if flag in option.opts]
    assert found
    for command, option in found:
        context = click.Context(COMMANDS[command])
        assert option.make_metavar(context).startswith(TAKES[flag])


def test_help_is_short_and_as_wide_as_its_lines(run):
    code, text, _ = run("--help")
    assert code == 0
    assert run("-h")[1] == text
    assert run("--version")[1].startswith("fastspec, version ")
    assert cli.cli.context_settings["max_content_width"] == 110


@pytest.mark.parametrize(
    ("text", "size"), [(None, None), ("64x48", (64, 48)), ("64X48", (64, 48)), (" 64 x 48 ", (64, 48))]
)
def test_sizes(text, size):
    from fastspec.cli import encode

    assert encode._parsed_size(text) == size
    for wrong in ("", "64", "64x", "64x48x2", "axb", "6.4x48"):
        with pytest.raises(ParameterError, match="is not width x height in pixels"):
            encode._parsed_size(wrong)
