"""The architecture: one way of imports, packages with faces, small modules and functions.

The order of the stages is a contract in pyproject.toml, which import-linter checks. The rest is
checked here. Each table of exceptions is exact: an entry that is no longer needed fails.
"""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("mlp", "experiments", "reports", "snakemake_logger_plugin_mlp")
MODULES = {
    path.relative_to(ROOT).as_posix(): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}

# ---- what mlp may import ----
OPTIONAL = {
    **{n: {"sklearn", "pandas", "tqdm"} for n in MODULES if n.startswith("mlp/estimator/")},
    "mlp/products.py": {"scipy"},
}

# ---- sizes, and what may be larger, with the reason ----
LINES, BODY, PARAMETERS = 350, 45, 7
LONG_MODULES = {
    "experiments/__main__.py": "a few lines and the options of each command",
    "experiments/equations/note.py": "a table in code: the note's 39 equations in their order",
}
LONG_FUNCTIONS = {
    "mlp/estimator/perceptron.py:__init__": "a line for each parameter and one to keep it",
    "mlp/estimator/classifier.py:__init__": "the same",
    "mlp/training.py:train": "the public signature with its docstring",
}
MANY_PARAMETERS = {
    "mlp/training.py:train": "the public signature",
    "mlp/fitting.py:fit": "the public signature: what a first network needs, by name",
    "mlp/network.py:__init__": "the public signature: the components of a network",
    "mlp/descent.py:__init__": "the public signature: Algorithm 1 with all that it may have",
    "mlp/estimator/perceptron.py:__init__": "scikit-learn wants each parameter in its name",
    "mlp/estimator/classifier.py:__init__": "the same",
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that any import statement names, however deep."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield MODULE:NAME and the node of every function and method."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.name}", node


def test_each_stage_imports_only_those_below_it():
    command = ["from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    done = subprocess.run(
        [sys.executable, "-c", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_packages_are_imported_through_their_face():
    """`from experiments.base import store`, never `from experiments.base.store import write`."""
    found = set()
    for name, tree in TREES.items():
        own = ".".join(name.split("/")[:2]) if name.count("/") > 1 else None
        for module in imports(tree):
            stages = module.split(".")
            if stages[0] in ("experiments", "reports") and len(stages) > 2:
                found |= {(name, module)} if ".".join(stages[:2]) != own else set()
    assert not found


def test_no_name_of_a_face_is_that_of_a_module_next_to_it():
    """Python sets a module, once it is imported, as an attribute of its package: it would win."""
    for stub in (ROOT / "experiments").rglob("__init__.pyi"):
        for node in ast.walk(ast.parse(stub.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = {path.stem for path in stub.parent.glob("*.py")}
                assert not modules & {alias.name for alias in node.names}, stub


def test_every_name_that_is_imported_exists():
    """Imports inside functions run late: a name that has moved would be missed until then."""
    lacking = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in PACKAGES:
                module = importlib.import_module(str(node.module))
                lacking += [(name, a.name) for a in node.names if not offers(module, a.name)]
    assert lacking == []


def offers(module: ModuleType, name: str) -> bool:
    """Return whether a module has a name, or a module of that name in it."""
    inside = f"{module.__name__}.{name}"
    return hasattr(module, name) or (
        hasattr(module, "__path__") and importlib.util.find_spec(inside) is not None
    )


@pytest.mark.parametrize("name", [m for m in MODULES if m.startswith("mlp/")])
def test_mlp_needs_numpy_and_the_standard_library_only(name):
    allowed = {"mlp", "numpy", *sys.stdlib_module_names} | OPTIONAL.get(name, set())
    assert {module.split(".")[0] for module in imports(TREES[name])} <= allowed


def test_experiments_do_not_import_snakemake():
    mine = [name for name in MODULES if name.startswith("experiments/")]
    assert [n for n in mine for m in imports(TREES[n]) if m.split(".")[0] == "snakemake"] == []


def test_modules_are_short():
    sizes = {n: len(p.read_text(encoding="utf-8").splitlines()) for n, p in MODULES.items()}
    assert {name for name, lines in sizes.items() if lines > LINES} == LONG_MODULES.keys()


def test_functions_are_short():
    long = {name for name, node in functions() if node.end_lineno - node.lineno >= BODY}
    assert long == LONG_FUNCTIONS.keys()


def test_functions_have_few_parameters():
    def count(given: ast.arguments) -> int:
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        return len([each for each in named if each and each.arg not in ("self", "cls")])

    many = {name for name, node in functions() if count(node.args) > PARAMETERS}
    assert many == MANY_PARAMETERS.keys()


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
