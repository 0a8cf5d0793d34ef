"""One closed family of errors, each with a stable code, and hints that install the right package."""

from __future__ import annotations

import pytest

from fastspec import errors

CODES = {
    "FastspecError": "error",
    "ParameterError": "parameter",
    "NonInvertibleError": "non-invertible",
    "CalibrationError": "calibration",
    "PictureError": "picture",
    "AudioError": "audio",
    "LimitError": "limit",
    "TimeLimitError": "timeout",
    "OutputError": "output",
    "MissingExtraError": "missing-extra",
}


def test_all_errors_are_of_one_family_with_a_stable_code():
    raised = {n: e for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, Exception)}
    family = {name: error for name, error in raised.items() if not issubclass(error, Warning)}
    assert raised.keys() - family.keys() == {"FastspecWarning"}
    assert {name: vars(error)["code"] for name, error in family.items()} == CODES
    assert all(issubclass(error, errors.FastspecError) for error in family.values())


def test_they_are_what_pythons_own_handlers_expect():
    for error, kind in ((errors.ParameterError, ValueError), (errors.OutputError, OSError)):
        with pytest.raises(kind, match="words"):
            raise error("words")
    assert issubclass(errors.MissingExtraError, ImportError)


def test_a_missing_package_names_the_command_that_installs_it():
    error = errors.missing_extra("matplotlib", "plot", "--plot")
    assert str(error).startswith("--plot needs matplotlib")
    assert str(error).endswith(errors.install_command("plot"))
    assert errors.install_command("plot") == f"pip install '{errors.DISTRIBUTION}[plot]'"


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a or b"), (iter("abc"), "a, b or c")])
def test_words_are_listed_as_a_sentence_lists_them(words, text):
    assert errors.listed(words) == text


def test_an_error_that_nobody_foresaw_is_internal_and_shows_its_type():
    assert errors.code_and_message(errors.PictureError("no picture")) == ("picture", "no picture")
    assert errors.code_and_message(KeyError("x")) == ("internal", "KeyError: 'x'")
