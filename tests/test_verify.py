"""Results that are trained again, and results that were tampered with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.base.english import counted
from experiments.base.errors import UserError
from experiments.results.provenance import write_provenance
from experiments.results.verification import chance, draw, stored_plan, verify
from tests.sweeps import TINY, Sweep

ROOT = Path(__file__).parent.parent
FITTING = {"layers": [5], "epochs": 3}


@pytest.fixture
def finished(tmp_path) -> Sweep:
    return finish(Sweep(tmp_path))


def finish(sweep: Sweep) -> Sweep:
    sweep.train()
    sweep.collect()
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    return sweep


def verified(sweep: Sweep, **options) -> tuple[bool, str]:
    said: list[str] = []
    plan = stored_plan(sweep.results)
    good = verify(plan, sweep.results, sweep.data, say=said.append, **options)
    return good, "\n".join(said)


def edit_curves(sweep: Sweep, change) -> None:
    path = sweep.results / "curves.parquet"
    curves = pd.read_parquet(path)
    change(curves)
    curves.to_parquet(path, index=False)


def edit_provenance(sweep: Sweep, **facts) -> None:
    path = sweep.results / "provenance.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | facts))


@pytest.mark.parametrize("sample", [1, 5, None])
def test_results_of_this_machine_are_the_same_bits(finished, sample):
    good, said = verified(finished, sample=sample)
    count = sample or 32
    assert good
    assert f"tiny: {count} of 32 runs trained again" in said
    assert "compared bit by bit" in said
    assert f"{count} of {count} have the same bits" in said


def test_networks_of_several_depths_and_runs_that_end_early_are_compared(tmp_path):
    base = {"epochs": 6, "patience": 1, "hidden": "relu"}
    grid = {"layers": [[], [4], [4, 4]], "eta": [0.1, 1e300]}
    content = {"seeds": 3, "studies": {"a": {"datasets": ["iris"], "base": base, "grid": grid}}}
    good, said = verified(finish(Sweep(tmp_path, content)), sample=None)
    assert good, said


def test_a_changed_bit_is_named(finished):
    def change(curves):
        curves.loc[5, "test_cost"] = np.nextafter(curves.loc[5, "test_cost"], 9)

    edit_curves(finished, change)
    good, said = verified(finished, sample=None)
    assert not good
    assert "31 of 32" in said
    assert "test_cost at epoch 1 is stored as" in said


def test_a_table_of_runs_that_contradicts_the_curves_is_named(finished):
    path = finished.results / "runs.parquet"
    runs = pd.read_parquet(path)
    runs.loc[3, "test_accuracy"] += 0.01
    runs.to_parquet(path, index=False)
    good, said = verified(finished, sample=None)
    assert not good
    assert "runs.parquet says" in said


def test_elsewhere_costs_are_compared_within_a_tolerance(finished):
    edit_provenance(finished, processor="another")
    noise = np.random.default_rng(0)

    def round_otherwise(curves):
        curves["test_cost"] *= 1 + 1e-10 * noise.standard_normal(len(curves))

    edit_curves(finished, round_otherwise)
    good, said = verified(finished, sample=None)
    assert good, said
    assert "processor was another" in said
    assert "32 of 32 runs in float64 with costs within 1e-06" in said


@pytest.mark.parametrize(("epoch", "word"), [(1, "31 of 32"), (3, "NOT ALIKE")])
def test_elsewhere_other_results_are_noticed(finished, epoch, word):
    edit_provenance(finished, packages={"numpy": "1.0", "scipy": "1.0"})

    def spoil(curves):
        rows = curves["epoch"] == epoch
        rows &= rows.cumsum() <= (1 if epoch == 1 else 32)
        curves.loc[rows, "test_cost"] *= 1.01

    edit_curves(finished, spoil)
    good, said = verified(finished, sample=None)
    assert not good
    assert word in said


def test_a_sample_takes_each_study_in_turn(tmp_path):
    study = TINY["studies"]["activations"]
    small = study | {"seeds": 1, "compare": [], "tune": None, "base": {"layers": [2], "epochs": 3}}
    sweep = Sweep(tmp_path, {"seeds": 8, "studies": {"large": study, "small": small}})
    sweep.train()
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet").set_index("run_id")
    drawn = draw(sweep.plan, runs, 4, seed=0)
    assert sorted(runs.loc[drawn, "study"]) == ["large", "large", "small", "small"]
    assert drawn == draw(sweep.plan, runs, 4, seed=0) != draw(sweep.plan, runs, 4, seed=1)


def test_runs_without_results_are_counted(tmp_path):
    sweep = Sweep(tmp_path, job_seconds=1e-3)
    sweep.train()
    lost = sweep.plan.jobs[0]
    (sweep.results / "jobs" / f"{lost.name}.bin").unlink()
    sweep.collect(partial=True)
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    good, said = verified(sweep, sample=None)
    assert good
    assert f"nothing to compare with: {counted(len(lost.specs), 'run')}" in said


def test_data_that_is_lost_is_made_again_and_other_data_is_refused(finished):
    (path,) = finished.data.iterdir()
    path.write_bytes(b"damaged")
    assert verified(finished, sample=2)[0]
    facts = json.loads((finished.results / "provenance.json").read_text(encoding="utf-8"))["data"]
    facts["iris"]["checksum"] = "0" * 64
    edit_provenance(finished, data=facts)
    with pytest.raises(UserError, match="dataset iris: its values are not those"):
        verified(finished, sample=2)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("provenance.json", None, "Only a finished sweep can be verified"),
        ("provenance.json", b"{", "is damaged"),
        ("runs.parquet", b"", "runs.parquet cannot be read"),
        ("curves.parquet", b"PAR1", "curves.parquet cannot be read"),
        ("curves.parquet", None, "curves.parquet is not there; run snakemake again"),
    ],
)
def test_files_that_cannot_be_read_are_named(finished, name, content, message):
    path = finished.results / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        verified(finished)


def test_changed_code_is_said(finished):
    edit_provenance(finished, code_fingerprint="of before")
    good, said = verified(finished, sample=2)
    assert good
    assert "numeric code is not that of the results" in said


def test_chances():
    values = np.linspace(0, 1, 30)
    assert chance(values, values) == 1
    assert chance(values, values + 1e-9) < 1e-6  # all moved one way
    assert chance(values, values + 1e-9 * (-1.0) ** np.arange(30)) == 1
    assert chance(np.full(3, np.nan), np.full(3, np.inf)) == 1


@pytest.mark.slow
def test_another_kernel_of_the_blas_is_within_the_tolerance(finished):
    """OpenBLAS is told to use the products of an old processor, which round otherwise."""
    edit_provenance(finished, processor="another")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(finished.results), str(finished.data)],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


SCRIPT = """
import sys
from pathlib import Path
from experiments.results.verification import stored_plan, verify
results, data = map(Path, sys.argv[1:])
sys.exit(not verify(stored_plan(results), results, data, sample=None))
"""
