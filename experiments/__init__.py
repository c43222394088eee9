"""Sweeps of multilayer perceptrons, one package for each stage, in the order of the data.

    schema      a config in YAML is checked
    datasets    the data it names are made
    plan        it is expanded into runs, and runs are packed into jobs
    training    each job trains a stack of runs
    results     the results are collected, tabulated, verified and loaded
    statistics  arms are compared
    claims      what the paper says is judged
    equations   its equations are checked, as printed and as corrected
    probes      three claims are checked on small networks
    benchmark   training is timed
    base        files, names and messages that every stage needs

A package is imported through its face, its `__init__`. The order of imports is a contract in
pyproject.toml. For users: :func:`load_results`.
"""

__all__ = ["load_results"]


def __getattr__(name: str):
    """Import `load_results` when it is first asked for: the train job must not wait for pandas."""
    if name == "load_results":
        from experiments.results import load_results

        return load_results
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
