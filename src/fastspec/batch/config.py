"""What a batch does to every file: one value that travels to other threads, processes and machines."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastspec import __version__
from fastspec.batch import facts_table
from fastspec.calibration import consistency
from fastspec.calibration.facts import shortened
from fastspec.errors import AudioError, ParameterError, PictureError
from fastspec.tools import native

# Releases whose batches can be resumed: equal options give this one's outputs, bit for bit (ci/freeze), except for
# pictures of tools that they did not know yet and for the SoX pictures that they read 1 % slow (CHANGELOG, 0.2.0), and
# for pictures that are drawn one pixel a bin and frame.
SAME_OUTPUTS = ("0.1.0",)


@dataclass(frozen=True)
class Config:
    """One configuration; hashable and picklable.

    kind : "decode" | "encode". converter : JSON of Decoder's or Encoder's options. sound : JSON of the options of
    writing. suffix : of the outputs, with its dot. settled : JSON of all that the outputs depend on.
    """

    kind: str
    converter: str
    writing: str
    suffix: str
    settled: str

    @property
    def fingerprint(self) -> str:
        """Equal for configurations that give equal outputs."""
        return hashlib.sha256(self.settled.encode()).hexdigest()

    def continues(self, run: dict[str, Any]) -> bool:
        """Whether a run, by the first line of its ledger, gave the outputs that this configuration gives."""
        if run.get("fingerprint") == self.fingerprint:
            return True
        settled = run.get("config")
        if not isinstance(settled, dict) or settled.get("fastspec") not in SAME_OUTPUTS:
            return False
        if settled.get("profile") == native.PROFILE.name:  # 0.2.0 marks such pictures
            return False
        return bool({**settled, "fastspec": __version__} == json.loads(self.settled))

    @property
    def unreadable(self) -> str:
        """The code of inputs that cannot be read."""
        return (PictureError if self.kind == "decode" else AudioError).code

    def originals(self) -> list[str]:
        """The sounds of the folder of originals."""
        from fastspec.retouch.folder import Originals

        folder = json.loads(self.writing).get("originals")
        return [] if folder is None else Originals.of(folder).paths

    def differences(self, other: object) -> list[str]:
        """What differs from the settled options of another run, as phrases. other : as its ledger has them."""
        mine: dict[str, Any] = json.loads(self.settled)
        if not isinstance(other, dict):
            return ["its ledger does not tell which"]
        show = {True: "set", False: "not set"}
        found = []
        for name in sorted({*mine, *other}):
            if mine.get(name) != other.get(name):
                both = (_shown(v[name]) if name in v else show[False] for v in (other, mine))
                before, now = (shortened(text) for text in both)
                found.append(f"{shortened(name)} was {before}, is {now}")
        return found


def decode_config(
    *,
    audio_format: str | None = None,
    subtype: str | None = None,
    normalize: bool | None = None,
    facts: str | os.PathLike[str] | None = None,
    originals: str | os.PathLike[str] | None = None,
    trust: float | None = None,
    **options: Any,
) -> Config:
    """The configuration of decoding. options : Decoder's. facts : a table of single files' facts (`facts_table`).

    originals : the folder of the sounds that edited pictures were drawn of (`retouch.folder`). trust : of
    `Decoder.retouch`. normalize : whether peaks are scaled to full scale; None: not of those that have originals.

    Raises ParameterError or CalibrationError.
    """
    from fastspec.plot import colour_table

    # a batch has its threads at work on different pictures
    options = colour_table.portable({**options, "workers": 1})
    if options.get("like") is not None:
        options["like"] = _portable_like(options)
    decoder = _decoder(_json(options))
    suffix, chosen, sample = sound_output(audio_format, subtype)
    writing = {"format": chosen, "subtype": sample, "normalize": normalize is not False}
    if originals is not None:  # each in its original's subtype and at its level unless another is given
        decoder.check_retouches()
        writing = {"format": chosen, "subtype": subtype and sample, **_originals(originals, trust)}
        writing |= {"normalize": True} if normalize else {}
    elif trust is not None:
        raise ParameterError(f"trust={trust!r} needs originals; name the folder of the sounds")
    settled = {
        "command": "decode",
        "fastspec": __version__,
        **{name: decoder.given[name] for name in decoder.given},
        **{name: value for name, value in decoder.phase.items() if name != "workers"},
        "mono": decoder.mono,
        **({"strict": True} if decoder.strict else {}),  # what it refuses, other batches convert
        **({"like": _without_name(options["like"])} if options.get("like") is not None else {}),
        **writing,
    }
    if facts is not None:
        settled["facts"] = facts_table.fingerprint(facts, lambda row: decoder_of(_json(options), row))
    return Config("decode", _json(options), _json(writing), suffix, _json(settled))


def _originals(folder: str | os.PathLike[str], trust: float | None) -> dict[str, Any]:
    """Where the sounds are that pictures were drawn of, and how far they are trusted."""
    from fastspec.retouch import TRUST
    from fastspec.retouch.folder import Originals
    from fastspec.retouch.retouched import check_trust

    Originals.of(folder)
    return {"originals": os.path.abspath(folder), "trust": check_trust(TRUST if trust is None else trust)}


def encode_config(
    *, picture_format: str | None = None, jpeg_quality: int = 95, sidecar: bool = False, **options: Any
) -> Config:
    """The configuration of encoding. options : Encoder's. sidecar : of `picture.files.write`.

    Raises ParameterError or CalibrationError.
    """
    from fastspec.plot import colour_table

    options = colour_table.portable(options)
    encoder = _encoder(_json(options))
    suffix, chosen = picture_output(picture_format)
    consistency.check_switches(sidecar=sidecar)
    writing = {"format": chosen, "quality": jpeg_quality, **({"sidecar": True} if sidecar else {})}
    settled = {
        "command": "encode",
        "fastspec": __version__,
        **{name: encoder.facts[name] for name in encoder.facts},
        "size": encoder.size,
        "bits": encoder.bits,
        "top_db": encoder.top_db,
        **writing,
    }
    return Config("encode", _json(options), _json(writing), suffix, _json(settled))


def _without_name(like: dict[str, Any]) -> dict[str, Any]:
    """What the outputs depend on of facts as `_portable_like` has them: not what their picture is called."""
    return {**like, "picture": {name: value for name, value in like["picture"].items() if name != "like"}}


def _portable_like(options: dict[str, Any]) -> dict[str, Any]:
    """The facts that option `like` of decoding means, as plain values."""
    from fastspec.decoder import Decoder
    from fastspec.detect.stated import as_plain

    like = Decoder(**options).like
    assert like is not None
    return as_plain(like)


def sound_output(format: str | None, subtype: str | None, name: str | None = None) -> tuple[str, str, str]:
    """(suffix, format, subtype) of sounds written, from the user's wishes and perhaps a file's name.

    Raises ParameterError for what cannot be.
    """
    from fastspec.sound.formats import resolve_format

    suffix = f".{format.lower()}" if format else ".wav"
    try:
        return suffix, *resolve_format(name or f"sound{suffix}", format, subtype)
    except AudioError as error:
        raise ParameterError(str(error)) from None


def picture_output(format: str | None, name: str | None = None) -> tuple[str, str]:
    """(suffix, format) of pictures written; as `sound_output`."""
    from fastspec.picture.formats import format_of, suffix_of

    suffix = suffix_of(format) if format else ".png"
    return suffix, format_of(name or f"picture{suffix}", format)


def converter(config: Config) -> Any:
    """This process's Decoder or Encoder of a configuration."""
    return _decoder(config.converter) if config.kind == "decode" else _encoder(config.converter)


def reader(config: Config, facts: str | None) -> Any:
    """The Decoder that reads one file. facts : its own, as JSON; they override the configuration's."""
    return decoder_of(config.converter, facts) if facts else converter(config)


def decoder_of(options: str, facts: str) -> Any:
    """The Decoder of JSON of its options and of a file's own facts, which override those among the options.

    Where these are all that an earlier run used (`facts_table.AS_USED`), and no option adds to them, nothing is read
    off the picture.
    """
    from fastspec import inspection
    from fastspec.decoder import Decoder

    given, own = json.loads(options), json.loads(facts)
    used = own.pop(facts_table.AS_USED, None)
    if "level_range" in own:
        given.pop("db_range", None)
    elif "db_range" in own:
        given = {name: value for name, value in given.items() if name not in ("level_range", "level_unit")}
    decoder = Decoder(**{**given, **own})
    if used is not None and decoder.given.keys() == inspection.given_facts(own).keys():
        decoder.given = inspection.as_used(
            decoder.given, used["assumed"], used[facts_table.DOUBTFUL], used[facts_table.SEEN]
        )
    return decoder


@lru_cache(maxsize=4)
def _decoder(options: str) -> Any:
    from fastspec.decoder import Decoder

    return Decoder(**json.loads(options))


@lru_cache(maxsize=4)
def _encoder(options: str) -> Any:
    from fastspec.encoder import Encoder

    return Encoder(**json.loads(options))


def _shown(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "nested"


def _json(options: dict[str, Any]) -> str:
    try:
        return json.dumps({k: v for k, v in options.items() if v is not None}, sort_keys=True)
    except TypeError as error:
        raise ParameterError(
            f"a batch travels to other processes, so its options are plain values: {error}; give names and numbers"
        ) from None
