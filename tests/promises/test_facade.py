"""The public names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fastspec

PUBLIC = [
    "AudioError",
    "Calibration",
    "CalibrationError",
    "Decoded",
    "Decoder",
    "Encoder",
    "Fact",
    "FastspecError",
    "FastspecWarning",
    "LimitError",
    "MissingExtraError",
    "NonInvertibleError",
    "OutputError",
    "ParameterError",
    "Picture",
    "PictureError",
    "Profile",
    "TimeLimitError",
    "__version__",
    "decode",
    "doctor_report",
    "encode",
    "griffinlim",
    "inspect",
    "istft",
    "pghi",
    "phase_retrieval",
    "profiles",
    "savefig",
    "spsi",
    "stft",
    "warmup",
]


ROOMS = ["batch", "colours"]  # folders whose own names are public, too


def test_the_public_names_are_these():
    assert sorted(fastspec.__all__) == sorted([*PUBLIC, *ROOMS])  # type: ignore[attr-defined]
    assert callable(fastspec.colours.register)
    assert callable(fastspec.batch.decode_files)
    for name in PUBLIC:
        assert getattr(fastspec, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = fastspec.no_such_name  # type: ignore[attr-defined]


def test_no_module_shadows_a_public_function():
    import pkgutil

    modules = {module.name for module in pkgutil.iter_modules(fastspec.__path__)}
    assert not modules & set(PUBLIC)


def test_decoding_needs_neither_scipy_nor_librosa_nor_matplotlib(speech_picture):
    code = (
        "import sys\n"
        "for name in ('scipy', 'librosa', 'matplotlib'): sys.modules[name] = None\n"
        "import fastspec\n"
        f"y, sr = fastspec.decode({str(speech_picture)!r}, profile='librosa', n_iter=1)\n"
        "assert sr == 22050 and y.any()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
