"""The files between the plan, the train jobs and the collection, each written in one place."""

import numpy as np
import pytest

from experiments.base import DamagedFileError, UserError, files, store
from experiments.training.jobfile import made_from, read_results
from experiments.training.planfile import (
    PlannedRun,
    job_line,
    plan_lines,
    planned_files,
    planned_runs,
    read_job,
)
from tests.sweeps import Sweep


@pytest.fixture(scope="module")
def sweep(tmp_path_factory) -> Sweep:
    made = Sweep(tmp_path_factory.mktemp("sweep"))
    made.train()
    store.write_text(made.results / files.PLAN, "".join(plan_lines(made.plan)))
    return made


def test_a_plans_file_gives_back_jobs_runs_and_data(sweep):
    path = sweep.results / files.PLAN
    (job,) = sweep.plan.jobs
    (data,) = {d.key: d for d in sweep.plan.data.values()}.values()
    line = read_job(path, job.name)
    assert (line["data"], line["classes"]) == (data.key, data.shape.classes)
    assert planned_files(path) == ([job.name], [], [data.key])
    runs = list(planned_runs(path))
    assert {run.run_id for run in runs} == set(sweep.plan.runs)
    assert runs[0] == PlannedRun(runs[0].run_id, line["specs"][0], data.key, data.shape.classes)
    with pytest.raises(UserError, match="has no job 0"):
        read_job(path, "0")


def test_the_line_of_a_job_can_be_written_alone(tmp_path, sweep):
    (job,) = sweep.plan.jobs
    path = tmp_path / files.PLAN
    path.write_text(job_line("mine", "iris-1", 3, job.specs[:1]), encoding="utf-8")
    assert read_job(path, "mine")["specs"] == [job.specs[0]]
    assert planned_files(path) == (["mine"], [], ["iris-1"])


@pytest.mark.parametrize("content", [b"abc {", b"abc 3\n", b"abc {}\n", b"\xff", b"\n"])
def test_a_damaged_plan_is_named(tmp_path, content):
    path = tmp_path / files.PLAN
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"plan\.txt is damaged"):
        list(planned_runs(path))


def test_a_jobs_file_holds_the_runs_of_its_job_and_no_others(sweep):
    (job,) = sweep.plan.jobs
    path = files.job_file(sweep.results, job.name)
    data = files.data_file(sweep.data, job.data)
    ((meta, arrays),) = read_results(path, job.specs, data)
    assert arrays["curves"].shape[0] == len(job.specs) == len(meta["runs"])
    assert made_from(path)["checksum"] == store.header(data)["checksum"]
    with pytest.raises(DamagedFileError, match="other runs"):
        read_results(path, job.specs[1:], data)


def test_results_of_other_data_are_refused(sweep, tmp_path):
    (job,) = sweep.plan.jobs
    path = files.job_file(sweep.results, job.name)
    other = tmp_path / "other.bin"
    store.write(other, {"checksum": "another"}, {"X": np.zeros((2, 2))})
    with pytest.raises(DamagedFileError, match="made from other data"):
        read_results(path, job.specs, other)
