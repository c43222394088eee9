"""The guarantees: bit-identical results, nothing trained twice, nothing lost."""

import copy
import shutil
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from experiments.base import store
from experiments.base.errors import UserError
from experiments.plan import expand
from experiments.plan.outlook import run_states
from experiments.results.collection import _outcome
from experiments.results.columns import PARTS
from experiments.schema import validate
from experiments.training import fingerprint
from experiments.training.job import cached_name
from tests.sweeps import TINY, Sweep

RUNS = 32


def changed(**study) -> dict:
    content = copy.deepcopy(TINY)
    content["studies"]["activations"] |= study
    return content


def hashes(sweep: Sweep) -> dict[str, str]:
    """Collect, and return what may not change: the tables without the wall clock."""
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet").drop(columns="seconds")
    return {
        "runs": pd.util.hash_pandas_object(runs).sum(),
        "curves": store.hashlib.sha256((sweep.results / "curves.parquet").read_bytes()).hexdigest(),
    }


@pytest.fixture
def trained(tmp_path) -> Sweep:
    sweep = Sweep(tmp_path)
    assert sweep.train() == RUNS
    return sweep


def test_a_second_run_trains_nothing(trained):
    assert trained.train() == 0


@pytest.mark.parametrize(
    ("study", "new"),
    [
        ({"seeds": 9}, 4),
        ({"grid": {"hidden": ["sigmoid", "tanh", "relu"], "eta": [0.1, 1.0]}}, 16),
        ({"grid": {"hidden": ["sigmoid", "tanh"], "eta": [0.1, 0.5, 1.0]}}, 16),
        ({"datasets": ["iris", "wine"]}, RUNS),
        ({"title": "Another title"}, 0),
    ],
)
def test_an_extended_config_trains_the_new_runs_only(trained, study, new):
    assert Sweep(trained.folder, changed(**study)).train() == new
    assert Sweep(trained.folder).train() == 0


def test_a_run_in_two_studies_is_trained_once(tmp_path):
    content = copy.deepcopy(TINY)
    content["studies"]["again"] = content["studies"]["activations"]
    sweep = Sweep(tmp_path, content)
    assert sweep.train() == RUNS
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    assert len(runs) == 2 * RUNS
    assert runs["run_id"].nunique() == RUNS


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A copy of the numeric source that a test may edit; the fingerprint is taken from it."""
    copied = tmp_path / "source"
    shutil.copytree(fingerprint.SOURCE, copied)
    monkeypatch.setattr(fingerprint, "SOURCE", copied)
    fingerprint._source.cache_clear()
    yield copied
    fingerprint._source.cache_clear()


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    fingerprint._source.cache_clear()


def test_editing_a_component_retrains_its_runs_and_the_core_all(tmp_path, source):
    folder = tmp_path / "sweep"
    folder.mkdir()
    assert Sweep(folder).train() == RUNS
    tanh = ("np.tanh(z, out=out)", "np.tanh(1 * z, out=out)")
    edit(source / "activations.py", *tanh)
    assert Sweep(folder).train() == RUNS // 2
    edit(source / "activations.py", *reversed(tanh))
    assert Sweep(folder).train() == 0
    core = ("np.add(g, s, out=g)", "np.add(g, 1 * s, out=g)")
    edit(source / "descent.py", *core)
    assert Sweep(folder).train() == RUNS
    edit(source / "descent.py", *reversed(core))
    assert Sweep(folder).train() == 0
    edit(source / "activations.py", '"""σ(z) = tanh z', '"""Now σ(z) = tanh z')
    edit(source / "activations.py", "op.Tanh(z)", "op.Identity(op.Tanh(z))")  # for export only
    edit(source / "selection.py", "    costs = np", "    # a comment\n    costs = np")
    assert Sweep(folder).train() == 0


def test_a_component_counts_those_that_it_calls(source):
    spec = next(iter(Sweep(source.parent).plan.runs.values())) | {"schedule": "cosine"}
    edit(
        source / "schedules.py", "return eta * (1 + cos(", "return constant(eta, 0, 0) * (1 + cos("
    )
    before = fingerprint.run_fingerprint(spec)
    edit(source / "schedules.py", "    return eta\n", "    return 1 * eta\n")
    assert fingerprint.run_fingerprint(spec) != before


@pytest.mark.parametrize("resources", [{"job_seconds": 1e-4}, {"job_seconds": 2e-3}])
def test_results_do_not_depend_on_the_packing(trained, tmp_path, resources):
    (tmp_path / "other").mkdir()
    other = Sweep(tmp_path / "other", **resources)
    assert len(other.plan.jobs) > len(trained.plan.jobs)
    assert other.train() == RUNS
    assert hashes(other) == hashes(trained)


def test_results_do_not_depend_on_what_was_cached(trained, tmp_path):
    (tmp_path / "other").mkdir()
    other = Sweep(tmp_path / "other", changed(seeds=[1, 3, 0, 2, 5, 4, 7, 6]))
    other.train()
    other = Sweep(tmp_path / "other")
    assert other.train() == 0
    assert hashes(other) == hashes(trained)


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_damaged_files_are_named_and_made_again(trained, damage):
    whole = hashes(trained)
    job = next(iter((trained.results / "jobs").iterdir()))
    run = next(iter(trained.cache.glob("*/*.run")))
    for path in (job, run):
        content = path.read_bytes()
        path.write_bytes(content[:-9] + b"flipped!!" if damage is None else damage)
    said = []
    import experiments.results.collection as module

    original = module.load_job
    module.load_job = lambda *a, **k: original(*a, say=said.append, **k)
    try:
        assert hashes(trained) == whole
    finally:
        module.load_job = original
    assert any(job.name in text for text in said)
    assert any(run.name in text and "trained again" in text for text in said)


def test_a_file_of_another_job_is_not_collected(tmp_path):
    sweep = Sweep(tmp_path, job_seconds=1e-3)
    sweep.train()
    whole = hashes(sweep)
    first, second, *_ = sorted((sweep.results / "jobs").iterdir())
    shutil.copy(first, second)
    assert hashes(sweep) == whole


def test_a_missing_job_is_an_error_or_a_stated_gap(tmp_path):
    sweep = Sweep(tmp_path, job_seconds=1e-3)
    sweep.train()
    lost = sweep.plan.jobs[0]
    (sweep.results / "jobs" / f"{lost.name}.bin").unlink()
    with pytest.raises(UserError, match=f"1 of {len(sweep.plan.jobs)} jobs, .*{lost.name}"):
        sweep.collect()
    assert not (sweep.results / "curves.parquet").exists()
    sweep.collect(partial=True)
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    assert (runs["status"] == "missing").sum() == len(lost.specs)
    assert len(runs) == RUNS


def test_impossible_combinations_are_rows_with_reasons(tmp_path):
    content = changed(
        base={"layers": [5], "epochs": 2, "output": "sigmoid"},
        grid={"output_units": ["classes", 1], "cost": ["mse", "cross_entropy"]},
        datasets=["iris", "breast_cancer"],
        compare="cost",
        tune=None,
        exclude=[{"cost": "mse", "dataset": "breast_cancer"}],
    )
    sweep = Sweep(tmp_path, content)
    sweep.train()
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    skipped = runs[runs["status"] == "skipped"]
    assert len(runs) == 2 * 2 * 2 * 8
    assert set(skipped["reason"]) == {
        "one output unit cannot tell 3 classes apart",
        "left out by exclude[0]",
    }
    assert runs.loc[runs["status"] == "ok", "test_accuracy"].notna().all()


def test_divergence_is_a_result_that_disturbs_nobody(tmp_path):
    base = {"layers": [5], "epochs": 4, "hidden": "relu", "cost": "mse", "output": "softmax"}
    grid = {"init": ["fan_in", "he"], "eta": [0.1, 1e300]}
    sweep = Sweep(tmp_path, changed(base=base, grid=grid, compare="init", tune="eta"))
    sweep.train()
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    assert set(runs.loc[runs["eta"] > 1, "status"]) == {"diverged"}
    assert (runs.loc[runs["eta"] > 1, "diverged_at"] >= 1).all()
    assert (runs.loc[runs["eta"] > 1, "test_accuracy"] == 0).all()
    (tmp_path / "calm").mkdir()
    grid = {"init": ["fan_in", "he"], "eta": [0.1]}
    calm = Sweep(tmp_path / "calm", changed(base=base, grid=grid, compare="init", tune="eta"))
    calm.train()
    calm.collect()
    alone = pd.read_parquet(calm.results / "runs.parquet").set_index("run_id")
    beside = runs[runs["eta"] < 1].set_index("run_id")
    pd.testing.assert_frame_equal(
        alone.drop(columns=["seconds", "labels"]), beside.drop(columns=["seconds", "labels"])
    )


def test_a_changed_dataset_is_another_result():
    plan = expand("x", validate(TINY))
    spec = next(iter(plan.runs.values()))
    assert cached_name(spec, "a") != cached_name(spec, "b")


def test_curves_hold_every_epoch_of_every_run(trained):
    trained.collect()
    curves = pd.read_parquet(trained.results / "curves.parquet")
    assert len(curves) == RUNS * 4
    assert curves.groupby("run_id")["epoch"].apply(list).map(lambda e: e == [0, 1, 2, 3]).all()
    first = curves[curves["epoch"] == 0]
    assert np.isnan(first["step_size"]).all()
    assert first["gradient_norm_1"].gt(0).all()
    runs = pd.read_parquet(trained.results / "runs.parquet").set_index("run_id")
    last = curves[curves["epoch"] == 3].set_index("run_id")["test_accuracy"]
    pd.testing.assert_series_equal(runs["test_accuracy"].sort_index(), last.sort_index())


def test_the_plan_tells_new_cached_and_stale_apart(tmp_path, source):
    folder = tmp_path / "sweep"
    folder.mkdir()
    sweep = Sweep(folder)
    states = run_states(sweep.plan, sweep.data, sweep.shared)
    assert {s.state for s in states.values()} == {"new"}
    sweep.train()
    extended = Sweep(folder, changed(seeds=9))
    count = Counter(s.state for s in run_states(extended.plan, sweep.data, sweep.shared).values())
    assert count == {"cached": RUNS, "new": 4}
    edit(source / "activations.py", "np.tanh(z, out=out)", "np.tanh(1 * z, out=out)")
    states = run_states(sweep.plan, sweep.data, sweep.shared).values()
    assert Counter((s.state, s.reason) for s in states) == {
        ("cached", ""): RUNS // 2,
        ("stale", "hidden tanh changed"): RUNS // 2,
    }


def test_the_best_epoch_is_by_accuracy_then_by_cost_then_the_first():
    names = [f"{p}_{m}" for p in PARTS for m in ("accuracy", "cost")]
    validation = [(90, 0.1), (95, 0.5), (95, 0.3), (95, 0.3), (np.nan, 0.0)]
    curve = np.zeros((len(validation), len(names)))
    curve[:, 2:4] = validation
    assert _outcome(names, curve, np.array([-1.0, -1.0, 0.0, -1.0]))["best_epoch"] == 2
