"""`fastspec decode`: pictures of spectrograms into sound."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from fastspec.cli import output, progress
from fastspec.cli.options import (
    BATCH,
    FACTS,
    INPUTS,
    LIKE,
    MAX_PIXELS,
    MAX_SECONDS,
    PHASE,
    PICTURE_LIMITS,
    PLACES,
    SOUND,
    TABLES,
    given_facts,
    taken,
)
from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastspec.batch.inputs import Item
    from fastspec.decoder import Decoder

LIMITS = [MAX_PIXELS, MAX_SECONDS, *PICTURE_LIMITS]
PLOT = click.Option(["--plot"], help="Also draw what was read into this file: picture, magnitude, waveform.")


@click.command(params=[INPUTS, *PLACES, *FACTS, LIKE, *TABLES, *PHASE, *SOUND, *BATCH, *LIMITS, PLOT])
def decode(inputs: tuple[str, ...], plot: str | None, **options: Any) -> int:
    """Turn pictures of spectrograms into sound.

    INPUTS are files, folders, globs, @list or - (a list on standard input). Files of strangers need no more care than
    others: what is damaged, of no known format, larger than 512 MiB or beyond --max-pixels, --max-seconds, --max-memory
    and --timeout is refused before memory is taken for it. An embedded calibration of more than 64 KiB is ignored.

    Where an editor has dropped the calibration, PICTURE.json beside the picture is read, see encode --sidecar; of a
    picture that was saved under another name, --like DRAWN.png names the one that still carries it.
    """
    many, places, sound = taken(options, BATCH), taken(options, PLACES), taken(options, SOUND)
    tables = taken(options, TABLES)
    decoding = {**taken(options, PHASE), "mono": sound.pop("mono"), **given_facts(options)}
    sound["normalize"] = not sound.pop("no_normalize")
    if places["out_dir"] is not None and places["output"] is None:
        from fastspec.batch import decode_files

        if plot is not None:
            raise ParameterError(f"--plot {plot} draws one picture; name its sound with -o instead of --out-dir")
        how = {**decoding, **sound, **tables, "overwrite": places["overwrite"]}
        with progress.compiling_said():
            return progress.run_batch(partial(decode_files, inputs, places["out_dir"], **how), many, "picture")
    progress.refuse(many)
    return _decode_few(inputs, plot, decoding, sound, {**places, **tables})


def _decode_few(
    inputs: tuple[str, ...],
    plot: str | None,
    decoding: dict[str, Any],
    sound: dict[str, Any],
    places: dict[str, Any],
) -> int:
    from fastspec.batch import facts_table, storage
    from fastspec.batch.config import sound_output
    from fastspec.batch.inputs import items_of
    from fastspec.decoder import Decoder
    from fastspec.diagnostics import plotting
    from fastspec.picture.formats import searched_suffixes
    from fastspec.sound import files as sound_files

    decoder = Decoder(**decoding)
    form, subtype, normalize = sound["audio_format"], sound["subtype"], sound["normalize"]
    suffix, *_ = sound_output(form, subtype, places["output"])
    items = items_of(
        inputs,
        suffixes=searched_suffixes(),
        new_suffix=suffix,
        out=places["output"],
        out_dir=places["out_dir"],
        overwrite=places["overwrite"],
        say=output.say,
    )
    if plot is not None:
        _check_plot(plot, items, places["overwrite"])
    table, facts_out = places["facts"], places["facts_out"]
    if table is not None:
        decoder = _with_facts(decoding, table, items)
    if facts_out is not None:
        facts_table.check_target(facts_out, table, places["overwrite"])

    def convert(item: Item) -> str:
        decoded = decoder.read(item.source)
        for remark in decoded.calibration.remarks:
            output.say(f"{item.source}: {remark}")
        y = decoder.waveform(decoded)
        sr = int(decoded.calibration["sr"])
        storage.make_folder(str(item.target.parent))
        gain = sound_files.write(item.target, y, sr, format=form, subtype=subtype, normalize=normalize)
        if not normalize and gain < 1:
            output.say(
                f"{item.target}: scaled by {gain:.3g}, because it would have been clipped; --subtype FLOAT keeps it"
            )
        if plot is not None:
            plotting.plot_decoded(decoded, y, plot)
        if facts_out is not None:
            cells = facts_table.used_by(decoded.calibration)
            facts_table.write(facts_out, lambda: [(str(item.source), cells)])
        channels = [f"{len(y)} channels"] if y.ndim == 2 else []
        return output.row(item.target, f"{y.shape[-1] / sr:.2f} s", f"{sr} Hz", *channels)

    with progress.compiling_said():
        return progress.run_items(items, convert, "picture")


def _with_facts(decoding: dict[str, Any], table: str, items: Sequence[Item]) -> Decoder:
    """The decoder of the one input, with the facts that a table gives it."""
    from fastspec.batch import facts_table
    from fastspec.batch.config import decoder_of
    from fastspec.plot import colour_table

    own = facts_table.of_inputs(table, [str(item.source) for item in items])
    decoder: Decoder = decoder_of(json.dumps(colour_table.portable(decoding)), own.get(str(items[0].source), "{}"))
    return decoder


def _check_plot(plot: str, items: Sequence[Item], overwrite: bool) -> None:
    """Raise ParameterError where `--plot` would draw several pictures or replace something."""
    if len(items) > 1:
        raise ParameterError(f"--plot {plot} draws one picture, but there are {len(items)} inputs; give one input")
    if os.path.exists(plot) and not overwrite:
        raise ParameterError(f"--plot {plot} exists; add --overwrite to replace it, or name another file")
    if os.path.exists(plot) and os.path.samefile(plot, items[0].source):
        raise ParameterError(f"--plot {plot} would replace the picture itself; name another file")
