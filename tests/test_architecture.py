"""Imports run one way: mlp <- experiments <- reports, and each imports no more than it may."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OPTIONAL = {
    "mlp/estimator.py": {"sklearn", "pandas", "tqdm"},
    "mlp/products.py": {"scipy"},
}


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module names in any import, however deep."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", modules("mlp"), ids=lambda p: p.name)
def test_mlp_needs_numpy_and_the_standard_library_only(path):
    allowed = {"mlp", "numpy", *sys.stdlib_module_names}
    allowed |= OPTIONAL.get(path.relative_to(ROOT).as_posix(), set())
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", modules("experiments"), ids=lambda p: p.name)
def test_experiments_know_neither_reports_nor_snakemake(path):
    assert not imported(path) & {"reports", "snakemake"}


def loaded_by(module: str) -> set[str]:
    """Return the top-level packages that are loaded when a module is imported by itself."""
    code = f"import sys, {module}; print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_train_job_starts_light():
    heavy = {"pandas", "sklearn", "scipy", "pydantic", "matplotlib", "pyarrow", "ruamel"}
    assert not loaded_by("experiments.training.job") & heavy
    assert not loaded_by("experiments.training.planfile") & heavy


def test_nothing_imports_the_estimator_by_itself():
    assert "sklearn" not in loaded_by("mlp")
