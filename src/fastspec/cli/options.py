"""Groups of command-line options that several commands share; each group's values are taken together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

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
FACTS = [
    click.Option(["--profile"], help="How the picture was drawn: librosa, librosa-0.8, sox, audacity ..."),
    click.Option(["--sr"], type=int, help="Sample rate in Hz."),
    click.Option(["--n-fft"], type=int, help="FFT length in samples."),
    click.Option(["--hop-length"], type=int, help="Samples between frames."),
    click.Option(["--win-length"], type=int, help="Window length in samples; n_fft if not given."),
    click.Option(["--window"], help="Window by its SciPy name, or hanning for numpy's symmetric one."),
    click.Option(["--duration"], type=float, help="Seconds of sound that the picture shows."),
    click.Option(["--freq-scale"], help="linear, log (librosa's), mel or cqt; Audacity's bark, erb or period."),
    click.Option(["--fmin"], type=float, help="Lowest frequency in Hz (mel and cqt)."),
    click.Option(["--fmax"], type=float, help="Highest frequency in Hz (mel)."),
    click.Option(["--n-mels"], type=int, help="Number of mel bands."),
    click.Option(
        ["--cmap"],
        help="Colormap by its matplotlib name, _r added for the reverse, or a file with its table: CSV, .npy, a strip.",
    ),
    click.Option(
        ["--db-range"], type=(float, float), metavar="LO HI", help="Decibels of the lowest and highest colour."
    ),
    click.Option(["--channels"], type=int, help="Channels that the picture shows; 1 if not given or seen."),
    click.Option(
        ["--channel-layout"],
        type=click.Choice(["stacked", "green-blue"]),
        help="Where they are: below each other (if not given), or in the colours green and blue.",
    ),
    click.Option(
        ["--crop"], type=(int, int, int, int), metavar="L T R B", help="Plot area in pixels: left top right bottom."
    ),
    click.Option(
        ["--panel"],
        type=click.IntRange(1),
        metavar="N",
        help="Which spectrogram of a figure of several: 1, 2 ... row by row from the top left.",
    ),
]
PHASE = [
    Listing(["--method"], _methods),
    Listing(["--init"], _starts),
    click.Option(["--n-iter"], type=int, help="Iterations."),
    click.Option(["--quality"], type=click.Choice(["fast", "balanced", "best"]), default="balanced", show_default=True),
    click.Option(["--force"], is_flag=True, help="Decode even what does not look like a spectrogram."),
    click.Option(["--seed"], type=int, default=0, show_default=True, help="Seed of everything random."),
]
SOUND = [
    click.Option(["--format", "audio_format"], help="Sound format; by default the output's suffix, else WAV."),
    click.Option(["--subtype"], help="Sample format, e.g. PCM_16, PCM_24, FLOAT, VORBIS."),
    click.Option(["--mono"], is_flag=True, help="One sound of a picture of several channels, by their mean power."),
    click.Option(["--no-normalize"], is_flag=True, help="Keep the absolute level instead of peak-normalising."),
]
BATCH = [
    click.Option(["--jobs"], type=click.IntRange(1), help="Files converted at a time; one a core if not given."),
    click.Option(["--resume"], is_flag=True, help="Go on where an earlier run into --out-dir stopped."),
    click.Option(["--retry-failed"], is_flag=True, help="As --resume, and try what failed again."),
    click.Option(["--on-error"], type=click.Choice(["continue", "stop"]), default="continue", show_default=True),
    click.Option(["--dry-run"], is_flag=True, help="Only list what would be converted into what."),
    click.Option(["--report"], metavar="FILE", help="Write a summary in JSON."),
    click.Option(["--log-json"], is_flag=True, help="Print results and progress as lines of JSON."),
    click.Option(["--engine"], type=click.Choice(["threads", "dask"]), default="threads", show_default=True),
    click.Option(["--scheduler"], metavar="ADDRESS", help="Of the Dask cluster; without it a local one starts."),
    click.Option(["--shard-size"], type=click.IntRange(1), help="Files that a worker takes at a time."),
]
MAX_PIXELS = click.Option(
    ["--max-pixels"],
    type=click.IntRange(1),
    help="Largest picture (67108864); a spectrum may have four cells a pixel.",
)
MAX_SECONDS = click.Option(["--max-seconds"], type=click.FloatRange(0, min_open=True), help="Longest sound (any).")


def taken(values: dict[str, Any], group: Sequence[click.Option]) -> dict[str, Any]:
    """The values of a group's options by their names, removed from `values`."""
    return {str(option.name): values.pop(str(option.name)) for option in group}


def given_facts(values: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, under the names of the facts."""
    facts = {k: v for k, v in values.items() if v is not None}
    if "crop" in facts:
        facts["plot_area"] = facts.pop("crop")
    return facts
