"""Whether all outputs of a batch were made with FFTs that round alike.

FFTW chooses its plans by the clock until they are kept, so a batch that goes on without the cache of its beginning may
get others, and another processor or version rounds otherwise in any case; then outputs differ in their last bits from
those of an undisturbed run. Each record tells the plans of its output, and the first that differ are said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastspec import _kept
from fastspec.phase import engines
from fastspec.transform import fft

Record = dict[str, Any]


def of(n_fft: int, transformed: bool) -> str:
    """What a record tells of the transforms of this `n_fft` here: the size, and a digest of what they give.

    transformed : whether a spectrum was made of a sound, which FFTW does; else the engine that iterated counts alone,
        whose bits depend on nothing but the processor and the versions, for most sizes.
    """
    return f"{n_fft}:{fft.signature(n_fft) if transformed else engines.signature(n_fft)}"


class Plans:
    """The plans that the outputs below a folder were made with."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.seen: dict[str, set[str]] = {}

    def watched(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records of an earlier run, noted as they pass."""
        for record in records:
            self._note(record)
            yield record

    def check(self, record: Record) -> None:
        """Note a record of this run, and say it if its plans differ from those before."""
        size = self._note(record)
        if size and len(self.seen[size]) > 1:
            _kept.tell(f"plans {self.folder} {size}", f"{self._sentence([size])}; --overwrite converts all anew")

    @property
    def differing(self) -> list[str]:
        """The sizes with several plans."""
        return [size for size, found in self.seen.items() if len(found) > 1]

    def line(self) -> str:
        """What the summary says of it; empty if all are alike."""
        return self._sentence(self.differing) if self.differing else ""

    def _sentence(self, sizes: list[str]) -> str:
        return (
            f"FFTW's plans for n_fft {', '.join(sizes)} were not the same for all outputs in {self.folder} (the cache "
            f"of plans was lost, or several machines worked), so that some differ in their last bits from those of an "
            f"undisturbed run"
        )

    def _note(self, record: Record) -> str:
        told = record.get("plans")
        if record.get("type") != "done" or not isinstance(told, str):
            return ""
        size, _, digest = told.partition(":")
        self.seen.setdefault(size, set()).add(digest)
        return size
