"""The unit of work: a shard is a handful of inputs, and `run_shard` turns it into outputs and a report.

It is a pure function of its picklable arguments as far as outputs go: run twice, or on two machines at once, it writes
the same bytes under the same names, each whole or not at all. It never raises for a file; every one is in the report.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from fastspec import __version__
from fastspec._files import output_errors
from fastspec.batch import plans, storage
from fastspec.batch.config import Config, converter, reader
from fastspec.batch.ledger import Record
from fastspec.batch.place import Place
from fastspec.calibration import trust
from fastspec.detect import evidence
from fastspec.errors import FastspecError, code_and_message

CHUNK_BYTES = 32 << 20  # of magnitudes read ahead of their retrieval
CHUNK_FILES = 32
_WRITERS = 2  # threads of a shard that wait for the disk while its own thread computes
STAGES = ("verify", "read", "retrieve", "write")


@dataclass(frozen=True, slots=True)
class Task:
    """One input, the name of its output below the output folder, and what an earlier run left there.

    facts : of this input alone, as JSON.
    """

    source: str
    name: str
    size: int | None = None  # of the output, when the ledger says it is done
    sha256: str | None = None
    facts: str | None = None


@dataclass(frozen=True)
class Shard:
    """Inputs that go together to one worker.

    folder : of the outputs, absolute. base : where sources start from. place : the folder as the batch began with it;
    None of a remote one, and where it may still have to be made.
    """

    number: int
    folder: str
    base: str
    tasks: tuple[Task, ...]
    place: Place | None = None


@dataclass
class Report:
    """What became of a shard: one record a task, and where the time went, in seconds of a worker."""

    number: int
    records: list[Record] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))


@dataclass
class _Read:
    """An input that waits for its retrieval, and its record so far."""

    task: Task
    record: Record
    decoded: Any


class _Pending(NamedTuple):
    """An output on its way to the disk, and its bytes in memory."""

    item: _Read
    future: Future[float]
    size: int


def run_shard(shard: Shard, config: Config) -> Report:
    """Convert the inputs of a shard; every task becomes one record of the report, in any order."""
    report = Report(shard.number)
    if (wanted := json.loads(config.settled)["fastspec"]) != __version__:
        error = FastspecError(f"this worker has fastspec {__version__}, not {wanted}; install the same everywhere")
        report.records = [failed(task, error) for task in shard.tasks]
        return report
    written: list[str] = []
    with ThreadPoolExecutor(_WRITERS, thread_name_prefix="fastspec-write") as writers:
        pending: list[_Pending] = []
        for chunk in _chunks(shard, config, report, writers):
            for item, result in _converted(chunk, config, report):
                if isinstance(result, Exception):
                    report.records.append(failed(item.task, result))
                    continue
                target = storage.join(shard.folder, item.task.name)
                written.append(target)
                pending.append(
                    _Pending(item, writers.submit(_put, target, result, item, config, shard), _size_of(result))
                )
                del result
                while len(pending) > CHUNK_FILES or sum(each.size for each in pending) > CHUNK_BYTES:
                    _collect(pending.pop(0), report)  # what waits for the disk is bounded, too
            chunk.clear()  # the magnitudes
        for each in pending:
            _collect(each, report)
    try:
        if written:
            storage.sync_folders(written, shard.folder)
    except FastspecError as error:  # then the names are not durable, and no record may say they are
        report.records = [_undone(record, error) for record in report.records]
    return report


def _collect(pending: _Pending, report: Report) -> None:
    try:
        report.seconds["write"] += pending.future.result()
        report.records.append(pending.item.record)
    except Exception as error:
        report.records.append(failed(pending.item.task, error))


def _undone(record: Record, error: Exception) -> Record:
    if record["type"] != "done" or record.get("kept"):
        return record
    return failed(Task(record["input"], record["output"]), error)


def _chunks(shard: Shard, config: Config, report: Report, readers: ThreadPoolExecutor) -> Iterator[list[_Read]]:
    """The inputs of a shard, read, as many at a time as one ragged batch and CHUNK_BYTES take."""
    chunk: list[_Read] = []
    size = 0
    fetched: dict[int, Future[Any]] = {}
    for number, task in enumerate(shard.tasks):
        for ahead in range(number, min(number + 4, len(shard.tasks))):  # remote files arrive while we compute
            source = shard.tasks[ahead].source
            if storage.is_remote(source) and ahead not in fetched:
                fetched[ahead] = readers.submit(storage.fetch, source, _largest(config))
        clock = time.perf_counter()
        if task.sha256 is not None:
            same = storage.checksum(storage.join(shard.folder, task.name)) == (task.size, task.sha256)
            report.seconds["verify"] += time.perf_counter() - clock
            if same:
                report.records.append({"type": "done", "input": task.source, "output": task.name, "kept": True})
                continue
            clock = time.perf_counter()
        try:
            record: Record = {"type": "done", "input": task.source, "output": task.name}
            remote = fetched.pop(number, None)
            path = storage.join_source(shard.base, task.source)
            record["stamp"] = storage.stamp(path)
            original = _original_of(task.source, config)
            if beside := _beside(task.source, path, config, original):
                record["beside"] = beside
            decoded = _read(remote.result() if remote else path, config, task.facts, original)
            chunk.append(_Read(task, record, decoded))
            size += _weight(decoded)
        except Exception as error:
            report.records.append(failed(task, error))
        report.seconds["read"] += time.perf_counter() - clock
        if size >= CHUNK_BYTES or len(chunk) >= CHUNK_FILES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _original_of(source: str, config: Config) -> str | None:
    """The sound that an input was drawn of, None without a folder of them."""
    folder = json.loads(config.writing).get("originals")
    if folder is None:
        return None
    from fastspec.retouch.folder import Originals

    return Originals.of(folder).of_picture(source)


def _beside(source: str, path: str, config: Config, original: str | None) -> dict[str, tuple[int, int] | None]:
    """The stamps of the files that an output depends on besides its input, which lies at `path` here."""
    found = {} if original is None else {original: storage.stamp(original)}
    if config.kind == "decode" and not storage.is_remote(source):
        from fastspec.picture import sidecar

        if (stamp := storage.stamp(sidecar.path_of(path))) is not None:
            found[sidecar.path_of(source)] = stamp
    return found


def _read(source: Any, config: Config, facts: str | None, original: str | None) -> Any:
    if config.kind == "decode":
        if original is not None:
            return reader(config, facts).retouch(source, original, trust=json.loads(config.writing)["trust"])
        return reader(config, facts).read(source).spectrum  # its pixels are not kept: they may be 250 MB
    from fastspec.sound import files as sound_files

    longest = converter(config).max_seconds
    if isinstance(source, str):
        return sound_files.read(source, longest=longest)
    with tempfile.TemporaryDirectory(prefix="fastspec-") as folder:  # libsndfile wants a file of its own
        path = os.path.join(folder, source.name.rsplit("/", 1)[-1])
        with (
            output_errors(f"{path}, a temporary copy (TMPDIR names the folder),"),
            open(path, "wb") as copy,
            source.getbuffer() as data,
        ):
            copy.write(data)
        return sound_files.read(path, longest=longest)


def _largest(config: Config) -> int:
    """Bytes of the largest remote file that is fetched."""
    from fastspec.picture.files import MAX_BYTES
    from fastspec.sound.files import MAX_SAMPLES

    return MAX_BYTES if config.kind == "decode" else MAX_SAMPLES * np.dtype(np.float32).itemsize


def _weight(decoded: Any) -> int:
    """Bytes that an input holds while it waits."""
    if isinstance(decoded, tuple):
        return int(decoded[0].nbytes)
    return int((decoded.wave if _is_retouched(decoded) else decoded.magnitude).nbytes)


def _is_retouched(decoded: Any) -> bool:
    return hasattr(decoded, "wave")  # `retouch.retouched.Retouched`, which is not imported for others


def _size_of(result: Any) -> int:
    """Bytes of a waveform, or of a picture's pixels."""
    return int(result.nbytes if isinstance(result, np.ndarray) else result.pixels.nbytes)


def _converted(chunk: Sequence[_Read], config: Config, report: Report) -> Iterator[tuple[_Read, Any]]:
    """Each input with its waveform or picture, or with the exception that it ended in."""
    clock = time.perf_counter()
    results: list[Any]
    tool = converter(config)
    if config.kind == "encode":
        results = [_attempt(lambda item=item: tool.encode(*item.decoded)) for item in chunk]
    elif "originals" in json.loads(config.writing):
        results = [item.decoded.wave for item in chunk]
    else:
        try:
            results = tool.waveforms([item.decoded for item in chunk])
        except Exception:  # one of them is to blame: the others must not suffer for it
            results = [_attempt(lambda item=item: tool.waveform(item.decoded)) for item in chunk]
    report.seconds["retrieve"] += time.perf_counter() - clock
    for number, item in enumerate(chunk):
        result, results[number] = results[number], None  # let go once it is written
        if not isinstance(result, Exception):
            _describe(item, result)
            if _is_retouched(item.decoded):
                item.record["retouched"] = {"subtype": item.decoded.subtype, **item.decoded.summary}
            facts = tool.facts if config.kind == "encode" else item.decoded.calibration
            if "n_fft" in facts:
                transformed = config.kind == "encode" or "retouched" in item.record
                item.record["plans"] = plans.of(int(facts["n_fft"]), transformed)
        item.decoded = None if config.kind == "encode" else item.decoded.calibration
        yield item, result


def _attempt(work: Any) -> Any:
    try:
        return work()
    except Exception as error:
        return error


def _describe(item: _Read, result: Any) -> None:
    """Figures and facts of a finished input, for its record."""
    if isinstance(item.decoded, tuple):
        y, sr = item.decoded
        item.record |= {"seconds": y.shape[-1] / sr, "sr": sr, "pixels": [result.width, result.height]}
        return
    cal = item.decoded.calibration
    own = _is_retouched(item.decoded)
    sr = int(item.decoded.sr if own else cal["sr"])
    item.record |= {
        "seconds": result.shape[-1] / sr,
        "sr": sr,
        "frames": int(cal["n_frames"] if own else item.decoded.magnitude.shape[-2]),
        "facts": {name: [fact.value, fact.source] for name, fact in cal.facts.items()},
    }
    if cal.remarks:
        item.record["remarks"] = list(cal.remarks)
    if unsure := [name for name in trust.unsure(cal) if cal.source(name) != "assumed"]:
        item.record["unsure"] = unsure  # of those that are assumed the facts say it
    if doubtful := trust.doubts(cal):
        item.record["doubtful"] = list(doubtful)
    if seen := evidence.seen_of(cal):
        item.record["seen"] = seen


def _put(target: str, result: Any, item: _Read, config: Config, shard: Shard) -> float:
    """Write an output, note its size and checksum, and return the seconds that took."""
    from fastspec.picture import files as picture_files
    from fastspec.picture import sidecar
    from fastspec.sound import files as sound_files

    clock = time.perf_counter()
    options = json.loads(config.writing)
    if config.kind == "encode":
        if options.get("sidecar"):  # first: what the ledger has as done has one
            beside = sidecar.path_of(target), sidecar.text_of(result).encode()
            storage.write(*beside, shard.place)
        _keep(target, picture_files.encode_bytes(result, options["format"], options["quality"]), item, shard)
    else:
        memory = io.BytesIO()
        if "originals" in options:
            from fastspec.retouch import writing

            written = writing.write_as(
                memory,
                result,
                item.record["sr"],
                item.record["retouched"]["subtype"],
                name=target,
                format=options["format"],
                subtype=options.get("subtype"),
                normalize=options.get("normalize", False),
            )
            item.record |= {"gain": written.gain, "clipped": written.clipped}
            if (remark := written.remark()) is not None:
                item.record["remarks"] = [*item.record.get("remarks", ()), remark]
        else:
            item.record["gain"] = sound_files.write(memory, result, item.record["sr"], **options)
        with memory.getbuffer() as data:  # CPython 3.12 crashes where a traceback outlives the stream of its buffer
            _keep(target, data, item, shard)
    return time.perf_counter() - clock


def _keep(target: str, data: bytes | memoryview, item: _Read, shard: Shard) -> None:
    item.record |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    storage.write(target, data, shard.place)


def failed(task: Task, error: BaseException) -> Record:
    """The record of a task that ended in an error."""
    code, message = code_and_message(error)
    return {"type": "failed", "input": task.source, "output": task.name, "code": code, "message": message}
