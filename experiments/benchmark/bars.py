"""The package's performance targets (bars) and whether they are met, from the measurements."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from experiments.benchmark.measure import Recording

AGAINST_SKLEARN = {"digits": 25.0, "MNIST-1D": 7.0, "wide input": 5.0, "large": 4.5, "deep": 5.0}
AGAINST_FLOOR = {"digits": 1.7, "MNIST-1D": 1.5, "wide input": 1.2, "large": 1.2, "deep": 1.2}
ALONE_AGAINST_SKLEARN = 3.0
AGAINST_JAX = 1.3
AGAINST_SGD = {"momentum": 1.25, "adam": 1.6}
RECORDING = 1.5
JOB_MEGABYTES = 600.0
WALL_FACTOR, WALL_SECONDS = 1.35, 45.0
"""Bound on a sweep on two cores: a multiple of half its training loops, plus a constant."""
ALLOCATED_BYTES = 4096.0
"""What the peak may differ by chance (Python's own objects) between few and many steps."""
ACCURACY = 0.02
"""Contenders whose mean test accuracies are this close to ours count as equally accurate. All
but scikit-learn start from the same numbers and see the same order of the samples."""

RECORDED = {"default": "validation and test", "exact": "exact training-set figures too"}

COLUMNS = ("bar", "workload", "sense", "required", "measured", "unit", "met")


class Bar(NamedTuple):
    """One bar and what was measured; `met` is empty where nothing was."""

    bar: str
    workload: str
    sense: str
    required: float
    measured: float | None
    unit: str

    @property
    def met(self) -> bool | None:
        """Whether the measurement is on the right side."""
        if self.measured is None:
            return None
        more = self.sense == "at least"
        return self.measured >= self.required if more else self.measured <= self.required


def bars(
    results: pd.DataFrame,
    recording: Mapping[str, Mapping[str, Recording]],
    memory: Mapping[str, float],
    *others: Bar,
) -> pd.DataFrame:
    """Return the table of bars, with `others` at its end.

    `results` is the benchmark's table, `recording` its costs by workload and kind, `memory`
    holds `megabytes` of a job and `growth`, bytes that more steps took.
    """
    found = [*_speed(results), *_equal(results)]
    for kind, what in RECORDED.items():
        found += [
            Bar(f"recording {what}", work, "at most", RECORDING, costs[kind].passes, "bare passes")
            for work, costs in recording.items()
        ]
    growth = memory.get("growth")
    found.append(
        Bar("memory that more steps take", "digits", "at most", ALLOCATED_BYTES, growth, "bytes")
    )
    found.append(
        Bar(
            "peak memory of a train job",
            "default study",
            "at most",
            JOB_MEGABYTES,
            memory.get("megabytes"),
            "MB",
        )
    )
    rows = [{**bar._asdict(), "met": bar.met} for bar in (*found, *others)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def spoken(table: pd.DataFrame) -> Iterator[str]:
    """Yield a line for each bar of a table: what was measured, what is required, missed or not."""
    for row in table.to_dict("records"):
        known = pd.notna(row["measured"])
        what = f"{row['measured']:.3g} {row['unit']}" if known else "not measured"
        missed = ", MISSED" if known and not row["met"] else ""
        yield (
            f"{row['bar']}, {row['workload']}: {what} ({row['sense']} {row['required']:g}{missed})"
        )


def wall_bar(study: str, wall: float | None, training: float) -> Bar:
    """Return the bar on the wall time of a sweep that two cores ran in one go, in seconds."""
    required = WALL_FACTOR * training / 2 + WALL_SECONDS
    return Bar("wall time on two cores", study, "at most", required, wall, "seconds")


def optimizer_bars(work: str, times: Mapping[str, float]) -> Iterator[Bar]:
    """Yield the bar on a step of each optimizer, as a multiple of one of sgd."""
    for name, measured in times.items():
        yield Bar(f"{name} against sgd", work, "at most", AGAINST_SGD[name], measured, "times")


def _speed(results: pd.DataFrame) -> Iterator[Bar]:
    for work in results["workload"].unique():
        mine = results[results["workload"] == work]
        ours = mine[(mine["contender"] == "mlp") & (mine["dtype"] == "float64")]
        best = _least(ours)
        rival = _median(mine, "scikit-learn", "float64")
        floor = _median(mine, "floor", "float64")
        alone = _least(ours[ours["replicas"] == 1])
        yield Bar(
            "best R against scikit-learn",
            work,
            "at least",
            AGAINST_SKLEARN[work],
            _ratio(rival, best),
            "times",
        )
        yield Bar(
            "R = 1 against scikit-learn",
            work,
            "at least",
            ALONE_AGAINST_SKLEARN,
            _ratio(rival, alone),
            "times",
        )
        yield Bar(
            "best R against the floor",
            work,
            "at most",
            AGAINST_FLOOR[work],
            _ratio(best, floor),
            "times",
        )
        if work in ("digits", "MNIST-1D"):
            single = _least(mine[(mine["contender"] == "mlp") & (mine["dtype"] == "float32")])
            jax = _median(mine, "JAX", "float32")
            yield Bar(
                "float32 against JAX", work, "at least", AGAINST_JAX, _ratio(jax, single), "times"
            )


def _equal(results: pd.DataFrame) -> Iterator[Bar]:
    """Yield how far the others' accuracies are from ours, of as many runs or of the most."""
    for work, mine in results.dropna(subset="accuracy").groupby("workload", sort=False):
        ours = mine[(mine["contender"] == "mlp") & (mine["dtype"] == "float64")]
        by_count = ours.set_index("replicas")["accuracy"]
        others = mine[mine["contender"] != "mlp"]
        alone = others["contender"] == "scikit-learn"  # its runs have draws of their own
        counts = others["replicas"].where(~alone, by_count.index.max())
        apart = (others["accuracy"] - counts.map(by_count)).abs()
        yield Bar(
            "accuracies of the contenders", work, "at most", ACCURACY, float(apart.max()), "apart"
        )


def _median(frame: pd.DataFrame, contender: str, dtype: str) -> float | None:
    return _least(frame[(frame["contender"] == contender) & (frame["dtype"] == dtype)])


def _least(frame: pd.DataFrame) -> float | None:
    return None if frame.empty else float(frame["microseconds"].min())


def _ratio(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a / b


def reference(results: pd.DataFrame, contender: str) -> Mapping[Any, float]:
    """Return the best time of a contender by workload and dtype."""
    mine = results[results["contender"] == contender]
    return mine.groupby(["workload", "dtype"])["microseconds"].min().to_dict()
