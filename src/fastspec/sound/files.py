"""Sound files <-> waveforms: the last room of the road, through libsndfile.

Waveforms are librosa's: float, shape (n,) for one channel and (channels, n) for more. A file written here is
whole or absent, never clipped, and byte-identical from run to run.
"""

from __future__ import annotations

import io
import math
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from fastspec._files import output_errors, write_whole
from fastspec._typing import Array, FloatArray
from fastspec.errors import AudioError, FastspecError, ParameterError
from fastspec.sound.formats import Subtype, format_named, resolve_format, subtype_named
from fastspec.sound.resample import resample

PEAK_LOSSLESS = 0.99  # -0.09 dBFS
PEAK_LOSSY = 0.84  # -1.5 dBFS: a decoder's waveform overshoots the one that was encoded

_BLOCK = 1 << 16  # frames a call: bounds the scratch, and Vorbis overflows the stack on whole sounds
_READ = 1 << 22  # samples a call
_MAX_CHANNELS, _MAX_RATE = 255, 10_000_000
_WIDE = ("PCM_32", "DOUBLE")  # subtypes that float32 rounds
MAX_SAMPLES = 1 << 29  # 2 GiB; a megabyte of FLAC may stand for many gigabytes of silence


def read(
    path: str | os.PathLike[str],
    *,
    sr: int | None = None,
    mono: bool = False,
    max_seconds: float | None = None,
    longest: float | None = None,
) -> tuple[npt.NDArray[np.float32], int]:
    """Read a sound file.

    path : any file libsndfile knows (WAV, FLAC, OGG, MP3, AIFF, ...), told by its content.
    sr : Hz, resample to this rate (see `resample`); None keeps the file's own.
    mono : average the channels.
    max_seconds : read no more than this much from the start.
    longest : seconds; a longer sound is refused. Sounds of more than MAX_SAMPLES, all channels together, always are.

    Returns (y, sr): y float32, shape (n,) for one channel, (channels, n) for more; full scale is 1.
    Raises AudioError for a file that is missing, empty, damaged, too long, without samples, or holds NaN or infinity.
    """
    path = Path(path)
    for name, value in (("max_seconds", max_seconds), ("longest", longest)):
        if value is not None and not value > 0:
            raise ParameterError(f"{name}={value!r} is not positive; give seconds, or None for all")
    parts, rate, _ = _blocks_of(path, max_seconds, longest)
    y = np.ascontiguousarray((parts[0] if len(parts) == 1 else np.concatenate(parts)).T)
    y = y.mean(axis=0) if mono and len(y) > 1 else y
    y = y[0] if y.ndim == 2 and len(y) == 1 else y
    check_waveform(y, what=str(path))
    if sr is not None and sr != rate:
        y = resample(y, rate, sr).astype(np.float32, copy=False)
        rate = sr
    return y, rate


def read_exactly(
    path: str | os.PathLike[str],
    *,
    longest: float | None = None,
    check: Callable[[int, int], object] = lambda *_: None,
) -> tuple[FloatArray, int, str]:
    """The samples of a sound file as `read` takes them, its rate in Hz, and the subtype that holds them.

    float64 where float32 would round them (PCM_32, DOUBLE), else float32; `write` gives the same samples back.
    check : called, as the file is read, with the bytes of the samples so far and of all that its header claims; it may
    raise.
    Raises as `read` does.
    """
    path = Path(path)
    parts, rate, subtype = _blocks_of(path, None, longest, exactly=True, check=check)
    y = np.ascontiguousarray((parts[0] if len(parts) == 1 else np.concatenate(parts)).T)
    y = y[0] if len(y) == 1 else y
    return check_waveform(y, what=str(path)), rate, subtype


def write(
    path: str | os.PathLike[str] | BinaryIO,
    y: npt.ArrayLike,
    sr: int,
    *,
    format: str | None = None,
    subtype: str | None = None,
    normalize: bool = True,
) -> float:
    """Write a sound file, whole or not at all, and return the gain that was applied.

    path : its suffix names the format unless `format` does; or a binary stream, which needs `format`.
    y : float, shape (n,) or (channels, n). Silence stays silence.
    sr : Hz, a positive whole number.
    format : "WAV", "FLAC", "OGG", "MP3", "AIFF", ...; None takes the suffix.
    subtype : "PCM_16", "PCM_24", "FLOAT", "VORBIS", "OPUS", ...; None takes the format's usual one.
    normalize : scale the peak to 0.99 (0.84 for lossy subtypes, whose decoders overshoot). If False, values are
        kept, except that a peak above 1 is scaled down to 1 for subtypes that cannot hold it (FLOAT and DOUBLE
        hold any value); the returned gain then is below 1. Lossy sound is decoded to see that it does not clip,
        and scaled down further if it does.

    Integers are rounded to nearest without dither, full scale 2**(bits - 1): what `read` gave is written back bit
    for bit. Two runs give the same bytes: time stamps and random stream numbers are set to constants.
    Raises AudioError for a waveform, rate, format or subtype that cannot be written, OutputError for a place.
    """
    wave = check_waveform(y)
    if isinstance(sr, bool) or not float(sr).is_integer() or not 1 <= sr <= 2**31 - 1:
        raise AudioError(f"sr={sr!r} is no sample rate; give a positive whole number of Hz")
    rate = int(sr)
    stream: BinaryIO | None = None
    if isinstance(path, (str, os.PathLike)):
        name = os.fspath(path)
    else:
        stream, name = path, ""
    format, subtype = resolve_format(name, format, subtype)
    _check_room(wave, rate, format, subtype)
    memory, gain = _encoded(wave, rate, format, subtype, normalize)
    with memory.getbuffer() as data:
        format_named(format).make_reproducible(data)
        if stream is None:
            write_whole(name, lambda out: out.write(data))
        else:
            with output_errors("the output stream"):
                stream.write(data)
    return gain


def check_waveform(y: npt.ArrayLike, *, what: str = "the waveform") -> Array:
    """`y` as float32 or float64 of shape (n,) or (channels, n), or an AudioError that says what is wrong."""
    wave = np.asarray(y)
    if wave.dtype.kind != "f":
        raise AudioError(f"{what} has dtype {wave.dtype}; give float samples with full scale 1")
    if wave.dtype not in (np.float32, np.float64):
        wave = wave.astype(np.float32 if wave.dtype.itemsize < 4 else np.float64)
    if wave.ndim not in (1, 2):
        raise AudioError(f"{what} has shape {wave.shape}; give (n,) or (channels, n)")
    if wave.size == 0:
        raise AudioError(f"{what} has shape {wave.shape}: no samples; give at least one")
    if wave.ndim == 2 and len(wave) > _MAX_CHANNELS:
        raise AudioError(f"{what} has shape {wave.shape}; channels come first: transpose it")
    # the extremes carry every NaN and infinity; only a bad waveform is looked at closely
    if not (math.isfinite(wave.max()) and math.isfinite(wave.min())):
        bad = np.argwhere(~np.isfinite(wave))
        at = tuple(int(i) for i in bad[0])
        where = f"sample {at[0]}" if wave.ndim == 1 else f"channel {at[0]}, sample {at[1]}"
        raise AudioError(
            f"{what} holds {len(bad)} NaN or infinite samples, the first ({wave[at]}) at {where}; "
            "mend the computation that made them, or replace them by np.nan_to_num"
        )
    return wave


def _blocks_of(
    path: Path,
    max_seconds: float | None,
    longest: float | None,
    *,
    exactly: bool = False,
    check: Callable[[int, int], object] = lambda *_: None,
) -> tuple[list[Array], int, str]:
    """The samples of a file in blocks (n, channels), not none, its rate and subtype; or an AudioError.

    exactly : float64 for what float32 would round.
    """
    sf = _soundfile()
    parts: list[Array] = []
    try:
        _check_regular(path)
        with sf.SoundFile(_name_of(path)) as file:
            rate, claimed = _checked_header(path, file)
            wanted = claimed if max_seconds is None else min(claimed, math.ceil(min(max_seconds * rate, 1e18)))
            subtype: str = file.subtype
            dtype = "float64" if exactly and subtype in _WIDE else "float32"
            most = min(MAX_SAMPLES // file.channels, math.inf if longest is None else longest * rate)
            got = 0
            while got < wanted:  # by blocks: a header that lies about its length allocates nothing
                step = max(1, _READ // file.channels)
                block = file.read(min(wanted - got, step), dtype=dtype, always_2d=True)
                if not len(block):
                    break
                got += len(block)
                if got > most:
                    raise AudioError(
                        f"{path} is longer than the limit of {most / rate:g} s ({file.channels} channels at "
                        f"{rate} Hz); cut it into parts, or raise the limit"
                    )
                check(got * file.channels * block.itemsize, wanted * file.channels * block.itemsize)
                parts.append(block)
    except FileNotFoundError:
        raise AudioError(f"{path} does not exist; check the name and the folder") from None
    except OSError as e:
        raise AudioError(f"{path} cannot be read: {e.strerror or e}") from e
    except MemoryError as e:
        raise AudioError(f"{path} does not fit in memory; read a part of it with max_seconds") from e
    except (sf.SoundFileError, TypeError, ValueError) as e:
        if isinstance(e, FastspecError):
            raise
        raise AudioError(f"{path} is damaged, or no sound file for libsndfile: {_reason(e)}") from e
    if not got:
        raise AudioError(f"{path} holds no samples; there is nothing to decode or draw")
    if got < wanted and "FLAC" in file.format:
        raise AudioError(f"{path} is cut short: {got} of its {claimed} frames are there; copy it again")
    return parts, rate, subtype


def _name_of(path: Path) -> str | bytes:
    """A path as soundfile opens it: it encodes text itself, and that only if all of it is Unicode."""
    name = str(path)
    return name if name.isascii() or os.name == "nt" else os.fsencode(name)


def _check_regular(path: Path) -> None:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise AudioError(f"{path} is a folder, not a sound file; name the files in it")
    if not stat.S_ISREG(found.st_mode):  # opening a pipe may wait for ever
        raise AudioError(f"{path} is not a regular file; copy the sound to a file first")
    if found.st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes); it may be an interrupted copy")


def _checked_header(path: Path, file: Any) -> tuple[int, int]:
    """Sample rate and number of frames that an open file claims."""
    rate, claimed = int(file.samplerate), int(file.frames)
    if not (1 <= rate <= _MAX_RATE and 1 <= file.channels <= _MAX_CHANNELS):
        raise AudioError(
            f"{path} has {file.channels} channels at {rate} Hz; at most {_MAX_CHANNELS} at {_MAX_RATE} Hz are "
            "read, so its header is probably damaged"
        )
    return rate, claimed


def _check_room(wave: Array, rate: int, format: str, subtype: str) -> None:
    """Raise AudioError for a rate, a number of channels or a length that the format cannot store."""
    kind = subtype_named(subtype)
    if kind.rates and rate not in kind.rates:
        allowed = ", ".join(map(str, kind.rates))
        raise AudioError(f"{subtype} cannot store {rate} Hz, only {allowed}; resample, or use WAV or FLAC")
    if kind.most_rate is not None and rate > kind.most_rate:
        raise AudioError(f"{subtype} cannot store {rate} Hz, at most {kind.most_rate}; resample, or use WAV or FLAC")
    channels = 1 if wave.ndim == 1 else len(wave)
    if kind.most_channels is not None and channels > kind.most_channels:
        raise AudioError(f"{subtype} cannot store {channels} channels, at most {kind.most_channels}; use WAV")
    most = format_named(format).most_bytes
    if most is not None and wave.size * kind.size > most:
        raise AudioError(f"{wave.shape[-1]} frames of {subtype} pass the 4 GiB of {format}; choose FLAC, W64 or RF64")


def _encoded(wave: Array, rate: int, format: str, subtype: str, normalize: bool) -> tuple[io.BytesIO, float]:
    """The bytes of a file, and the gain at which `wave` is in it."""
    sf = _soundfile()
    kind = subtype_named(subtype)
    channels = 1 if wave.ndim == 1 else len(wave)
    gain = _gain_of(wave, kind, normalize)
    try:
        for _ in range(8):
            memory = io.BytesIO()
            with sf.SoundFile(memory, "w", rate, channels, subtype, format=format) as file:
                for block in _blocks(wave, gain, subtype):
                    file.write(block)
            if not kind.lossy or (over := _decoded_peak(memory)) <= 1:
                break
            gain *= 0.98 / over  # rare: square waves, full-scale noise
    except (sf.SoundFileError, TypeError, ValueError, AssertionError) as e:
        raise AudioError(
            f"libsndfile cannot write {channels} channel(s) at {rate} Hz as {format}/{subtype}: "
            f"{_reason(e)}; choose another subtype or format"
        ) from e
    return memory, gain


def _gain_of(wave: Array, kind: Subtype, normalize: bool) -> float:
    peak = max(float(wave.max()), -float(wave.min()))
    if normalize and peak > 1e-300:  # below, the gain would be infinite
        return (PEAK_LOSSY if kind.lossy else PEAK_LOSSLESS) / peak
    return 1 / peak if peak > 1 and not kind.unlimited else 1.0


def _soundfile() -> Any:
    import soundfile  # not at import: it loads libsndfile

    return soundfile


def _reason(error: Exception) -> str:
    """libsndfile's own sentence, without the repr of the stream that soundfile puts before it."""
    return str(getattr(error, "error_string", error)).strip().rstrip(".") or type(error).__name__


def _blocks(wave: Array, gain: float, subtype: str) -> Iterator[Array]:
    """`wave * gain` as libsndfile takes it: (frames, channels), integers for integer subtypes.

    libsndfile's own conversion truncates when its clipping guard is on: faint noise becomes a row of -1.
    """
    bits = subtype_named(subtype).bits
    # float32 carries 24 bits; a gain it cannot hold comes from a waveform of denormals
    wide = wave.dtype == np.float64 or bits == 32 or not 1e-30 < gain < 1e30
    dtype: type[np.floating[Any]] = np.float64 if wide else np.float32
    frames = wave[:, None] if wave.ndim == 1 else wave.T
    for start in range(0, len(frames), _BLOCK):
        block: Array = np.multiply(frames[start : start + _BLOCK], dtype(gain), dtype=dtype, order="C")
        if bits is None:
            yield block if subtype == "DOUBLE" else block.astype(np.float32, copy=False)
            continue
        full = 2.0 ** (bits - 1)
        np.rint(block * dtype(full), out=block)
        np.clip(block, -full, full - 1, out=block)  # +1.0 lies one step above the largest integer
        word, spare = (np.int16, 16 - bits) if bits <= 16 else (np.int32, 32 - bits)
        yield np.left_shift(block.astype(word), spare, dtype=word)  # libsndfile keeps the upper bits


def _decoded_peak(memory: io.BytesIO) -> float:
    """The peak that a lossy file, just encoded, has when it is played."""
    memory.seek(0)
    with _soundfile().SoundFile(memory) as file:
        return max((float(np.abs(block).max()) for block in file.blocks(_BLOCK, dtype="float32")), default=0.0)
