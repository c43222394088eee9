"""Tune, then confirm: fresh runs on new splits at the value that the tuning chooses."""

import copy
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import statistics
from experiments.base import store
from experiments.base.errors import ConfigError, DamagedFileError
from experiments.plan import make_plan
from experiments.plan.outlook import describe
from experiments.results.cleaning import clean
from experiments.results.provenance import write_provenance
from experiments.results.show import show_run
from experiments.results.verification import verify
from experiments.schema import Confirm, validate
from experiments.training import run_id
from experiments.training.choosing import Choice, Final, Tuned, choices
from experiments.training.dealing import USUAL
from experiments.training.drawing import FIRST, on_split, run_seeds, split_draws
from tests.sweeps import TINY, Sweep, write_config

CONFIRM = {"splits": 4, "seeds": 2}
RUNS = 32


def content(confirm=CONFIRM, **study) -> dict:
    made = copy.deepcopy(TINY) | {"confirm": confirm}
    made["studies"]["activations"] |= study
    return made


def table(sweep: Sweep) -> pd.DataFrame:
    sweep.collect()
    return pd.read_parquet(sweep.results / "runs.parquet")


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Sweep:
    sweep = Sweep(tmp_path_factory.mktemp("confirmed"), content())
    sweep.train()
    sweep.collect()
    return sweep


# --- Splits and seeds ---------------------------------------------------------------------------


@given(st.integers(2, 60), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_every_run_has_a_seed_of_its_own(splits, seeds, draw):
    numbers = [n for row in run_seeds(splits, seeds, draw) for n in row]
    assert len(set(numbers)) == splits * seeds
    assert len(set(split_draws(splits, seeds, draw))) == splits
    assert all(FIRST <= n < 2**32 for n in numbers)


def test_as_many_as_the_schema_allows_do_not_collide():
    assert len({n for row in run_seeds(1_000, 100, 0) for n in row}) == 100_000


def test_another_number_or_draw_has_all_new_splits_and_seeds():
    kinds = [(20, 5, 0), (20, 5, 1), (21, 5, 0), (20, 6, 0)]
    for make in (split_draws, lambda *kind: sum(run_seeds(*kind), ())):
        numbers = [set(make(*kind)) for kind in kinds]
        assert len(set.union(*numbers)) == sum(map(len, numbers))


def test_the_streams_are_frozen():
    assert split_draws(20, 5, 0)[:3] == FROZEN[0]
    assert run_seeds(20, 5, 0)[1][:3] == FROZEN[1]


FROZEN = ((1796522446, 4008487411, 143492442), (3589507634, 4247114920, 2251086210))


@given(st.lists(st.integers(3, 40), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_a_drawn_split_keeps_the_classes_of_each_part(members, seed):
    labels = np.repeat(np.arange(len(members)), members)
    fixed, drawn = (USUAL.rows(len(labels), number, labels) for number in (2018, seed))
    for name, rows in drawn.items():
        counts = [np.bincount(labels[part], minlength=len(members)) for part in (rows, fixed[name])]
        assert counts[0].tolist() == counts[1].tolist()


# --- The choice ---------------------------------------------------------------------------------


@st.composite
def tunings(draw):
    """Runs of arms at values: accuracies and costs with many ties, some diverged, some absent."""
    arms, seeds = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    rows = []
    for arm in range(arms):
        for value in draw(st.sets(st.sampled_from([0.1, 0.3, 1.0, 3.0]), min_size=1)):
            for seed in range(seeds):
                ok = draw(st.booleans())
                rows.append({
                    "dataset": "d", "facet": "", "arm": str(arm), "tuned": value, "seed": seed,
                    "status": "ok" if ok else "diverged", "test_accuracy": 0.5,
                    "validation_accuracy": draw(st.sampled_from([0.0, 0.1, 0.7, 0.8, 0.9])),
                    "validation_cost": draw(
                        st.sampled_from([0.1, 0.2, 0.3, np.nan, np.inf]) if ok
                        else st.sampled_from([np.nan, np.inf])),
                })  # fmt: skip
    return pd.DataFrame(rows)


@given(tunings())
@settings(max_examples=25)
def test_the_choice_is_that_of_the_statistics(cells):
    finals, grouped = {}, {}
    for number, row in enumerate(cells.itertuples()):
        finals[str(number)] = Final(
            row.status == "ok", row.validation_accuracy, row.validation_cost
        )
        grouped.setdefault(row.arm, {}).setdefault(row.tuned, []).append(str(number))
    given_cells = [
        ({"arm": arm}, [Tuned(f"{v:g}", v, tuple(runs)) for v, runs in values.items()])
        for arm, values in grouped.items()
    ]
    made = choices(given_cells, ["arm"], finals)
    own = statistics.choose_step(cells).set_index("arm")
    shared = statistics.shared_step(cells)["tuned"].iloc[0]
    for choice in made:
        arm = choice.labels["arm"]
        if not (cells["status"].eq("ok") & cells["arm"].eq(arm)).any():
            assert choice.chosen is None
            assert choice.used == []
            continue
        assert float(choice.chosen) == own.loc[arm, "tuned"]
        assert choice.on_edge == own.loc[arm, "on_edge"]
        found = choice.shared["arm"]
        assert np.isnan(shared) if found is None else float(found) == shared
        near = statistics.near_best(cells)
        assert sorted(map(float, choice.near)) == sorted(near.loc[near["arm"] == arm, "tuned"])


# --- What is trained ----------------------------------------------------------------------------


def test_a_stored_choice_confirms_the_same_values_in_the_same_order():
    choice = Choice({}, [], "1", shared={"pair": "3", "hidden": "0.3"})
    stored = json.loads(json.dumps(choice.as_record(), sort_keys=True))
    assert Choice(**stored).used == choice.used == ["1", "0.3", "3"]


def test_a_confirmed_sweep_has_the_rows_that_its_config_says(finished):
    runs = pd.read_parquet(finished.results / "runs.parquet")
    confirming = runs[runs["stage"] == "confirm"]
    assert (runs["stage"] == "tune").sum() == RUNS
    assert set(confirming["split"]) == {"drawn"}
    choice = pd.read_csv(finished.results / "choices.csv", dtype={"chosen": str})
    used = {
        json.dumps(json.loads(row.labels) | {"eta": value}, sort_keys=True)
        for row in choice.itertuples()
        for value in {row.chosen, json.loads(row.shared)["hidden"]}
    }
    assert {json.dumps(json.loads(t), sort_keys=True) for t in confirming["labels"]} == used
    for _, rows in confirming.groupby("labels"):
        places = list(zip(rows["split_index"], rows["index"], strict=True))
        assert places == [(s, i) for s in range(4) for i in range(2)]
    assert confirming.groupby(["split_index", "index"])["seed"].nunique().eq(1).all()
    assert confirming["seed"].nunique() == 8
    assert runs.loc[runs["stage"] == "tune", ["split_index", "index"]].isna().all().all()
    assert runs["run_id"].is_unique


def test_confirming_a_finished_sweep_trains_nothing_of_its_tuning_again(tmp_path):
    before = Sweep(tmp_path, content("none"))
    assert before.train() == RUNS
    names = {job.name for job in before.plan.jobs}
    after = Sweep(tmp_path, content())
    assert {job.name for job in after.plan.jobs} == names
    at_least, at_most = after.plan.confirmations[0].runs
    assert at_least <= after.train() <= at_most
    again = Sweep(tmp_path, content({**CONFIRM, "draw": 1}))
    assert at_least <= again.train() <= at_most
    assert Sweep(tmp_path, content()).train() == 0


def test_another_value_of_the_grid_trains_what_it_touches(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "copy")
    grid = {"hidden": ["sigmoid", "tanh"], "eta": [1e-9, 0.1, 1.0]}
    sweep = Sweep(tmp_path / "copy", content(grid=grid))
    assert sweep.train() == 16  # of the tuning: so small a step is chosen for no arm


@pytest.mark.parametrize("job_seconds", [1e-4, 1e-3])
def test_results_do_not_depend_on_the_packing(finished, tmp_path, job_seconds):
    other = Sweep(tmp_path, content(), job_seconds=job_seconds)
    assert len(other.plan.confirm_jobs) > len(finished.plan.confirm_jobs)
    other.train()
    other.collect()
    for name in ("curves.parquet", "choices.csv"):
        assert (other.results / name).read_bytes() == (finished.results / name).read_bytes()
    one, two = (
        pd.read_parquet(s.results / "runs.parquet").drop(columns="seconds")
        for s in (finished, other)
    )
    pd.testing.assert_frame_equal(one, two)


def test_an_interrupted_confirmation_goes_on_with_the_same_bytes(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "copy")
    sweep = Sweep(tmp_path / "copy", content())
    job = sweep.results / "confirm" / f"{sweep.plan.confirm_jobs[0].name}.bin"
    kept = store.read(job)
    job.unlink()
    lost = sorted((sweep.cache).glob("*/*.run"))[::3]
    for path in lost:
        path.unlink()
    sweep.train()
    sweep.collect()
    name = "curves.parquet"
    assert (sweep.results / name).read_bytes() == (finished.results / name).read_bytes()
    assert store.read(job)[0]["choices"] == kept[0]["choices"]


def test_a_damaged_confirming_job_is_made_again(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "copy")
    sweep = Sweep(tmp_path / "copy", content())
    job = next((sweep.results / "confirm").iterdir())
    job.write_bytes(job.read_bytes()[:-3])
    sweep.collect()
    name = "curves.parquet"
    assert (sweep.results / name).read_bytes() == (finished.results / name).read_bytes()


def test_a_damaged_tuning_job_is_named_with_the_mend(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "copy")
    sweep = Sweep(tmp_path / "copy", content())
    job, tuning = (next((sweep.results / name).iterdir()) for name in ("confirm", "jobs"))
    job.unlink()
    tuning.write_bytes(b"x")
    with pytest.raises(DamagedFileError) as told:
        sweep.train()
    assert str(told.value).count(tuning.name) == 1
    assert "damaged. Delete it and run the same command again" in str(told.value)


def test_a_cell_without_a_sound_tuning_run_is_rows_with_a_reason(tmp_path):
    base = {"layers": [5], "epochs": 4, "hidden": "relu", "cost": "mse", "output": "softmax"}
    grid = {"init": ["fan_in", "he"], "eta": [1e300, 1e299]}
    made = content(base=base, grid=grid, compare="init")
    sweep = Sweep(tmp_path, made)
    sweep.train()
    runs = table(sweep)
    skipped = runs[runs["status"] == "skipped"]
    assert set(skipped["reason"]) == {"every run of its tuning diverged, whatever eta"}
    assert (skipped["run_id"] == "").all()
    assert skipped["labels"].value_counts().to_dict() == {
        '{"init":"fan_in"}': 8,
        '{"init":"he"}': 8,
    }


def test_runs_of_several_lengths_are_collected(tmp_path):
    sweep = Sweep(
        tmp_path, content(grid={"hidden": ["tanh", "relu"], "epochs": [2, 4]}, tune="epochs")
    )
    sweep.train()
    runs = table(sweep)
    curves = pd.read_parquet(sweep.results / "curves.parquet")
    lengths = curves.groupby("run_id").size() - 1
    assert lengths.loc[runs["run_id"]].tolist() == runs["epochs"].tolist()


def test_a_run_that_two_studies_confirm_has_its_curves_once(tmp_path):
    made = content()
    made["studies"]["again"] = made["studies"]["activations"]
    sweep = Sweep(tmp_path, made)
    sweep.train()
    runs = table(sweep)
    curves = pd.read_parquet(sweep.results / "curves.parquet")
    assert not curves.duplicated(["run_id", "epoch"]).any()
    assert set(curves["run_id"]) == set(runs["run_id"])


def test_a_partial_collection_states_the_gap(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "copy")
    sweep = Sweep(tmp_path / "copy", content())
    next((sweep.results / "confirm").iterdir()).unlink()
    sweep.collect(partial=True)
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    lost = runs[runs["stage"] == "confirm"]
    assert set(lost["status"]) == {"missing"}
    assert len(lost) == 2 * 8


def test_a_confirming_run_is_a_run_of_its_spec(finished):
    job = finished.plan.confirm_jobs[0]
    line = finished.plan.confirm_line(job)
    runs = pd.read_parquet(finished.results / "runs.parquet")
    spec = line["cells"][0]["specs"]["1"]
    ids = [run_id(run) for run in on_split(spec, line["confirm"], 2)]
    there = runs[(runs["split_index"] == 2) & runs["labels"].str.contains('"eta":"1"')]
    assert set(ids) <= set(there["run_id"])


@pytest.mark.parametrize(("every", "measured"), [("doubling", [0, 1, 2, 4, 5]), (3, [0, 3, 5])])
def test_confirming_runs_are_measured_now_and_then(tmp_path, every, measured):
    base = TINY["studies"]["activations"]["base"] | {"epochs": 5}
    sweep = Sweep(tmp_path, content(CONFIRM | {"record_every": every}, base=base))
    sweep.train()
    sweep.collect()
    runs = pd.read_parquet(sweep.results / "runs.parquet").query("status == 'ok'")
    curves = pd.read_parquet(sweep.results / "curves.parquet").dropna(subset="test_accuracy")
    epochs = curves.groupby("run_id")["epoch"].apply(list)
    for stage, known in (("tune", [*range(6)]), ("confirm", measured)):
        found = epochs[runs.loc[runs["stage"] == stage, "run_id"]]
        assert len(found)
        assert all(found.map(known.__eq__))
    assert runs["test_accuracy"].notna().all()


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirm", "said"),
    [
        ({"splits": 1}, "confirm.splits: expected a number of at least 2, found 1"),
        ({"splits": 1001}, "confirm.splits: expected a number of at most 1,000"),
        ({"seeds": 0}, "confirm.seeds: expected a number of at least 1"),
        ({"seeds": 101}, "confirm.seeds: expected a number of at most 100"),
        ({"record_every": 0}, "confirm.record_every: expected a number of at least 1, found 0"),
        ({"record_every": "x"}, "confirm.record_every: expected a whole number or 'doubling'"),
        ({"splits": 2.5}, "confirm.splits: expected a whole number"),
        ({"draws": 1}, "confirm.draws: unknown key"),
        ({"draw": -1}, "confirm.draw: expected a number of at least 0"),
        ({"seeds": None}, "confirm.seeds: expected a whole number, found None"),
        ({"splits": 1000, "seeds": 100, "draw": "a"}, "confirm.draw: expected a whole number"),
        (20, "confirm: expected a mapping or 'none', found 20"),
        ("no", "confirm: expected a mapping or 'none', found 'no'"),
        (True, "confirm: expected a mapping or 'none', found True"),
    ],
)
def test_a_wrong_confirmation_is_one_clear_line(confirm, said):
    for made in (content(confirm), content(CONFIRM) | {}):
        if made["confirm"] is CONFIRM:
            made["studies"]["activations"]["confirm"] = confirm
        with pytest.raises(ConfigError) as error:
            validate(made)
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_nothing_tuned_cannot_be_confirmed():
    made = content(tune=None)
    made["studies"]["activations"]["confirm"] = CONFIRM
    with pytest.raises(ConfigError, match=r"activations\.confirm: .* tune: eta, or confirm: none"):
        validate(made)
    with pytest.raises(ConfigError, match=r"^(.*: )?confirm: no study chooses .* tune: eta, or"):
        validate(content(tune=None))
    del (unsaid := content(tune=None))["confirm"]
    for made in (content("none", tune=None), unsaid):
        config = validate(made)
        assert config.confirm_of(config.studies["activations"]) is None


def test_a_tuned_axis_of_one_value_is_confirmed_there(tmp_path):
    made = content(grid={"hidden": ["sigmoid", "tanh"], "eta": [1.0]}) | {"seeds": 1}
    sweep = Sweep(tmp_path, made)
    assert sweep.plan.confirmations[0].runs == (16, 16)
    assert "exactly 16 runs" in "\n".join(describe(sweep.plan, sweep.data, sweep.shared, 1))
    assert sweep.train() == 2 + 16
    assert table(sweep)["status"].eq("ok").all()


def test_more_runs_than_the_limit_name_the_confirmation():
    made = content({"splits": 1000, "seeds": 100})
    made["studies"]["activations"]["datasets"] = ["iris", "wine", "digits"]
    with pytest.raises(ConfigError, match=r"activations\.confirm: stands for 1,200,000 runs"):
        validate(made)


def test_splits_of_data_with_a_test_part_of_its_own_are_refused(tmp_path):
    rows = [
        f"{x * 37 % 101},{x % 2},{['train', 'validation', 'test'][x % 5 % 3]}" for x in range(40)
    ]
    (tmp_path / "own.csv").write_text("x,y,fold\n" + "\n".join(rows), encoding="utf-8")
    made = content()
    options = {"path": str(tmp_path / "own.csv"), "label": "y", "split": "fold"}
    made["datasets"] = {"own": {"source": "table", "options": options}}
    made["studies"]["activations"]["datasets"] = ["own"]
    said = refused(tmp_path, made)
    assert "confirm: dataset 'own' of study 'activations' has a test part of its own" in said
    assert "say confirm: none in this study" in said
    made["studies"]["activations"]["confirm"] = "none"
    assert make_plan(write_config(tmp_path, made)).confirm_jobs == []


def test_more_splits_than_the_data_allow_are_refused(tmp_path):
    rows = [f"{x * 37 % 101},{x % 2}" for x in range(10)]
    (tmp_path / "few.csv").write_text("x,y\n" + "\n".join(rows), encoding="utf-8")
    made = content({"splits": 46, "seeds": 1})
    options = {"path": str(tmp_path / "few.csv"), "label": "y"}
    made["datasets"] = {"few": {"source": "table", "options": options}}
    made["studies"]["activations"]["datasets"] = ["few"]
    made["studies"]["activations"]["base"]["batch_size"] = 2
    assert "46 splits of dataset 'few', which has 10 samples and 45 test parts" in refused(
        tmp_path, made
    )
    made["confirm"]["splits"] = 45
    assert len(make_plan(write_config(tmp_path, made)).confirmations) == 1


def refused(folder: Path, made: dict) -> str:
    with pytest.raises(ConfigError) as error:
        make_plan(write_config(folder, made))
    return str(error.value)


def test_a_compared_split_is_refused(tmp_path):
    made = content(grid={"split": ["fixed", "per_seed"], "eta": [0.1, 1.0]}, compare="split")
    assert "say confirm: none in this study" in refused(tmp_path, made)
    made["studies"]["activations"]["confirm"] = "none"
    assert make_plan(write_config(tmp_path, made)).confirm_jobs == []


def test_a_study_says_none_or_its_own(tmp_path):
    (made := content())["studies"]["activations"]["confirm"] = "none"
    assert Sweep(tmp_path, made).plan.confirm_jobs == []
    (made := content("none"))["studies"]["activations"]["confirm"] = {"splits": 3}
    plan = Sweep(tmp_path, made).plan
    assert plan.confirmations[0].confirm == Confirm(splits=3, seeds=5, draw=0)
    del (made := content())["confirm"]
    assert Sweep(tmp_path, made).plan.confirmations[0].confirm.runs == 100


def test_a_dataset_may_have_a_number_of_splits_of_its_own(tmp_path):
    made = content({"splits": 6, "seeds": 2, "splits_of": {"wine": 3}}, datasets=["iris", "wine"])
    plan = Sweep(tmp_path, made).plan
    splits = {one.dataset: one.confirm.splits for one in plan.confirmations}
    assert splits == {"iris": 6, "wine": 3}
    assert {split for job in plan.confirm_jobs if job.of.dataset == "wine"
            for split, _ in job.pieces} == {0, 1, 2}  # fmt: skip
    made["confirm"]["splits_of"] = {"wne": 3}
    assert "confirm.splits_of" in refused(tmp_path, made)
    assert "'wine'" in refused(tmp_path, made)


# --- Commands -----------------------------------------------------------------------------------


def test_the_plan_says_how_many_networks_are_confirmed(finished, tmp_path):
    def said(sweep: Sweep) -> str:
        return "\n".join(describe(sweep.plan, sweep.data, sweep.shared, 2))

    new = said(Sweep(tmp_path, content()))
    assert "at least 16 and at most 32 runs: the tuning decides" in new
    runs = pd.read_parquet(finished.results / "runs.parquet")
    count = (runs["stage"] == "confirm").sum()
    assert f"confirm them exactly {count} runs\n" in said(finished)
    assert f"exactly {count} runs: {count} cached" in said(finished)


def test_the_commands_know_confirming_runs(finished, tmp_path):
    finished.write_plan()
    runs = pd.read_parquet(finished.results / "runs.parquet")
    last = runs["run_id"].iloc[-1]
    lines = list(show_run(last, finished.folder / "results", finished.data, redo=True))
    assert "are the same, to the bit" in lines[-1]
    said = {line.strip().partition(" ")[0]: line.split()[-1] for line in lines if line.strip()}
    assert (said["stage"], said["split_index"], said["index"]) == ("confirm", "3", "1")
    kept = list(clean([finished.config], finished.data, finished.shared))
    assert f"in use: {runs['run_id'].nunique()} files" in "\n".join(kept)
    write_provenance(finished.plan, finished.config, finished.results, finished.data)
    heard = []
    assert verify(finished.plan, finished.results, finished.data, sample=None, say=heard.append)
    assert heard[0].startswith(f"tiny: {len(runs)} of {len(runs)} runs trained again")
