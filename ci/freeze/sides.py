"""The two trees: each an interpreter, worker processes that answer tasks, a folder and FFTW wisdom of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import prints

HERE = Path(__file__).parent
LIMITED = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_ENVIRONMENT = {**dict.fromkeys(LIMITED, "1"), "COLUMNS": "120", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Task:
    """Something that both trees do. spread : the result is a dictionary whose entries are compared one by one.

    seeds : a folder whose files lie where a command runs. kind "process" is a command in a process of its own.
    """

    part: str
    name: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    spread: bool = False
    seeds: str | None = None

    @property
    def title(self) -> str:
        return f"{self.part}/{self.name}"


class Side:
    """One tree. `FASTSPEC_CACHE_DIR` is `folder`/cache, where its wisdom lies."""

    def __init__(self, name: str, python: str, folder: Path, jobs: int) -> None:
        self.name = name
        self.python = os.path.abspath(python)  # not resolved: the link is what makes it a virtual environment
        self.folder = folder
        self.cache = folder / "cache"
        self.jobs = jobs
        self.workers: list[subprocess.Popen[str]] = []
        self.results: dict[str, Any] = {}
        for place in (self.cache, folder / "run"):
            place.mkdir(parents=True, exist_ok=True)
        self.environment = {**os.environ, **_ENVIRONMENT, "FASTSPEC_CACHE_DIR": str(self.cache)}
        self.about = self.ask(Task("", "", "about"))
        if "version" not in self.about:
            raise SystemExit(f"{python} cannot import fastspec: {self.about.get('message')}")

    def start(self) -> subprocess.Popen[str]:
        """A further worker."""
        with open(self.folder / "workers.log", "ab") as log:
            worker = subprocess.Popen(
                [self.python, str(HERE / "worker.py")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                env=self.environment, cwd=self.folder / "run",
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def ask(self, task: Task, worker: subprocess.Popen[str] | None = None) -> Any:
        """The result of one task. A worker that dies of it is a result, too."""
        arguments = dict(task.arguments)
        if task.kind in ("command", "process", "helps"):
            arguments["folder"] = str(self._place(task))
        if task.kind == "process":
            return self.process(**arguments)
        worker = worker or (self.workers[0] if self.workers else self.start())
        try:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(json.dumps({"kind": task.kind, "with": arguments}) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        return {"died": worker.wait(), "message": f"the worker died; see {self.folder / 'workers.log'}"}

    def process(self, arguments: Sequence[str], folder: str) -> dict[str, Any]:
        """A command in a process of its own: exit code, both outputs, and the files in `folder`."""
        done = subprocess.run(
            [self.python, "-m", "fastspec", *arguments],
            capture_output=True, text=True, encoding="utf-8", env=self.environment, cwd=folder,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return {
            "exit": done.returncode,
            "out": done.stdout,
            "err": done.stderr,
            "files": prints.of_folder(Path(folder)),
        }

    def _place(self, task: Task) -> Path:
        """The folder that a command runs in, empty but for the seeds."""
        place = self.folder / "run" / re.sub(r"[^\w.-]+", "_", task.title)[:150]
        shutil.rmtree(place, ignore_errors=True)
        if task.seeds is not None:
            shutil.copytree(task.seeds, place)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def run(self, tasks: Sequence[Task]) -> dict[str, Any]:
        """The results of all tasks by title, from as many workers as there are jobs."""
        waiting: SimpleQueue[Task] = SimpleQueue()
        for task in tasks:
            waiting.put(task)
        results: dict[str, Any] = {}
        seconds: dict[str, float] = {}

        def work(worker: subprocess.Popen[str]) -> None:
            while True:
                try:
                    task = waiting.get_nowait()
                except Empty:
                    return
                begun = time.monotonic()
                results[task.title] = self.ask(task, worker)
                seconds[task.title] = round(time.monotonic() - begun, 3)
                _show(f"{self.name}: {len(results)} of {len(tasks)}  {task.title[:60]}")
                if worker.poll() is not None:
                    self.workers.remove(worker)
                    worker = self.start()

        while len(self.workers) < self.jobs:
            self.start()
        threads = [threading.Thread(target=work, args=(worker,)) for worker in list(self.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _show("")
        slowest = dict(sorted(seconds.items(), key=lambda item: -item[1]))
        (self.folder / "seconds.json").write_text(json.dumps(slowest, indent=1))
        return {task.title: results[task.title] for task in tasks}

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers:
            if worker.stdin is not None:
                worker.stdin.close()
            worker.wait()
        self.workers.clear()

    def wisdom(self) -> dict[str, str]:
        """The checksum of each file of FFTW wisdom.

        Its name tells FFTW, processor and precision, no version of ours: both trees look for the same file.
        """
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.cache.glob("*.wisdom"))
        }

    def take_wisdom(self, other: Side) -> None:
        """Plan as another side did: its wisdom and nothing else. To be called before any worker has planned."""
        shutil.rmtree(self.cache)
        self.cache.mkdir()
        for path in other.cache.glob("*.wisdom"):
            shutil.copy2(path, self.cache)

    def tree(self) -> str:
        """A checksum of the tree and of these scripts: what the results follow from."""
        digest = hashlib.sha256(json.dumps(self.about, sort_keys=True).encode())
        for root in (Path(self.about["folder"]), HERE):
            for path in sorted(root.rglob("*")):
                if path.suffix in (".py", ".npz"):
                    digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
