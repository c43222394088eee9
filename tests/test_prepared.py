"""Steps in a prepared process: the same bytes and exit codes as alone, and nothing stays behind."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from experiments.base import prepared
from experiments.datasets import Data

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it forks on Linux alone")

STARTER = """
import json, os, subprocess, sys
from pathlib import Path
from experiments.base import prepared

prepared.start(["reports", "prepare"], Path(sys.argv[1]))
said = []
for words in json.loads(sys.argv[2]):
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said.append([done.returncode, done.stdout, done.stderr])
print(json.dumps([os.environ[prepared.ADDRESS], said]))
"""


IRIS = Data("iris", "iris", {}, standardise=True).to_json()


def steps(folder: Path) -> list[list[str]]:
    """Return the words of steps and jobs that are done, have wrong options, or are refused."""
    return [
        ["experiments", "equations", "--results", str(folder)],
        ["experiments", "equations", "--nonsense", str(folder)],
        ["experiments", "equations", "--recipe", "no mapping", "--results", str(folder)],
        ["reports", "explorer", "--results", str(folder)],
        ["experiments", "data", IRIS, "--out", str(folder / "iris.bin")],
        ["experiments", "data", IRIS, "--key", "another", "--out", str(folder / "iris.bin")],
    ]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    command = [sys.executable, "-c", STARTER, str(ROOT), json.dumps(steps(folder))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    address, said = json.loads(done.stdout)
    return folder, address, said


def test_a_step_in_the_prepared_process_is_the_step_alone(shared, tmp_path, monkeypatch):
    monkeypatch.delenv(prepared.ADDRESS, raising=False)
    folder, _, said = shared
    for words, found in zip(steps(tmp_path), said, strict=True):
        command = [sys.executable, "-m", *words]
        alone = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        texts = [text.replace(str(tmp_path), str(folder)) for text in (alone.stdout, alone.stderr)]
        assert found == [alone.returncode, *texts]
    assert [code for code, *_ in said] == [0, 2, 2, 2, 0, 2]
    made = [{p.name: p.read_bytes() for p in place.rglob("*")} for place in (tmp_path, folder)]
    assert made[0] == made[1]
    assert made[0]


def test_a_command_that_is_handed_over_waits_for_no_library():
    """Of a sweep's short jobs half of the time would be the start of a process that loads NumPy."""
    code = "import sys, experiments.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"numpy", "pandas", "yaml", "pydantic"} & {*done.stdout.split()}


def test_a_command_does_its_work_itself_if_the_process_dies_before_it_answers(
    monkeypatch, tmp_path
):
    address = str(tmp_path / "steps")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen()
        monkeypatch.setenv(prepared.ADDRESS, address)
        death = threading.Timer(
            0.2, lambda: listener.shutdown(socket.SHUT_RDWR) or listener.close()
        )
        death.start()
        assert prepared.hand_over("python -m reports", ["explorer"]) is None
        death.join()


def test_it_ends_with_the_process_that_started_it(shared):
    assert not Path(shared[1]).parent.exists()  # it removes its folder last of all


def test_without_a_prepared_process_a_command_does_its_work_itself(monkeypatch, tmp_path):
    monkeypatch.delenv(prepared.ADDRESS, raising=False)
    assert prepared.hand_over("python -m reports", ["explorer"]) is None
    monkeypatch.setenv(prepared.ADDRESS, str(tmp_path / "gone"))
    assert prepared.hand_over("python -m reports", ["explorer"]) is None
