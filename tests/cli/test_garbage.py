"""Python looks for garbage rarely while all is loaded, then as ever; asked of a process of its own."""

from __future__ import annotations

import subprocess
import sys


def test_thresholds_come_back_and_what_is_loaded_is_never_searched_again():
    code = (
        "import gc\n"
        "usual = gc.get_threshold()\n"
        "from fastspec.cli import garbage\n"
        "assert gc.get_threshold() == usual\n"
        "garbage.collect_rarely()\n"
        "assert gc.get_threshold()[0] > 100 * usual[0]\n"
        "garbage.all_is_loaded()\n"
        "assert gc.get_threshold() == usual\n"
        "assert gc.get_freeze_count() > 1000\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
