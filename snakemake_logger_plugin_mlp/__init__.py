"""The display of a sweep that runs, a logger plugin of Snakemake: `--logger mlp`.

Comes in: Snakemake's log events, and from the Snakefile an `Outline`. Goes out: lines for people.

    progress      the state and its lines, from events alone
    handler       Snakemake's events, and the terminal
    interruption  Ctrl-C
    __main__      Snakemake with this display, as `mlp-sweep run` starts it

Snakemake finds the package by its name, and loads it whenever it starts.
"""

from snakemake_logger_plugin_mlp.handler import LogHandler

__all__ = ["LogHandler"]
