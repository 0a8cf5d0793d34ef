"""Groups of command-line options that several commands share; each group's values are taken together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from fastspec.calibration.facts import FACTS as _SPECS
from fastspec.calibration.facts import FactSpec
from fastspec.calibration.level_units import UNITS as _UNITS
from fastspec.errors import listed


class Listing(click.Option):
    """An option whose help lists what there is. It is made when help is read: a start of the program pays nothing."""

    def __init__(self, declared: Sequence[str], describe: Callable[[], str]) -> None:
        super().__init__(declared)
        self.describe = describe

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = self.describe()
        return super().get_help_record(ctx)


def _methods() -> str:
    from fastspec.phase import methods

    return f"Phase retrieval: {listed(methods.names())}."


def _starts() -> str:
    from fastspec.phase import starts

    return f"Start: {listed(starts.names())}."


INPUTS = click.Argument(["inputs"], nargs=-1, required=True)

PLACES = [
    click.Option(["-o", "--output"], help="Output file, for one input; replaced if it exists."),
    click.Option(["--out-dir"], help="Output folder; the structure of input folders is kept."),
    click.Option(["--overwrite"], is_flag=True, help="Replace outputs that exist in --out-dir or beside the input."),
]
# what --help says of each fact, in its order; an option of each fact's own name, by its kind
_ABOUT = {
    "profile": "How the picture was drawn: librosa, librosa-0.8, sox, audacity ...",
    "sr": "Sample rate in Hz.",
    "duration": "Seconds of sound that the picture shows.",
    "n_frames": "Frames that the picture shows.",
    "n_fft": "FFT length in samples.",
    "hop_length": "Samples between frames.",
    "win_length": "Window length in samples; n_fft if not given.",
    "window": "Window by its SciPy name, with parameters as in tukey:0.25, or hanning for numpy's symmetric one.",
    "center": "Whether frame t is centred at t * hop_length, as in librosa, or begins there.",
    "freq_scale": "Frequency axis: {choices}. log is librosa's.",
    "freq_edges": "How cells lie on the frequency axis: {choices}.",
    "origin": "Where the lowest frequency is: at the bottom (lower) or at the top (upper).",
    "fmin": "Lowest frequency in Hz (mel and cqt).",
    "fmax": "Highest frequency in Hz (mel).",
    "n_mels": "Number of mel bands.",
    "mel_htk": "Use the mel formula of HTK, or Slaney's.",
    "mel_norm": "Norm of the mel filters: {choices}.",
    "mel_power": "Exponent of the magnitudes summed in mel bands: 2 for power, 1 for magnitude.",
    "n_bins": "Number of constant-Q bins (cqt).",
    "bins_per_octave": "Constant-Q bins per octave (cqt).",
    "linthresh": "Frequency in Hz below which a log axis is linear.",
    "linscale": "Length of the linear part of a log axis, in units of one power of --log-base.",
    "log_base": "Base of a log axis.",
    "cmap": "Colormap: a matplotlib name (with _r for the reverse), or a file with its table: CSV, .npy, a strip.",
    "cmap_rounding": "How levels were converted to colour indices: {choices}.",
    "db_range": "Decibels of the quietest and loudest colour.",
    "db_center": "Decibels of the middle colour, if it is not halfway: 0 for coolwarm in librosa 1.0.",
    "level_kind": "What colours stand for: {choices}.",
    "level_exponent": "Exponent of power_law levels, such as .25 for the fourth root of the amplitude.",
    "level_quantiser": "How levels were rounded: as by colormaps (cells) or as in gray images (rounded).",
    "ref": "Amplitude at 0 dB; if not given, only the overall loudness is unknown.",
    "channels": "Channels that the picture shows; 1 if not given or detected.",
    "panel": "Which spectrogram to read in a figure with several: 1, 2 ... row by row from the top left.",
    "channel_layout": "Where the channels are: below each other (stacked, the default), or in green and blue.",
    "columns": "What a column shows: one STFT frame (frames), or all sound in a span of time (spans).",
    "time_extent": "Seconds at the left and right border of the plot.",
    "column_step": "Seconds between columns that show spans of time.",
    "shown_n_fft": "FFT length that was drawn, if columns show spans of time and it differs from n_fft.",
    "one_sided": "Whether all bins except the lowest and highest hold twice the power, as in a one-sided density.",
    "plot_area": "Plot area in pixels: left top right bottom.",
    "plot_hidden": "Pixel lines of the plot that are covered by its frame: left top right bottom.",
    "plot_offsets": "Pixels by which the data extend beyond the plot area: left top right bottom.",
}
_TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "pair": (float, float),
    "box": (int,) * 4,
    "border": (int,) * 4,
    "offsets": (float,) * 4,
}
_METAVARS = {"pair": "LO HI", "box": "L T R B", "border": "L T R B", "offsets": "L T R B"}
_ALSO = {"plot_area": "--crop"}  # a shorter name, which stays
_NOT_GIVEN = frozenset({"cmap_table"})  # it comes with --cmap FILE


class FactOption(click.Option):
    """An option for a fact. `--sr HZ?`, as `fastspec inspect` prints what is not known, is refused with a remedy."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        words = value if isinstance(value, tuple | list) else (value,)
        if any(isinstance(word, str) and word.endswith("?") for word in words):
            shown = " ".join(map(str, words))
            raise click.BadParameter(f"{shown} stands for what you must give: replace it by what you know", ctx, self)
        return super().type_cast_value(ctx, value)


def _option(name: str, spec: FactSpec) -> click.Option:
    """The option of one fact."""
    flag = "--" + name.replace("_", "-")
    about = _ABOUT.get(name, "").replace("{choices}", ", ".join(spec.choices)) or f"If it is wrong: {spec.if_wrong}."
    if spec.kind == "bool":
        return FactOption([f"{flag}/--no-{flag[2:]}", name], default=None, help=about)
    kind = click.Choice(spec.choices) if spec.kind == "choice" else _TYPES.get(spec.kind)
    also = [_ALSO[name]] if name in _ALSO else []
    shown = f"[{'|'.join(spec.choices)}]" if spec.kind == "choice" else _METAVARS.get(spec.kind)
    return FactOption([flag, *also, name], type=kind, metavar=shown, help=about)


# no facts of their own: `fastspec.calibration.level_units` turns them into db_range and level_kind
LEVELS = [
    FactOption(
        ["--level-range"],
        type=(float, float),
        metavar="LO HI",
        help="Values of the quietest and loudest colour in --level-unit, instead of --db-range.",
    ),
    FactOption(
        ["--level-unit"],
        type=click.Choice(_UNITS, case_sensitive=False),
        metavar=f"[{'|'.join(_UNITS)}]",
        help="Unit of --level-range: ln and log10 are of power, unless --level-kind is given; linear needs it.",
    ),
]
FACTS = [_option(name, _SPECS[name]) for name in (*_ABOUT, *(_SPECS.keys() - _ABOUT.keys() - _NOT_GIVEN))] + LEVELS
PHASE = [
    Listing(["--method"], _methods),
    Listing(["--init"], _starts),
    click.Option(["--n-iter"], type=int, help="Number of iterations."),
    click.Option(
        ["--quality"],
        type=click.Choice(["fast", "balanced", "best"]),
        default="balanced",
        show_default=True,
        help="Speed or quality: sets --method, --init and --n-iter unless they are given.",
    ),
    click.Option(["--force"], is_flag=True, help="Decode a picture even if it does not look like a spectrogram."),
    click.Option(
        ["--strict"],
        is_flag=True,
        help="Refuse a picture if a fact that the sound depends on is only assumed.",
    ),
    click.Option(["--seed"], type=int, default=0, show_default=True, help="Seed of all random numbers."),
]
SOUND = [
    click.Option(["--format", "audio_format"], help="Sound format; by default the output's suffix, else WAV."),
    click.Option(["--subtype"], help="Sample format, e.g. PCM_16, PCM_24, FLOAT, VORBIS."),
    click.Option(["--mono"], is_flag=True, help="Mix the channels of a picture down to one, by their mean power."),
    click.Option(
        ["--normalize/--no-normalize"],
        default=None,
        help="Scale the peak to full scale, or keep the level. Default: scale, but with an original keep.",
    ),
]
BATCH = [
    click.Option(["--jobs"], type=click.IntRange(1), help="Files converted at the same time; default: one per core."),
    click.Option(["--resume"], is_flag=True, help="Continue an earlier run into --out-dir."),
    click.Option(["--retry-failed"], is_flag=True, help="Like --resume, but also retry files that failed."),
    click.Option(
        ["--on-error"],
        type=click.Choice(["continue", "stop"]),
        default="continue",
        show_default=True,
        help="What to do after a file has failed.",
    ),
    click.Option(["--dry-run"], is_flag=True, help="List inputs and their outputs without converting anything."),
    click.Option(["--report"], metavar="FILE", help="Write a JSON summary to this file."),
    click.Option(["--log-json"], is_flag=True, help="Print results and progress as lines of JSON."),
    click.Option(
        ["--engine"],
        type=click.Choice(["threads", "dask"]),
        default="threads",
        show_default=True,
        help="Convert in threads of this process, or on a Dask cluster.",
    ),
    click.Option(["--scheduler"], metavar="ADDRESS", help="Address of the Dask cluster; default: start a local one."),
    click.Option(["--shard-size"], type=click.IntRange(1), help="Files that are handed to a worker at a time."),
]
TABLES = [
    click.Option(["--facts"], metavar="FILE", help="CSV with facts of individual files: columns path and any facts."),
    click.Option(["--facts-out"], metavar="FILE", help="Write the facts used to such a CSV; guesses end in ?."),
]
LIKE = click.Option(
    ["--like"],
    metavar="FILE",
    help="Another picture of the same drawing, such as the unedited one, for facts that the picture itself does not "
    "embed; or its sidecar (.json), or the output of inspect --json.",
)
ORIGINAL = click.Option(
    ["--original"],
    metavar="FILE",
    help="The sound that the picture was drawn from: the output is this sound with the picture's edits.",
)
ORIGINALS = [
    ORIGINAL,
    click.Option(
        ["--originals"],
        metavar="DIR",
        help="Like --original, for many pictures: a folder of sounds with the same names, such as a.wav for a.png.",
    ),
    click.Option(
        ["--trust"],
        type=click.FloatRange(0, 200, min_open=True),
        metavar="DB",
        help="If the whole picture was changed (noise, blur): cells within this many decibels of the original keep its "
        "phase. Default: 6.",
    ),
]
MAX_PIXELS = click.Option(
    ["--max-pixels"],
    type=click.IntRange(1),
    help="Largest picture in pixels, default 67108864; a spectrum may have four cells per pixel.",
)


def number_of_bytes(value: str) -> float:
    """Bytes as they are given: 500M, 2G, 805000000, or inf for no limit. Raises BadParameter."""
    text = value.strip().lower().removesuffix("b").removesuffix("i")
    unit = _UNITS_OF_BYTES.get(text[-1:], 1)
    try:
        number = float(text[:-1] if unit > 1 else text) * unit
    except ValueError:
        number = 0.0
    if not number >= 1:
        raise click.BadParameter(f"{value!r} is not a number of bytes; give one such as 500M, 2G or inf")
    return number


_UNITS_OF_BYTES = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
PICTURE_LIMITS = [
    click.Option(
        ["--max-memory"],
        type=number_of_bytes,
        metavar="BYTES",
        help="Most memory for one picture, such as 2G, or inf. Default: depends on its pixels, at most 805M.",
    ),
    click.Option(
        ["--timeout"],
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
        help="Most processor time for one picture, estimated and measured, or inf. Default: estimated, depends on its "
        "pixels, at most 7; measured, 140.",
    ),
]
MAX_SECONDS = click.Option(
    ["--max-seconds"], type=click.FloatRange(0, min_open=True), help="Longest sound in seconds; default: no limit."
)


def taken(values: dict[str, Any], group: Sequence[click.Option]) -> dict[str, Any]:
    """The values of a group's options by their names, removed from `values`."""
    return {str(option.name): values.pop(str(option.name)) for option in group}


def given_facts(values: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, under the names of the facts."""
    return {name: value for name, value in values.items() if value is not None}
