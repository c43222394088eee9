"""A cache in a bucket of S3: the same runs and the same checks as in a folder, clear refusals."""

import os
import re
import shutil
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import obstore
import pytest
from moto.core import set_initial_no_auth_action_count
from moto.server import ThreadedMotoServer

from experiments.__main__ import main
from experiments.base import Cache, NotWritableError, UserError, cache_at, store
from experiments.plan import check_options
from experiments.plan.outlook import run_states
from experiments.results import verify, write_provenance
from tests.faults import Started, checkout, hashes
from tests.sweeps import TINY, Sweep

RUNS = 32
BUCKET = "s3://bucket/mlp"
TABLE = "results/tiny/tables/activations-hidden-tests.csv"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server on this machine."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


def ask(address: str, method: str) -> None:
    urllib.request.urlopen(urllib.request.Request(address, method=method)).close()


@pytest.fixture(autouse=True)
def bucket(server, monkeypatch) -> str:
    """The address of an empty bucket, which the AWS_* variables lead to."""
    ask(f"{server}/moto-api/reset", "POST")
    ask(f"{server}/bucket", "PUT")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return BUCKET


def sweep_in(folder: Path, content: dict = TINY) -> Sweep:
    """Return a sweep whose cache is in the bucket."""
    folder.mkdir()
    made = Sweep(folder, content)
    made.cache = BUCKET
    return made


def objects(cache: Cache) -> dict[str, bytes]:
    return {name: cache.get(name) for name in cache.runs()}


# ---- the same as in a folder ----


def test_what_one_trained_the_other_finds(tmp_path):
    anna, ben = sweep_in(tmp_path / "anna"), sweep_in(tmp_path / "ben")
    assert anna.train() == RUNS
    assert {s.state for s in run_states(ben.plan, anna.data, ben.shared).values()} == {"cached"}
    assert ben.train() == 0
    for sweep in (anna, ben):
        sweep.collect()
    for name in ("runs.csv", "curves.parquet"):
        assert (anna.results / name).read_bytes() == (ben.results / name).read_bytes()
    assert not (tmp_path / "ben" / "s3:").exists()


def test_the_curves_are_those_of_a_folder(tmp_path):
    sweep, folder = sweep_in(tmp_path / "bucket"), Sweep(tmp_path)
    sweep.train()
    folder.train()
    kept = objects(sweep.shared)
    assert kept.keys() == {*folder.shared.runs()}
    for name, content in kept.items():
        curves = [
            store.unpacked(each, name)[1]["curves"] for each in (content, folder.shared.get(name))
        ]
        assert curves[0].tobytes() == curves[1].tobytes()


def test_two_at_once_do_not_hinder_one_another(tmp_path):
    sweeps = [sweep_in(tmp_path / name) for name in ("anna", "ben")]
    threads = [threading.Thread(target=sweep.train) for sweep in sweeps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sweep in sweeps:
        sweep.collect()
    curves = [(sweep.results / "curves.parquet").read_bytes() for sweep in sweeps]
    assert curves[0] == curves[1]
    assert len(sweeps[0].shared.runs()) == RUNS


def test_a_run_of_other_data_is_stale(tmp_path):
    sweep = sweep_in(tmp_path / "a")
    sweep.train()
    (data,) = sweep.data.iterdir()
    meta, arrays = store.read(data)
    store.write(data, meta | {"checksum": "another"}, arrays)
    states = {*run_states(sweep.plan, sweep.data, sweep.shared).values()}
    assert states == {("stale", "the data changed")}


def test_texts_that_follow_from_the_code_are_kept_there_too(tmp_path, bucket):
    words = ["equations", "--cache", bucket, "--results"]
    assert main([*words, str(tmp_path / "a")]) == 0
    (name,) = (each["path"] for page in obstore.list(cache_at(bucket)._store) for each in page)
    assert name.startswith("steps/equations-")
    assert main([*words, str(tmp_path / "b")]) == 0
    texts = [(tmp_path / each / "equations.csv").read_bytes() for each in "ab"]
    assert texts[0] == texts[1]


# ---- objects that are not as written ----


def test_objects_that_are_damaged_or_of_another_run_are_named_and_trained_again(tmp_path):
    first, second = sweep_in(tmp_path / "first"), sweep_in(tmp_path / "second")
    first.train()
    cache = first.shared
    sound = objects(cache)
    cut, flipped, other, empty = list(sound)[:4]
    cache.put(cut, [sound[cut][:-1]])
    cache.put(flipped, [sound[flipped][:-1], bytes([sound[flipped][-1] ^ 1])])
    cache.put(other, [sound[list(sound)[5]]])
    cache.put(empty, [])
    assert second.train() == 4
    for name in (cut, flipped, other, empty):
        (line,) = [text for text in second.said if name in text]
        assert line.startswith(f"{BUCKET}/{name} ")
        assert line.endswith("; the run is trained again")
    now = objects(cache)
    curves = [
        [store.unpacked(each[n], n)[1]["curves"].tobytes() for n in sound] for each in (sound, now)
    ]
    assert curves[0] == curves[1]


def test_a_poisoned_object_is_named_by_verify(tmp_path):
    first, second = sweep_in(tmp_path / "first"), sweep_in(tmp_path / "second")
    first.train()
    cache = first.shared
    name = cache.runs()[0]
    meta, arrays = cache.read(name)
    false = arrays["curves"].copy()
    false[-1] *= 1.5
    cache.write(name, meta, {"curves": false})  # its checksum is right
    assert second.train() == 0
    second.collect()
    write_provenance(second.plan, second.config, second.results, second.data)
    said: list[str] = []
    assert not verify(second.plan, second.results, second.data, sample=None, say=said.append)
    assert f"{RUNS - 1} of {RUNS} have the same bits" in "\n".join(said)
    assert meta["run"] in said[-1]


# ---- what stands in the way is said in one line, before anything is trained ----


def refused(match: str) -> None:
    """See that Snakemake and `plan` refuse the bucket in one line."""
    with pytest.raises(UserError) as caught:
        check_options({})
    line = str(caught.value)
    assert re.search(match, line), line
    assert line.startswith(f"the cache {BUCKET}")
    assert "\n" not in line
    assert len(line) < 400


@pytest.fixture
def chosen(monkeypatch, bucket) -> None:
    monkeypatch.setenv("MLP_CACHE", bucket)


@pytest.mark.usefixtures("chosen")
class TestRefusals:
    """What a person may have got wrong, one thing each."""

    def test_a_bucket_that_can_be_used(self):
        check_options({})

    def test_no_bucket(self, server):
        ask(f"{server}/bucket", "DELETE")
        refused(rf"{server} \(AWS_ENDPOINT_URL\) has no bucket bucket\. Make it, or correct")

    def test_no_server(self, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        refused(r"http://127\.0\.0\.1:9 \(AWS_ENDPOINT_URL\) does not answer\. Check")

    def test_no_endpoint_and_no_way_out(self, monkeypatch):
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        refused(r"Amazon, as AWS_ENDPOINT_URL is not set, does not answer\. Check the connection")

    @pytest.mark.parametrize(
        "endpoint",
        ["", "localhost", "localhost:9000", "http://", "http://127.0.0.1:5555x", "http://:5555",
         "http://127.0. 0.1:5555"],
    )  # fmt: skip
    def test_no_address(self, monkeypatch, endpoint):
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        refused(rf"AWS_ENDPOINT_URL is '{endpoint}': expected an address that begins with http://")

    def test_two_servers(self, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
        refused("AWS_ENDPOINT_URL and AWS_ENDPOINT differ: set one of them")

    def test_the_other_variable_is_named(self, monkeypatch):
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        refused(r"http://127\.0\.0\.1:9 \(AWS_ENDPOINT_URL_S3\) does not answer")

    def test_a_server_of_pages(self, monkeypatch):
        with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
            Thread(target=pages.serve_forever, daemon=True).start()
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{pages.server_port}")
            refused("does not answer as a server of S3 does. Correct the address of the server")
            pages.shutdown()

    def test_a_key_that_nobody_knows(self):
        set_initial_no_auth_action_count(0)(refused)("does not know the key in AWS_ACCESS_KEY_ID")

    def test_half_a_key(self, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        refused("needs a key and its secret, and one is missing. Set AWS_ACCESS_KEY_ID and AWS_")

    def test_no_key(self, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")  # as of a rented machine
        refused("needs credentials, and there are none. Set AWS_ACCESS_KEY_ID and AWS_SECRET")

    def test_no_library(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "obstore", None)
        refused(r"needs obstore: pip install obstore$")


class Pages(BaseHTTPRequestHandler):
    """A server that shows a page, whatever it is asked for."""

    def do_GET(self):
        page = b"<html><body>Welcome</body></html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Last-Modified", "Sun, 29 Nov 2026 08:00:00 GMT")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *words):
        pass


@pytest.mark.parametrize(
    "address",
    [
        "s3://",
        "s3://bkt/pre?x=1",
        "s3://bkt/pre#x",
        "s3://bkt:80/pre",
        "s3://a:b@bkt/pre",
        "s3://[b",
    ],
)
def test_an_address_is_taken_whole_or_refused(address):
    with pytest.raises(UserError, match=r"is not of the form s3://BUCKET/PREFIX"):
        cache_at(address)


def test_only_runs_at_the_address_itself_are_known(bucket):
    cache_at(f"{bucket}/pre").write("0a/0a1b.run", {}, {})
    assert cache_at(f"{bucket}/pre").runs() == ["0a/0a1b.run"]
    assert cache_at(bucket).runs() == []


def test_a_silent_server_is_asked_once(monkeypatch, bucket):
    cache = cache_at(bucket)
    asked = []

    def silent(*words):
        asked.append(words)
        raise OSError("error sending request for url")

    monkeypatch.setattr(cache, "_do", SimpleNamespace(put=silent))
    for _ in range(3):
        with pytest.raises(NotWritableError, match="does not answer"):
            cache.put("0a/0a1b.run", [b"x"])
    assert len(asked) == 1


def test_other_addresses_are_refused():
    with pytest.raises(UserError, match=r"s3://bucket/a/../b: a prefix has no part \. or \.\.$"):
        cache_at("s3://bucket/a/../b")
    with pytest.raises(UserError, match=r"expected a folder, or s3://BUCKET/PREFIX"):
        cache_at("s3:/bucket/x")
    with pytest.raises(UserError, match=r"expected a folder, or s3://BUCKET/PREFIX"):
        cache_at("gs://bucket/x")


def test_clean_works_on_folders_only(capsys, bucket):
    assert main(["clean", "--cache", bucket]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: clean works on a cache in a folder, not on s3://bucket/mlp/.")
    assert said.count("\n") == 1


def test_a_bucket_that_goes_away_stops_no_training(tmp_path, server, monkeypatch):
    sweep = sweep_in(tmp_path / "a")
    ask(f"{server}/bucket", "DELETE")
    assert sweep.train() == RUNS
    (line,) = [text for text in sweep.said if "not kept" in text]
    assert line.startswith(f"{RUNS} of {RUNS} runs not kept in the cache, but the job is complete")
    assert "has no bucket bucket" in line


# ---- with Snakemake ----


@pytest.mark.slow
def test_a_sweep_is_made_again_from_the_bucket(tmp_path, bucket):
    found = []
    for name in ("first", "second"):
        folder = checkout(tmp_path / name)
        run = Started(folder, "--configfile", "tiny.yaml", "--", TABLE, cache=bucket)
        assert run.wait() == 0, run.said()
        logs = "".join(path.read_text() for path in folder.glob("results/tiny/logs/train/*.log"))
        trained = sum(map(int, re.findall(r"(\d+) of \d+ runs? trained", logs)))
        found.append((trained, hashes(folder / "results/tiny")))
        assert not (folder / "results/cache").exists()
        shutil.rmtree(folder)
    assert [trained for trained, _ in found] == [64, 0]
    assert found[0][1] == found[1][1]
