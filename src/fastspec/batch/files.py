"""`decode_files` and `encode_files`: many inputs to outputs, as one batch."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from fastspec.batch.config import decode_config, encode_config
from fastspec.batch.run import Batch, Options
from fastspec.picture import formats as picture_formats
from fastspec.sound import formats as sound_formats

_HOW = tuple(field.name for field in fields(Options))


def decode_files(
    inputs: Iterable[str | os.PathLike[str]],
    out_dir: str | os.PathLike[str],
    *,
    facts: str | os.PathLike[str] | None = None,
    facts_out: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Batch:
    """Pictures to sound files, once the returned Batch is iterated: a record (dict) for each input as it ends.

    inputs : files, folders, globs, "@list"; any iterable, consumed once. out_dir : a folder, local or remote.
    options : how the batch runs (`Options`: jobs, resume, overwrite ...), what is known and how to retrieve
    (`Decoder`'s), and how to write: `audio_format`, `subtype`, `normalize`.
    facts : a CSV file with a column `path` and one for any fact, of inputs for which other facts hold than for all;
    its cells override `options`. facts_out : a CSV file of the same kind, of the facts that each output was made with.

    Among the options, `originals` is the folder of the sounds that edited pictures were drawn of, each with the stem of
    its picture: they come out with the edits alone made anew (`Decoder.retouch`, whose `trust` may be given), in their
    own subtype and at their own level.

    Raises ParameterError or CalibrationError for options, now; for the rest see `Batch`.
    """
    how = {name: options.pop(name) for name in _HOW if name in options}
    config = decode_config(facts=facts, **options)
    suffixes = picture_formats.searched_suffixes()
    return Batch(config, inputs, out_dir, suffixes=suffixes, facts=facts, facts_out=facts_out, **how)


def encode_files(inputs: Iterable[str | os.PathLike[str]], out_dir: str | os.PathLike[str], **options: Any) -> Batch:
    """Sound files to pictures; as `decode_files`, with `Encoder`'s options, `picture_format`, `jpeg_quality` and
    `sidecar` (OUTPUT.json, the calibration, beside each picture).
    """
    how = {name: options.pop(name) for name in _HOW if name in options}
    return Batch(encode_config(**options), inputs, out_dir, suffixes=sound_formats.searched_suffixes(), **how)
