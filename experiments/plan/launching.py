"""Starts Snakemake on a config, as `mlp-sweep run CONFIG` does.

Snakemake alone takes every word after `--configfile` for one more config; here targets and options
come in any order, and `--set KEY=VALUE` changes a key of the config. Results are written to the
current folder, as with Snakemake alone.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.base import UserError, files, prepared

CLONE = Path(__file__).absolute().parents[2]
CODE = Path("experiments/__main__.py")
DISPLAY = "snakemake_logger_plugin_mlp"
"""Snakemake with the project's display of progress."""
PREPARED = ("reports", "prepare")
"""The module with its word that becomes the prepared process."""

_PLACES_JOBS = re.compile(r"(-[cj].*|-e|--(cores|jobs|executor|profile|workflow-profile)(=.*)?)")
"""Options that say themselves where, or how many at once, jobs run."""


def launch(config: Path, words: Sequence[str], cores: int) -> None:
    """Print the command that runs a config, and become it: its exit code is that of the process.

    `words` are targets and options of Snakemake. Raises UserError as `snakemake_command`.
    """
    command = snakemake_command(config, words, cores)
    print(shlex.join(command), file=sys.stderr, flush=True)  # stdout is Snakemake's: --dag | dot
    os.execv(command[0], command)


def prepare(config: Path, clone: Path = CLONE) -> None:
    """Start the prepared process if a sweep is likely to have steps to do.

    It loads on another core what the steps need while Snakemake loads itself. Likely is: the sweep
    has no page, or its config was edited since. A wrong guess costs nothing but processor time.
    """
    page = Path("results", config.stem, files.PAGE)
    if not page.is_file() or page.stat().st_mtime < config.stat().st_mtime:
        prepared.start(PREPARED, clone)


def become(module: str, *words: str) -> None:
    """Run a module with words as `python -m` does, in place of this process."""
    os.execv(sys.executable, [sys.executable, "-m", module, *words])


def snakemake_command(
    config: Path, words: Sequence[str], cores: int, clone: Path = CLONE
) -> list[str]:
    """Return the command that runs a config with the Python of this process.

    `cores` are for those who do not say with an option of their own where jobs run. Raises
    UserError if there is no config or no Snakefile, for a second config, and in another clone,
    whose code would take part.
    """
    if not config.is_file():
        raise UserError(f"there is no config {config}")
    if second := [
        word for word in words if word.split("=")[0] in ("--configfile", "--configfiles")
    ]:
        raise UserError(f"one config at a time: {second[0]} comes after the config {config}")
    if not (clone / "Snakefile").is_file():
        raise UserError(
            f"there is no Snakefile in {clone}: run is for a clone of the project that was "
            "installed with `pip install -e .`"
        )
    if CODE.is_file() and not CODE.samefile(clone / CODE):
        raise UserError(
            f"the current folder is a clone of the project, and this command belongs to another, "
            f"{clone}: change the folder, or run `python -m experiments run` here"
        )
    command = [str(files.near(Path(sys.executable))), "-m", DISPLAY]
    if clone != Path.cwd():
        command += ["-s", str(clone / "Snakefile")]
    command += [f"--configfile={config}"]  # with = it takes no more words
    if not any(word.split("=")[0] == "--logger" for word in words):
        command += ["--logger=mlp"]  # the same
    if not any(_PLACES_JOBS.fullmatch(word) for word in words):
        command += ["--cores", str(cores)]
    return [*command, *_with_changes(words)]


def _with_changes(words: Sequence[str]) -> list[str]:
    """Return the words with `--set KEY=VALUE` as Snakemake takes it: in one `--config set=`."""
    found, changes = [], []
    left = iter(words)
    for word in left:
        name, sign, value = word.partition("=")
        if name != "--set":
            found.append(word)
        elif change := value if sign else next(left, ""):
            changes.append(change)
        else:
            raise UserError("--set: expected KEY=VALUE, such as --set studies.init.seeds=20")
    if not changes:
        return found
    if any(word.removeprefix("--config=").startswith("set=") for word in found):
        raise UserError("changes are given twice, by --set and by --config set=: use --set alone")
    given = f"set={json.dumps(changes, ensure_ascii=False)}"
    for place in reversed(range(len(found))):  # Snakemake takes the last --config alone
        option, sign, value = found[place].partition("=")
        if option in ("--config", "-C"):
            found[place : place + 1] = [option, given, *([value] if sign else [])]
            return found
    return [*found, f"--config={given}"]  # with = it takes no more words
