"""The page on scikit-learn's own tests says what the tool finds."""

import subprocess
import sys
from pathlib import Path

import pytest
import sklearn

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scikit_learn_tests.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(f"scikit-learn {sklearn.__version__}:" not in PAGE, reason="another version")
def test_the_page_has_the_outcome():
    command = [sys.executable, "tools/scikit_learn_tests.py"]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (head,) = [line for line in said.splitlines() if " tests: " in line]
    assert head in PAGE.splitlines()
    failed = [line.split("`")[1] for line in said.splitlines() if "| fails |" in line]
    assert len(failed) == 9
    assert all(name.partition("[")[0] in PAGE for name in failed)
