"""`fastspec encode`: sound into pictures of spectrograms."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fastspec.cli import output, progress
from fastspec.cli.options import BATCH, INPUTS, MAX_SECONDS, PLACES, Listing, taken
from fastspec.errors import ParameterError, listed

if TYPE_CHECKING:
    from fastspec.batch.inputs import Item


def _formats() -> str:
    from fastspec.picture.formats import writable

    return f"{listed(entry.name.lower() for entry in writable())}; by default the output's suffix, else png."


DRAWING = [
    click.Option(["--n-fft"], type=int, help="FFT length in samples; default: 2048, or that of the profile's tool."),
    click.Option(["--hop-length"], type=int, help="Samples between frames; default: win_length // 4."),
    click.Option(["--win-length"], type=int, help="Window length in samples; default: n_fft."),
    click.Option(
        ["--window"],
        default="hann",
        show_default=True,
        help="Window by its SciPy name, with parameters as in tukey:0.25.",
    ),
    click.Option(["--freq-scale"], help="linear, log, mel, bark, erb or period; all but linear look like specshow."),
    click.Option(["--n-mels"], type=int, help="Number of mel bands (mel only)."),
    click.Option(["--fmin"], type=float, help="Lowest frequency in Hz (mel only)."),
    click.Option(["--fmax"], type=float, help="Highest frequency in Hz (mel only)."),
    click.Option(
        ["--cmap"],
        help="Colormap: a matplotlib name, or a file with its table; default: magma, or gray with --bits 16.",
    ),
    click.Option(
        ["--db-range"], type=(float, float), metavar="LO HI", help="Decibels of the quietest and loudest colour."
    ),
    click.Option(["--size"], help="Width x height in pixels, e.g. 640x480; default: one pixel per frame and bin."),
    click.Option(["--bits"], type=click.Choice(["8", "16"]), default="8", show_default=True, help="Bits per level."),
    click.Option(
        ["--profile"],
        help="How to draw: fastspec, librosa, librosa-0.8, sox, riffusion, audacity, audio-diffusion or spek.",
    ),
]
WRITING = [
    Listing(["--format", "picture_format"], _formats),
    click.Option(
        ["--sidecar"],
        is_flag=True,
        help="Also write the calibration beside the picture, as PICTURE.json: decoding finds it there if an editor has "
        "dropped it from the picture.",
    ),
    click.Option(["--quality"], type=click.IntRange(1, 100), default=95, show_default=True, help="JPEG quality."),
]


@click.command(params=[INPUTS, *PLACES, *BATCH, *DRAWING, *WRITING, MAX_SECONDS])
def encode(inputs: tuple[str, ...], **options: Any) -> int:
    """Draw sound files as spectrogram pictures that carry their own calibration."""
    many, places, writing = taken(options, BATCH), taken(options, PLACES), taken(options, WRITING)
    drawing = {**options, "size": _parsed_size(options["size"]), "bits": int(options["bits"])}
    if places["out_dir"] is not None and places["output"] is None:
        from fastspec.batch import encode_files

        drawing |= {"picture_format": writing["picture_format"], "jpeg_quality": writing["quality"]}
        drawing["sidecar"] = writing["sidecar"]
        drawing["overwrite"] = places["overwrite"]
        with progress.compiling_said():
            return progress.run_batch(partial(encode_files, inputs, places["out_dir"], **drawing), many, "sound")
    progress.refuse(many)
    return _encode_few(inputs, drawing, writing, places)


def _encode_few(
    inputs: tuple[str, ...], drawing: dict[str, Any], writing: dict[str, Any], places: dict[str, Any]
) -> int:
    from fastspec.batch import storage
    from fastspec.batch.config import picture_output
    from fastspec.batch.inputs import items_of
    from fastspec.encoder import Encoder
    from fastspec.picture import files as picture_files
    from fastspec.sound import files as sound_files
    from fastspec.sound.formats import searched_suffixes

    encoder = Encoder(**{k: v for k, v in drawing.items() if v is not None})
    form, quality = writing["picture_format"], writing["quality"]
    suffix, _ = picture_output(form, places["output"])
    items = items_of(
        inputs,
        suffixes=searched_suffixes(),
        new_suffix=suffix,
        out=places["output"],
        out_dir=places["out_dir"],
        overwrite=places["overwrite"],
        say=output.say,
    )

    def convert(item: Item) -> str:
        y, rate = sound_files.read(item.source, longest=encoder.max_seconds)
        picture = encoder.encode(y, rate)
        for remark in encoder.remarks(y, rate):
            output.say(f"{item.source}: {remark}")
        storage.make_folder(str(item.target.parent))
        picture_files.write(picture, item.target, format=form, quality=quality, sidecar=writing["sidecar"])
        if picture.width * picture.height > picture_files.MAX_PIXELS:
            output.say(f"{item.target}: decoding it needs --max-pixels {picture.width * picture.height}")
        return output.row(item.target, f"{picture.width} x {picture.height}")

    with progress.compiling_said():
        return progress.run_items(items, convert, "sound")


def _parsed_size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise ParameterError(f"--size {text!r} is not width x height in pixels, such as 640x480") from None
    return width, height
