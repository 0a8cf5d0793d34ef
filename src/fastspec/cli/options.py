"""Groups of command-line options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


class _Listing(click.Option):
    """An option whose help ends with the names that a registry of `fastspec.phase` has, those of other packages too.

    They are looked up for the help only: a start of the program costs nothing more.
    """

    def __init__(self, *declared: Any, registry: str, **more: Any) -> None:
        super().__init__(*declared, **more)
        self.registry = registry

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        names = import_module(f"fastspec.phase.{self.registry}").names()
        record = super().get_help_record(ctx)
        return record and (record[0], f"{record[1]}: {', '.join(names)}.")


FACTS = _options(
    click.option("--profile", help="How the picture was drawn: librosa, librosa-0.8, sox, audacity ..."),
    click.option("--sr", type=int, help="Sample rate in Hz."),
    click.option("--n-fft", type=int, help="FFT length in samples."),
    click.option("--hop-length", type=int, help="Samples between frames."),
    click.option("--win-length", type=int, help="Window length in samples; n_fft if not given."),
    click.option("--window", help="Window by its SciPy name, or hanning for numpy's symmetric one."),
    click.option("--duration", type=float, help="Seconds of sound that the picture shows."),
    click.option("--freq-scale", help="linear, log (librosa's), mel or cqt; Audacity's bark, erb or period."),
    click.option("--fmin", type=float, help="Lowest frequency in Hz (mel and cqt)."),
    click.option("--fmax", type=float, help="Highest frequency in Hz (mel)."),
    click.option("--n-mels", type=int, help="Number of mel bands."),
    click.option("--cmap", help="Colormap by its matplotlib name; add _r for the reverse."),
    click.option("--db-range", type=(float, float), metavar="LO HI", help="Decibels of the lowest and highest colour."),
    click.option("--channels", type=int, help="Channels that the picture shows; 1 if not given or seen."),
    click.option(
        "--channel-layout",
        type=click.Choice(["stacked", "green-blue"]),
        help="Where they are: below each other (if not given), or in the colours green and blue.",
    ),
    click.option(
        "--crop", type=(int, int, int, int), metavar="L T R B", help="Plot area in pixels: left top right bottom."
    ),
)
PHASE = _options(
    click.option("--method", cls=_Listing, registry="methods", help="Phase retrieval"),
    click.option("--init", cls=_Listing, registry="starts", help="Start"),
    click.option("--n-iter", type=int, help="Iterations."),
    click.option("--quality", type=click.Choice(["fast", "balanced", "best"]), default="balanced", show_default=True),
    click.option("--force", is_flag=True, help="Decode even what seems to be no spectrogram."),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random."),
)
SOUND = _options(
    click.option("--format", "audio_format", help="Sound format; by default the output's suffix, else WAV."),
    click.option("--subtype", help="Sample format, e.g. PCM_16, PCM_24, FLOAT, VORBIS."),
    click.option("--mono", is_flag=True, help="One sound of a picture of several channels, by their mean power."),
    click.option("--no-normalize", is_flag=True, help="Keep the absolute level instead of peak-normalising."),
)
PLACES = _options(
    click.option("-o", "--output", help="Output file, for one input; replaced if it exists."),
    click.option("--out-dir", help="Output folder; the structure of input folders is kept."),
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist in --out-dir or beside the input."),
)


MAX_PIXELS = click.option(
    "--max-pixels", type=click.IntRange(1), help="Largest picture (67108864); a spectrum may have four cells a pixel."
)
MAX_SECONDS = click.option("--max-seconds", type=click.FloatRange(0, min_open=True), help="Longest sound (any).")


def given_facts(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, under the names of the facts."""
    facts = {k: v for k, v in options.items() if v is not None}
    if "crop" in facts:
        facts["plot_area"] = facts.pop("crop")
    return facts
