"""Sweeps of multilayer perceptrons: config, plan, training jobs, statistics."""

__all__ = ["load_results"]


def __getattr__(name: str):
    """Import `load_results` when it is first asked for: the train job must not wait for pandas."""
    if name == "load_results":
        from experiments.results import load_results

        return load_results
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
