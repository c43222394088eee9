"""A whole sweep with its results in S3, from a server on this machine, by Snakemake's storage."""

import importlib.util
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pandas as pd
import pytest
from moto.server import ThreadedMotoServer

from tests.faults import checkout
from tests.sweeps import TINY, write_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("snakemake_storage_plugin_s3") is None,
        reason="needs snakemake-storage-plugin-s3",
    ),
]
TESTS = "tables/activations-hidden-tests.csv"
PREFIX = "shared/work"
OF_TIMES = {"timings", "logs"}


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    """The address of an S3 server with an empty bucket, which the AWS_* variables lead to."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    address = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    for method, path in (("POST", "moto-api/reset"), ("PUT", "bucket")):
        asked = urllib.request.Request(f"{address}/{path}", method=method)
        urllib.request.urlopen(asked).close()
    yield address
    moto.stop()


def snakemake(folder: Path, *words: str) -> str:
    """Run the sweep in a folder; return what Snakemake said."""
    start = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "tiny.yaml"]
    done = subprocess.run(
        [*start, *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def rules_to_run(folder: Path, *words: str) -> set[str]:
    """Return the rules that a dry run announces."""
    said = snakemake(folder, "-n", "--quiet", "reason", *words).splitlines()
    counts = {line.split()[0] for line in said if line.split()[1:] and line.split()[1].isdigit()}
    return counts - {"all", "total"}


def download(server: str, folder: Path) -> Path:
    """Copy the bucket into a new folder, as `aws s3 sync` does; return the sweep's results."""
    bucket = boto3.resource("s3", endpoint_url=server, region_name="us-east-1").Bucket("bucket")
    for item in bucket.objects.filter(Prefix=PREFIX):
        path = folder / item.key.removeprefix(f"{PREFIX}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(item.key, str(path))
    return folder / "results/tiny"


def contents(results: Path) -> dict[str, bytes]:
    """Return the files of a sweep by name, without those of times."""
    paths = (path for path in results.rglob("*") if path.is_file())
    found = {path.relative_to(results): path.read_bytes() for path in paths}
    return {str(path): what for path, what in found.items() if path.parts[0] not in OF_TIMES}


def test_a_sweep_from_a_bucket(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MLP_CACHE", str(tmp_path / "cache"))
    clone = checkout(tmp_path / "clone", TINY)
    storage = ["--default-storage-provider", "s3", "--storage-s3-endpoint-url", server]
    storage += ["--default-storage-prefix", f"s3://bucket/{PREFIX}"]
    snakemake(clone, *storage)
    assert not (clone / "results/tiny").exists()
    first = download(server, tmp_path / "first")
    assert rules_to_run(clone, *storage) == set()

    write_config(clone, TINY | {"title": "Another title"})
    shutil.rmtree(clone / ".snakemake")  # as on another machine
    assert rules_to_run(clone, *storage) == {"plan", "provenance", "report"}
    snakemake(clone, *storage)
    titled = download(server, tmp_path / "titled")
    assert "Another title" in (titled / "report.html").read_text(encoding="utf-8")
    assert (titled / TESTS).read_bytes() == (first / TESTS).read_bytes()

    write_config(clone, TINY | {"title": "Another title", "seeds": 9})
    snakemake(clone, *storage)
    assert rules_to_run(clone, *storage) == set()
    more = download(server, tmp_path / "clone2")
    runs = [len(pd.read_parquet(folder / "runs.parquet")) for folder in (first, more)]
    assert runs == [32, 36]
    assert (more / TESTS).read_bytes() != (first / TESTS).read_bytes()


def test_results_of_a_bucket_are_those_of_a_folder(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MLP_CACHE", str(tmp_path / "cache"))
    clone = checkout(tmp_path / "clone", TINY)
    snakemake(clone)
    local = contents(clone / "results/tiny")
    shutil.rmtree(clone / "results")
    storage = ["--default-storage-provider", "s3", "--storage-s3-endpoint-url", server]
    storage += ["--default-storage-prefix", f"s3://bucket/{PREFIX}"]
    snakemake(clone, *storage)
    stored = contents(download(server, clone))
    assert rules_to_run(clone) == set()  # downloaded, it is a sweep in a folder
    del local["drawn.json"]  # which figures are kept, and only in a folder
    assert sorted(stored) == sorted(local)
    assert {name for name in local if stored[name] != local[name]} == set()
