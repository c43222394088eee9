"""The comparison of two folders of results finds what differs, and nothing else."""

import pandas as pd
import pytest

from tools.compare_results import compare, main

PAGE = '<p>{text}</p>\n<figure class="table" id="tab-provenance">{when}</figure>\n<p>end</p>'


def results(folder, seconds=1.0, verdict="supported", when="today", text="found"):
    """Write a small folder of results."""
    (folder / "tables").mkdir(parents=True)
    (folder / "logs").mkdir()
    (folder / "jobs").mkdir()
    runs = pd.DataFrame({"run_id": ["a"], "test_accuracy": [0.5], "seconds": [seconds]})
    runs.to_csv(folder / "runs.csv", index=False)
    runs.to_parquet(folder / "runs.parquet")
    (folder / "tables" / "t.csv").write_text("1,2\n", encoding="utf-8")
    (folder / "claims.csv").write_text(f"id,verdict\nN1,{verdict}\n", encoding="utf-8")
    (folder / "report.html").write_text(PAGE.format(text=text, when=when), encoding="utf-8")
    (folder / "provenance.json").write_text(when, encoding="utf-8")
    (folder / "logs" / "x.log").write_text(when, encoding="utf-8")
    (folder / "jobs" / "ab.bin").write_text(when, encoding="utf-8")
    return folder


def differing(a, b):
    return [row.what for row in compare(a, b, "quick") if not row.same]


def test_seconds_and_provenance_may_differ(tmp_path, capsys):
    a, b = results(tmp_path / "a"), results(tmp_path / "b", seconds=2.0, when="tomorrow")
    assert main([str(a), str(b)]) == 0
    assert capsys.readouterr().out == "5 of 5 are the same\n"


@pytest.mark.parametrize(
    ("change", "file"),
    [({"verdict": "mixed"}, "claims.csv"), ({"text": "lost"}, "report.html")],
)
def test_a_changed_file_is_named_with_its_line(tmp_path, capsys, change, file):
    a, b = results(tmp_path / "a"), results(tmp_path / "b", **change)
    assert differing(a, b) == [file]
    assert main([str(a), str(b)]) == 1
    assert "1 lines differ, line" in capsys.readouterr().out


def test_a_missing_file_a_new_job_and_another_number_are_named(tmp_path):
    a, b = results(tmp_path / "a"), results(tmp_path / "b")
    (b / "tables" / "t.csv").unlink()
    (b / "jobs" / "cd.bin").touch()
    pd.DataFrame({"run_id": ["a"], "test_accuracy": [0.6], "seconds": [1.0]}).to_csv(
        b / "runs.csv", index=False
    )
    assert differing(a, b) == ["jobs/cd.bin", "runs.csv", "tables/t.csv"]


def test_a_folder_that_is_not_there_is_a_difference(tmp_path):
    assert differing(results(tmp_path / "a"), tmp_path / "b") == ["results"]
