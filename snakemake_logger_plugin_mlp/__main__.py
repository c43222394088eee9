"""Runs Snakemake with this display known to it, and ends an interrupted run in one line."""

import gc
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

import snakemake_logger_plugin_mlp as plugin
from experiments.plan import prepare
from snakemake_logger_plugin_mlp.interruption import EXIT_CODE, INTERRUPTED, interrupt


def main(words: Sequence[str]) -> int:
    """Run Snakemake on some words and return its exit code, or 130 if it was interrupted."""
    gc.set_threshold(100_000)  # modules and rules, which Snakemake makes first, are no garbage
    signal.signal(signal.SIGINT, interrupt)
    for config in _configs(words):
        prepare(config)
    try:
        # by hand, since Snakemake does not look into what was installed with `pip install -e`
        LoggerPluginRegistry().register_plugin(plugin.__name__, plugin)
        from snakemake.cli import main as snakemake

        snakemake([*words])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        code = EXIT_CODE
    if code and INTERRUPTED.is_set():
        print("interrupted; the same command goes on", file=sys.stderr)
        return EXIT_CODE
    gc.freeze()  # or Python looks for garbage at its end, for a quarter of a second
    return code


def _configs(words: Sequence[str]) -> list[Path]:
    """Return the config files that some words name, as `mlp-sweep run` does."""
    named = (word.partition("=") for word in words)
    paths = [Path(value) for name, _, value in named if name == "--configfile"]
    return [path for path in paths if path.is_file()]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
