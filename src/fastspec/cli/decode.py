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
    ORIGINALS,
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
    from collections.abc import Callable, Sequence

    from fastspec.batch.inputs import Item
    from fastspec.decoder import Decoder

LIMITS = [MAX_PIXELS, MAX_SECONDS, *PICTURE_LIMITS]
PLOT = click.Option(["--plot"], help="Also plot what was read (picture, magnitude, waveform) into this file.")


@click.command(params=[INPUTS, *PLACES, *FACTS, LIKE, *ORIGINALS, *TABLES, *PHASE, *SOUND, *BATCH, *LIMITS, PLOT])
def decode(inputs: tuple[str, ...], plot: str | None, **options: Any) -> int:
    """Turn pictures of spectrograms into sound.

    INPUTS are files, folders, globs, @list or - (a list on standard input). It is safe to decode files from strangers:
    files that are damaged, of an unknown format, larger than 512 MiB, or beyond --max-pixels, --max-seconds,
    --max-memory or --timeout are refused before memory is taken for them.

    If an editor has dropped the embedded calibration, it is read from PICTURE.json beside the picture (see encode
    --sidecar), or from another picture of the same drawing that you name with --like DRAWN.png.

    For an edited picture, name the sound that it was drawn from with --original: everything that was not edited stays
    as it was, sample for sample, at its own rate, level and subtype. Unknown facts are found by drawing it again.
    """
    many, places, sound = taken(options, BATCH), taken(options, PLACES), taken(options, SOUND)
    tables, sources = taken(options, TABLES), taken(options, ORIGINALS)
    _check_originals(sources)
    if plot is not None or sound["mono"]:
        _refuse_with_originals(sources, "--plot" if plot is not None else "--mono")
    decoding = {**taken(options, PHASE), "mono": sound.pop("mono"), **given_facts(options)}
    if sound["normalize"] is None:  # a sound with edits has its original's level
        sound["normalize"] = sources["original"] is sources["originals"] is None
    if places["out_dir"] is not None and places["output"] is None:
        from fastspec.batch import decode_files

        if plot is not None:
            raise ParameterError(f"--plot {plot} draws one picture; name its sound with -o instead of --out-dir")
        if sources["original"] is not None:
            raise ParameterError("--original names the sound of one picture; with --out-dir give --originals DIR")
        told = {name: value for name, value in sources.items() if value is not None}
        how = {**decoding, **sound, **tables, **told, "overwrite": places["overwrite"]}
        with progress.compiling_said():
            return progress.run_batch(partial(decode_files, inputs, places["out_dir"], **how), many, "picture")
    progress.refuse(many)
    return _decode_few(inputs, plot, decoding, sound, {**places, **tables, **sources})


def _decode_few(
    inputs: tuple[str, ...],
    plot: str | None,
    decoding: dict[str, Any],
    sound: dict[str, Any],
    places: dict[str, Any],
) -> int:
    from fastspec.batch import facts_table, storage
    from fastspec.batch.config import sound_output
    from fastspec.batch.inputs import check_kept, items_of
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
    check_kept(items, _sounds_of(places))
    if plot is not None:
        _check_plot(plot, items, places["overwrite"])
    table, facts_out = places["facts"], places["facts_out"]
    if table is not None:
        decoder = _with_facts(decoding, table, items)
    if facts_out is not None:
        facts_table.check_target(facts_out, table, places["overwrite"])

    original_of = _original_of(places)

    def convert(item: Item) -> str:
        if original_of is not None:
            return _retouch(decoder, item, original_of(str(item.source)), places, sound)
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


def _check_originals(sources: dict[str, Any]) -> None:
    """Raise ParameterError for options of originals that do not fit each other."""
    if sources["original"] is not None and sources["originals"] is not None:
        raise ParameterError("--original names one sound and --originals a folder of them; give one of the two")
    if sources["trust"] is not None:
        from fastspec.retouch.retouched import check_trust

        check_trust(sources["trust"])  # click lets NaN pass
    if sources["trust"] is not None and sources["original"] is sources["originals"] is None:
        raise ParameterError(f"--trust {sources['trust']:g} needs --original or --originals; name the sound")


def _refuse_with_originals(sources: dict[str, Any], option: str) -> None:
    """Raise ParameterError where an option that is of pictures alone stands beside one of originals."""
    for name in ("original", "originals"):
        if sources[name] is not None:
            raise ParameterError(
                f"{option} works only for sound decoded from a picture alone: leave it out, or leave --{name} out"
            )


def _original_of(places: dict[str, Any]) -> Callable[[str], str] | None:
    """Which sound each picture was drawn of; None without."""
    from fastspec.retouch.folder import Originals

    if places["originals"] is not None:
        return Originals.of(places["originals"]).of_picture
    one: str | None = places["original"]
    return None if one is None else partial(_always, one)


def _sounds_of(places: dict[str, Any]) -> list[str]:
    """The sounds that pictures may have been drawn of, which no output may replace."""
    from fastspec.retouch.folder import Originals

    if places["originals"] is not None:
        return Originals.of(places["originals"]).paths
    return [] if places["original"] is None else [places["original"]]


def _always(original: str, _: str) -> str:
    return original


def _retouch(decoder: Decoder, item: Item, original: str, places: dict[str, Any], sound: dict[str, Any]) -> str:
    """Write the original of a picture with its edits; the line of results."""
    from fastspec.batch import facts_table, storage
    from fastspec.retouch import TRUST, writing

    trust = TRUST if places["trust"] is None else places["trust"]
    found = decoder.retouch(item.source, original, trust=trust)
    for remark in found.calibration.remarks:
        output.say(f"{item.source}: {remark}")
    storage.make_folder(str(item.target.parent))
    written = writing.write(
        item.target, found, format=sound["audio_format"], subtype=sound["subtype"], normalize=sound["normalize"]
    )
    clipped = written.remark()
    if clipped is not None:
        output.say(f"{item.target}: {clipped}")
    if places["facts_out"] is not None:
        cells = facts_table.used_by(found.calibration)
        facts_table.write(places["facts_out"], lambda: [(str(item.source), cells)])
    seconds, channels = found.wave.shape[-1] / found.sr, [f"{len(found.wave)} channels"] if found.wave.ndim == 2 else []
    return output.row(item.target, f"{seconds:.2f} s", f"{found.sr} Hz", *channels)


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
