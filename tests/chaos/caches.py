"""Damage to what saves time, kernels and plans; and forks of a process that uses them."""

from __future__ import annotations

import io
import os
import random
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fastspec import Decoder
from tests.chaos.process import Process
from tests.chaos.rounds import Round

_CHILDREN = 4
_DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "empty": lambda data, chance: b"",
    "cut": lambda data, chance: data[: len(data) // 2],
    "zeros": lambda data, chance: bytes(len(data)),
    "random": lambda data, chance: chance.randbytes(len(data)),
    "flipped": lambda data, chance: data[:100] + bytes([data[100] ^ 1]) + data[101:] if len(data) > 101 else b"",
}


def damaged(r: Round) -> dict[str, str]:
    """Environment of a process whose caches are copies of ours with damage."""
    place = r.folder / "cache"
    shutil.rmtree(place, ignore_errors=True)
    plans = place / "plans"
    shutil.copytree(os.environ["FASTSPEC_CACHE_DIR"], plans)
    copy_kernels(place / "kernels")
    what = r.chance.choice(["kernel", "kernel", "plans", "both", "lock", "no plans"])
    if what in ("kernel", "both"):
        files = sorted(path for path in (place / "kernels").rglob("*.nb[ic]"))
        for path in r.chance.sample(files, min(2, len(files))):
            _spoil(path, r.chance)
    if what in ("plans", "both"):
        for path in plans.glob("*.wisdom"):
            _spoil(path, r.chance)
    elif what == "no plans":
        shutil.rmtree(plans)
        plans.write_text("in the way")
    return {"FASTSPEC_CACHE_DIR": str(plans), "NUMBA_CACHE_DIR": str(place / "kernels")}


def _spoil(path: Path, chance: random.Random) -> None:
    path.write_bytes(_DAMAGES[chance.choice(sorted(_DAMAGES))](path.read_bytes(), chance))


def copy_kernels(to: Path) -> None:
    """Copies of the compiled kernels, where NUMBA_CACHE_DIR will have them looked for."""
    import numba
    from numba.core import caching

    names: dict[str, Any] = vars(caching)
    locator = names.get("UserProvidedCacheLocator") or names["_UserProvidedCacheLocator"]  # the latter in numba 0.60
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(to)
    try:
        for made in _loaded():
            cache, function = made._cache, made.py_func
            target = Path(locator(function, function.__code__.co_filename).get_cache_path())
            target.mkdir(parents=True, exist_ok=True)
            for path in Path(cache.cache_path).glob(f"{cache._impl.filename_base}*.nb[ic]"):
                shutil.copy2(path, target)
    finally:
        settings.CACHE_DIR = before


def _loaded() -> Iterator[Any]:
    from fastspec.kernels._dispatcher import Kernel

    for name, module in list(sys.modules.items()):
        if name.startswith("fastspec.kernels."):
            yield from (made for made in vars(module).values() if isinstance(made, Kernel) and made._kept)


def forks(r: Round) -> int:
    """Fork children while threads decode; each decodes a picture to the bytes of its parent. The exit code."""
    data = r.world.pool[".png"][r.chance.randrange(5)]
    decoder = Decoder(n_iter=2, workers=r.chance.choice([1, 2]))
    wanted = decoder.decode(io.BytesIO(data))[0].tobytes()
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            decoder.decode(io.BytesIO(data))

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    codes = []
    for k in range(_CHILDREN):
        said = r.folder / f"said-child{r.started}-{k}"
        work = lambda: int(decoder.decode(io.BytesIO(data))[0].tobytes() != wanted)  # noqa: E731
        codes.append(Process(["child"], said, work=work, limit=20).wait())
        if codes[-1]:
            print(said.read_text(), flush=True)
    over.set()
    for thread in threads:
        thread.join()
    return int(any(codes))
