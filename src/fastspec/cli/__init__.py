"""The command line. It parses, calls the library, prints, and chooses the exit code; nothing else.

Results go to standard output, progress and messages to standard error. Exit codes: 0 all done, 1 fatal, 2 wrong
usage, 3 finished but some files failed, 130 interrupted.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

import click

import fastspec
from fastspec.cli import batch
from fastspec.cli.options import FACTS, MAX_PIXELS, MAX_SECONDS, PHASE, PLACES, SOUND, given_facts
from fastspec.errors import AudioError, CalibrationError, FastspecError, ParameterError

EXIT_FATAL, EXIT_USAGE, EXIT_PARTIAL, EXIT_INTERRUPTED = 1, 2, 3, 130
_GC_THRESHOLD = gc.get_threshold()


def _say(message: str) -> None:
    """One line on standard error, above a running progress bar."""
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(fastspec.__version__, prog_name="fastspec")
def cli() -> None:
    """Turn pictures of spectrograms back into sound, and sound into such pictures."""


@cli.command()
@click.argument("inputs", nargs=-1, required=True)
@PLACES
@FACTS
@PHASE
@SOUND
@batch.batch_options
@MAX_PIXELS
@MAX_SECONDS
@click.option("--plot", help="Also draw what was read into this file: picture, magnitude, waveform.")
def decode(
    inputs: tuple[str, ...],
    output: str | None,
    out_dir: str | None,
    overwrite: bool,
    method: str | None,
    init: str | None,
    n_iter: int | None,
    quality: str,
    seed: int,
    force: bool,
    audio_format: str | None,
    subtype: str | None,
    mono: bool,
    no_normalize: bool,
    plot: str | None,
    **facts: Any,
) -> int:
    """Turn pictures of spectrograms into sound.

    INPUTS are files, folders, globs, @list or - (a list on standard input). Files of strangers need no more care than
    others: what is damaged, of no known format, larger than 512 MiB or beyond --max-pixels and --max-seconds is refused
    before memory is taken for it. An embedded calibration of more than 64 KiB is ignored.
    """
    from fastspec.batch.inputs import Job, plan_jobs
    from fastspec.decoder import Decoder
    from fastspec.diagnostics import plotting
    from fastspec.picture.formats import searched_suffixes
    from fastspec.sound import files as sound_files
    from fastspec.sound.formats import resolve_format

    many = batch.taken(facts)
    phase: dict[str, Any] = {"method": method, "init": init, "n_iter": n_iter, "quality": quality, "seed": seed}
    phase |= {"force": force, "mono": mono}
    if out_dir is not None and output is None:
        from fastspec.batch import decode_files

        if plot is not None:
            raise ParameterError(f"--plot {plot} draws one picture; name its sound with -o instead of --out-dir")
        sound = {"audio_format": audio_format, "subtype": subtype, "normalize": not no_normalize}
        options = {**phase, **given_facts(facts), **sound, "overwrite": overwrite}
        with _compiling_said():
            return batch.run(partial(decode_files, inputs, out_dir, **options), many, "picture")
    batch.refuse(many)
    decoder = Decoder(**phase, **given_facts(facts))
    suffix = f".{audio_format.lower()}" if audio_format else ".wav"
    try:
        resolve_format(output or f"sound{suffix}", audio_format, subtype)
    except AudioError as error:
        raise ParameterError(str(error)) from None
    jobs = plan_jobs(
        inputs, suffixes=searched_suffixes(), new_suffix=suffix, out=output, out_dir=out_dir, overwrite=overwrite
    )
    if plot is not None and len(jobs) > 1:
        raise ParameterError(f"--plot {plot} draws one picture, but there are {len(jobs)} inputs; give one input")
    if plot is not None and os.path.exists(plot) and not overwrite:
        raise ParameterError(f"--plot {plot} exists; add --overwrite to replace it, or name another file")
    if plot is not None and os.path.exists(plot) and os.path.samefile(plot, jobs[0].source):
        raise ParameterError(f"--plot {plot} would replace the picture itself; name another file")

    def convert(job: Job) -> str:
        decoded = decoder.read(job.source)
        for remark in decoded.calibration.remarks:
            _say(f"{job.source}: {remark}")
        y = decoder.waveform(decoded)
        sr = int(decoded.calibration["sr"])
        _make_folder(job)
        gain = sound_files.write(job.target, y, sr, format=audio_format, subtype=subtype, normalize=not no_normalize)
        if no_normalize and gain < 1:
            _say(f"{job.target}: scaled by {gain:.3g}, because it would have been clipped; --subtype FLOAT keeps it")
        if plot is not None:
            plotting.plot_decoded(decoded, y, plot)
        channels = f"\t{len(y)} channels" if y.ndim == 2 else ""
        return f"{job.target}\t{y.shape[-1] / sr:.2f} s\t{sr} Hz{channels}"

    with _compiling_said():
        return _run(jobs, convert, "picture")


@cli.command()
@click.argument("inputs", nargs=-1, required=True)
@PLACES
@batch.batch_options
@click.option("--n-fft", type=int, help="FFT length in samples; 2048, or what the profile's tool takes.")
@click.option("--hop-length", type=int, help="Samples between frames; win_length // 4 if not given.")
@click.option("--win-length", type=int, help="Window length in samples; n_fft if not given.")
@click.option("--window", default="hann", show_default=True, help="Window by its SciPy name.")
@click.option("--freq-scale", help="linear, log or mel; other than linear gives librosa's specshow look.")
@click.option("--n-mels", type=int, help="Number of mel bands (mel only).")
@click.option("--fmin", type=float, help="Lowest frequency in Hz (mel only).")
@click.option("--fmax", type=float, help="Highest frequency in Hz (mel only).")
@click.option("--cmap", help="Colormap by its matplotlib name; magma, or gray with --bits 16.")
@click.option("--db-range", type=(float, float), metavar="LO HI", help="Decibels of the lowest and highest colour.")
@click.option("--size", help="Width x height in pixels, e.g. 640x480; one pixel a frame and bin if not given.")
@click.option("--bits", type=click.Choice(["8", "16"]), default="8", show_default=True)
@click.option("--profile", help="fastspec, librosa, librosa-0.8, or as sox, riffusion, audacity, audio-diffusion draw.")
@click.option("--format", "picture_format", help="png, jpeg, webp or tiff; by default the output's suffix, else png.")
@click.option("--quality", type=click.IntRange(1, 100), default=95, show_default=True, help="JPEG quality.")
@MAX_SECONDS
def encode(
    inputs: tuple[str, ...],
    output: str | None,
    out_dir: str | None,
    overwrite: bool,
    size: str | None,
    bits: str,
    picture_format: str | None,
    quality: int,
    **drawing: Any,
) -> int:
    """Draw sound files as spectrogram pictures that carry their own calibration."""
    from fastspec.batch.inputs import Job, plan_jobs
    from fastspec.encoder import Encoder
    from fastspec.picture import files as picture_files
    from fastspec.picture.formats import format_of, suffix_of
    from fastspec.sound import files as sound_files
    from fastspec.sound.formats import searched_suffixes

    many = batch.taken(drawing)
    if out_dir is not None and output is None:
        from fastspec.batch import encode_files

        writing = {"picture_format": picture_format, "jpeg_quality": quality, "overwrite": overwrite}
        options = {"size": _parse_size(size), "bits": int(bits), **drawing, **writing}
        with _compiling_said():
            return batch.run(partial(encode_files, inputs, out_dir, **options), many, "sound")
    batch.refuse(many)
    encoder = Encoder(size=_parse_size(size), bits=int(bits), **{k: v for k, v in drawing.items() if v is not None})
    suffix = suffix_of(picture_format) if picture_format else ".png"
    format_of(output or f"picture{suffix}", picture_format)
    jobs = plan_jobs(
        inputs, suffixes=searched_suffixes(), new_suffix=suffix, out=output, out_dir=out_dir, overwrite=overwrite
    )

    def convert(job: Job) -> str:
        y, rate = sound_files.read(job.source, longest=encoder.max_seconds)
        picture = encoder.encode(y, rate)
        for remark in encoder.remarks(y, rate):
            _say(f"{job.source}: {remark}")
        _make_folder(job)
        picture_files.write(picture, job.target, format=picture_format, quality=quality)
        if picture.width * picture.height > picture_files.MAX_PIXELS:
            _say(f"{job.target}: decoding it needs --max-pixels {picture.width * picture.height}")
        return f"{job.target}\t{picture.width} x {picture.height}"

    with _compiling_said():
        return _run(jobs, convert, "sound")


@cli.command()
@click.argument("inputs", nargs=-1, required=True)
@FACTS
@MAX_PIXELS
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def inspect(inputs: tuple[str, ...], as_json: bool, **facts: Any) -> int:
    """Say what is known about a picture, how it is known, and what goes wrong if it is wrong."""
    from fastspec.batch.inputs import read_only
    from fastspec.calibration.report import as_table
    from fastspec.inspection import inspect as inspect_picture
    from fastspec.picture.formats import searched_suffixes

    jobs = read_only(inputs, searched_suffixes())
    reports = []

    def look(job: Any) -> str:
        calibration = inspect_picture(job.source, **given_facts(facts))
        if as_json:
            reports.append({"file": str(job.source), **calibration.report()})
            return ""
        return as_table(calibration, str(job.source))

    code = _run(jobs, look, "picture", progress=False)
    if as_json and reports:
        click.echo(json.dumps(reports[0] if len(jobs) == 1 else reports, indent=2))
    return code


@cli.command()
@click.option("--n-fft", type=int, multiple=True, default=(1024, 2048), show_default=True, help="FFT lengths to plan.")
@click.option("--float64", is_flag=True, help="Also get ready for double precision, which only the library uses.")
def warmup(n_fft: tuple[int, ...], float64: bool) -> int:
    """Compile and plan everything now, so that no later call has to."""
    from fastspec.diagnostics.doctor import warmup as warm_up

    done = warm_up(n_fft, float64=float64)
    kernels = f"kernels compiled: {len(done['kernels'])}" if done["kernels"] else "all kernels were compiled before"
    click.echo(f"{kernels}\t{done['compile_seconds']:.1f} s")
    click.echo(f"FFTs of {', '.join(map(str, done['n_fft']))} samples planned\t{done['plan_seconds']:.1f} s")
    return 0


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--no-self-test", is_flag=True, help="Only look, do not try.")
def doctor(as_json: bool, no_self_test: bool) -> int:
    """Say what fastspec stands on here (versions, caches, threads) and whether it works."""
    from fastspec.diagnostics.doctor import as_text, doctor_report

    report = doctor_report(self_test=not no_self_test)
    click.echo(json.dumps(report, indent=2) if as_json else as_text(report))
    return 0 if report["ok"] else EXIT_FATAL


@contextmanager
def _compiling_said() -> Iterator[None]:
    """Say once, if kernels have to be compiled in here, why it takes so long."""
    from fastspec.kernels import compiling

    said: list[str] = []

    def say(kernel: str) -> None:
        if not said:
            _say(
                "fastspec: compiling what this needs, which takes up to 10 s, once on this machine; later runs start "
                "at once (fastspec warmup compiles all)"
            )
        said.append(kernel)

    with compiling(say):
        yield


def _parse_size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise ParameterError(f"--size {text!r} is not width x height in pixels, such as 640x480") from None
    return width, height


def _make_folder(job: Any) -> None:
    from fastspec.errors import OutputError

    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot create the folder {job.target.parent}: {error.strerror}; name another place"
        ) from None


def _run(jobs: Sequence[Any], convert: Callable[[Any], str], unit: str, *, progress: bool = True) -> int:
    """Convert every job; a failure of one of many is listed at the end and the others go on."""
    from tqdm import tqdm

    if len(jobs) == 1:
        try:
            result = convert(jobs[0])
        except CalibrationError as error:  # the options alone fit together: it is this file that they do not fit
            _say(f"fastspec: {jobs[0].source}: {error}")
            return EXIT_FATAL
        if result:
            click.echo(result)
        return 0
    failures = []
    show = progress and sys.stderr.isatty()
    with tqdm(total=len(jobs), unit=unit, file=sys.stderr, disable=not show) as bar:
        for job in jobs:
            try:
                result = convert(job)
                if result:
                    tqdm.write(result, file=sys.stdout)
            except FastspecError as error:
                failures.append((job.source, error.code))
                _say(f"failed: {job.source}: {error}")
            if job is jobs[0]:  # all that stays to the end is loaded
                gc.freeze()
                gc.set_threshold(*_GC_THRESHOLD)
            bar.update()
    if failures:
        _say(f"{len(jobs) - len(failures)} of {len(jobs)} done, {len(failures)} failed:")
        for source, code in failures:
            _say(f"  {source}: {code}")
        return EXIT_PARTIAL
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the `fastspec` command."""
    # pyFFTW's interfaces, which fastspec does not use, import SciPy and dask where those are installed: up to 150 ms.
    sys.modules.setdefault("pyfftw.interfaces", ModuleType("pyfftw.interfaces"))
    # Importing numba makes half a million objects that live to the end; searching them for garbage again and again
    # takes 70 ms. `_run` goes back to Python's own thresholds.
    gc.set_threshold(500_000)
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:  # a reader that went away (`| head`) is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE if isinstance(error, click.UsageError) else EXIT_FATAL
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; outputs written so far are whole", err=True)
        return EXIT_INTERRUPTED
    except MemoryError:
        click.echo(
            "fastspec: not enough memory; lower --max-pixels or --max-seconds, or convert fewer at once", err=True
        )
        return EXIT_FATAL
    except FastspecError as error:
        click.echo(f"fastspec: {error}", err=True)
        return EXIT_USAGE if isinstance(error, ParameterError | CalibrationError) else EXIT_FATAL
    except OSError as error:  # a name too long, a device that went away
        click.echo(f"fastspec: {error}; name another file or folder", err=True)
        return EXIT_FATAL
