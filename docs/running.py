"""The commands of pages, run in a clone: the tutorial's by Sphinx, the how-to pages' by a test."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import matplotlib

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "_build" / "tutorial"
CODE = ("Snakefile", "mlp", "experiments", "reports", "profiles", "snakemake_logger_plugin_mlp")
BLOCK = re.compile(r"(<!-- not run: .+ -->\n)?```(\w+)\n(.*?)```", flags=re.S)
FILE = re.compile(r"# ((?:[\w-]+/)*(?:\w+\.yaml|Snakefile))\b.*\n")
"""The first line of a block that is the content of a file."""
PROGRAMS = {
    "python": "",
    "mlp-sweep": "-m experiments",
    "snakemake": "-m snakemake",
    "jupytext": "-m jupytext",
}
CELL = """from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance(colors="nocolor").run_cell('''{}''')"""

PROMPT = re.compile(r"^Out\[\d+\]: *", flags=re.M)


class Block(NamedTuple):
    """A block of code on a page: why it is not run, the language, the content."""

    skipped: str
    kind: str
    content: str

    @property
    def commands(self) -> str:
        """What a reader of the page does with it, as shell commands: write a file, or run it."""
        if file := FILE.match(self.content):
            path = Path(file[1])
            return f"mkdir -p {path.parent}; cat > {path} <<'END'\n{self.content}END\n"
        return self.content if self.kind == "sh" and not self.skipped else ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a page."""
    yield from (Block(*found) for found in BLOCK.findall(text))


def clone_to(folder: Path, *more: str) -> Path:
    """Copy the code of the project, and `more` of it, into a new folder; return that."""
    folder.mkdir(parents=True)
    unwanted = shutil.ignore_patterns("__pycache__", "_build")
    for name in (*CODE, *more):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def run(commands: str, clone: Path) -> str:
    """Run shell commands in a clone, as a person does whose home is the folder around it.

    Returns what they say. Raises RuntimeError if one fails.
    """
    tools = clone.parent / "bin"
    tools.mkdir(exist_ok=True)
    for name, words in PROGRAMS.items():
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (tools / name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(clone),
        "HOME": str(clone.parent),
        "MPLCONFIGDIR": matplotlib.get_configdir(),
    }
    environment.pop("MLP_CACHE", None)
    done = subprocess.run(
        ["sh", "-e", "-c", commands], cwd=clone, env=environment, text=True, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{commands}\nfailed:\n{done.stdout}")
    return done.stdout.replace(sys.executable, "python")


def with_outputs(text: str, clone: Path) -> str:
    """Return a page with what its commands and its Python say below them."""

    def shown(match: re.Match) -> str:
        block = Block(*match.groups())
        commands = block.commands
        if block.kind == "python":
            commands = f"python - <<'END'\n{CELL.format(block.content)}\nEND\n"
        said = PROMPT.sub("", run(commands, clone)).strip() if commands else ""
        return f"{match[0]}\n\n```text\n{said}\n```" if said else match[0]

    return BLOCK.sub(shown, text)


def add_outputs(app: object, page: str, source: list[str]) -> None:
    """Give Sphinx the tutorial with the outputs of its commands, which are run now."""
    if page == "tutorial":
        shutil.rmtree(FOLDER, ignore_errors=True)
        source[0] = with_outputs(source[0], clone_to(FOLDER / "mlp-experiments"))
