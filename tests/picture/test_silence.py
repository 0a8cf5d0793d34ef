"""Decoders say nothing on standard error, and warnings of others are shown as ever."""

from __future__ import annotations

import threading
import warnings

import pytest

from fastspec.errors import PictureError
from fastspec.picture import files as picture_files
from fastspec.picture import silence
from tests.promises import hostile_cases as cases


def test_decoders_are_muted_in_many_threads_and_only_while_they_read(capfd):
    data = dict(cases.nested())["many-tags.tif"]
    before = list(warnings.filters)
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            with pytest.raises(PictureError):
                picture_files.read(data)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
    assert silence._inside == 0
    assert capfd.readouterr() == ("", "")
    with silence.quiet_decoders(), pytest.warns(UserWarning, match="mine"):
        warnings.warn("mine", UserWarning, stacklevel=1)
