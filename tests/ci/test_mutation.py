"""The runner of mutations: faults are real ones, small and repeatable, and what the tests see is told truly."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ci.mutation.covering import Chosen, line_keys, own_test_files
from ci.mutation.operators import mutations
from ci.mutation.trial import ROOMS, Equivalents, changed, chosen_tests, modules, sample

ROOT = Path(__file__).parents[2]
SOURCE = textwrap.dedent('''\
    """A docstring of 7 words, with 1 number."""
    LIMIT = 12  # px
    SHARE: float = 0.5
    def f(a: int = 3, *, wide: bool = False) -> int:
        """Another, of 2."""
        if a < 2 and not wide:
            return 1
        for k in range(a):
            if k == 3:
                continue
            a += k * 2
        return -a if wide else g(a, 1.5, size=4)
    def tell(out, /, text, *more, end=None):
        """Nothing."""
        out.write(text)
        out.flush()
        if not text:
            raise ValueError(f"{text!r} has 0 letters")
''')


@pytest.fixture(scope="module")
def found():
    return mutations(SOURCE.encode())


def test_each_is_python_and_another_program(found):
    right = ast.dump(ast.parse(SOURCE))
    texts = {(m.kind, m.applied(SOURCE.encode())) for m in found}
    assert len(texts) == len(found)
    assert all(ast.dump(ast.parse(text)) != right for _, text in texts)


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        ("threshold", "LIMIT = 16  # px"),
        ("threshold", f"SHARE: float = {0.5 * 4 / 3!r}"),
        ("default", "def f(a: int = 4, *, wide: bool = False) -> int:"),
        ("default", "def f(a: int = 3, *, wide: bool = True) -> int:"),
        ("comparison", "if (a <= 2) and not wide:"),
        ("and/or", "if (a < 2 or not wide):"),
        ("condition", "if (a < 2):"),
        ("condition", "if a < 2 and (wide):"),
        ("condition", "if False:"),
        ("constant", "return (2)"),
        ("comparison", "if (k != 3):"),
        ("statement deleted", "pass"),
        ("arithmetic", "a -= k * 2"),
        ("arithmetic", "a += (k / 2)"),
        ("arithmetic", "return (a) if wide else g(a, 1.5, size=4)"),
        ("condition", "return (g(a, 1.5, size=4))"),
        ("keyword dropped", "return -a if wide else (g(a, 1.5))"),
        ("constant", f"return -a if wide else g(a, ({1.5 / (4 / 3)!r}), size=4)"),
        ("early return", "return"),
    ],
)
def test_what_can_be_wrong_is_found(found, kind, new):
    assert new in [changed(SOURCE.encode(), m)[1] for m in found if m.kind == kind]


def test_statements_change_places(found):
    (swapped,) = [m for m in found if m.kind == "order" and m.line == 15]
    assert b"out.flush()\n    out.write(text)\n" in swapped.applied(SOURCE.encode())


def test_no_return_is_put_before_a_type_alone():
    source = b"def f(out):\n    out.a()\n    b: int\n    b = out.c()\n"
    assert [m.line for m in mutations(source) if m.kind == "early return"] == [4]


def test_words_and_types_are_left_alone(found):
    for m in found:
        text = m.applied(SOURCE.encode()).decode()
        assert '"""A docstring of 7 words, with 1 number."""' in text
        assert '"""Another, of 2."""' in text
        assert "a: int = " in text
        assert "has 0 letters" in text or (m.kind, m.new) == ("statement deleted", "pass")


def test_a_seed_always_chooses_the_same():
    chosen = sample(ROOT, "encoder", 8, 3)
    assert chosen == sample(ROOT, "encoder", 8, 3)
    assert chosen != sample(ROOT, "encoder", 8, 4)
    assert len({(fault.module, fault.mutation.line) for fault in chosen}) == 8
    assert all(modules(ROOT, room) for room in ROOMS)


def test_lines_are_known_by_function_and_text():
    keys = line_keys(SOURCE.encode())
    assert keys[7] == ".f|return 1"
    assert not {1, 2, 3, 4} & set(keys)
    assert {"tests/batch/test_run.py"} <= own_test_files("batch/run.py")
    assert {"tests/tools/test_sox.py"} <= own_test_files("tools/sox/legend.py")
    assert {"tests/test_decoder.py"} <= own_test_files("decoder.py")


def test_a_fault_gets_no_more_tests_than_its_time():
    tests = [Chosen("a", 50.0), Chosen("b", 20.0), Chosen("c", 5.0)]
    assert chosen_tests(tests, 30.0) == (["a"], 50.0, False)
    assert chosen_tests(tests, 58.0) == (["a", "c"], 55.0, False)
    assert chosen_tests(tests, 80.0) == (["a", "b", "c"], 75.0, True)


def test_listed_equivalents_are_lines_of_today():
    path = ROOT / "ci" / "mutation" / "equivalent.toml"
    for module, line, new in Equivalents(path).reasons:
        source = (ROOT / "src" / "fastspec" / module).read_text()
        assert line in [text.strip() for text in source.splitlines()] or new is not None, (module, line)
        assert any(part.strip() in line for part in source.splitlines() if part.strip()), (module, line)


def test_what_the_tests_see_is_told(tmp_path):
    """Two functions of a tree, one tested well: its faults are killed, those of the other survive."""
    module = "def good(a):\n    return a + 1\n\n\ndef poor(a):\n    return a * 2\n\n\ndef alone(a):\n    return a - 1\n"
    tests = (
        "from fastspec.batch import ledger as part\n\n\ndef test_good():\n    assert part.good(1) == 2\n\n\n"
        "def test_poor():\n    assert part.poor(0) == 0\n"
    )
    files = {
        "src/fastspec/__init__.py": "",
        "src/fastspec/batch/__init__.py": "",
        "src/fastspec/batch/ledger.py": module,
        "tests/__init__.py": "",
        "tests/batch/test_ledger.py": tests,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["--import-mode=importlib"]\n',
    }
    root = tmp_path / "root"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", root], check=True)
    words = ["--root", root, "--work", tmp_path / "work", "--room", "batch", "--count", "3", "--seed", "1"]
    ended = subprocess.run(
        [sys.executable, "-m", "ci.mutation", *map(str, words)], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    told = ended.stdout
    assert "ledger.py:2 (arithmetic): killed" in told or "ledger.py:2 (constant): killed" in told, told
    assert "ledger.py:6 (arithmetic): survived" in told or "ledger.py:6 (constant): survived" in told
    assert "ledger.py:10 (arithmetic): no test runs it" in told or "ledger.py:10 (constant): no test runs it" in told
    assert "| batch | 3 | 1 | 0 | 1 | 1 | 0 | 33 % |" in told
    assert (root / "src/fastspec/batch/ledger.py").read_text() == module
