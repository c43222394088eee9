import re
from pathlib import Path

import pytest
import yaml

from experiments.base.errors import ConfigError
from experiments.plan import expand, make_plan
from experiments.schema import (
    Config,
    Resources,
    Setting,
    Statistics,
    Study,
    axis_label,
    load,
    parse,
    validate,
)
from tests.sweeps import TINY, write_config

CONFIGS = Path("experiments/config")
S = "studies: {a: {datasets: [iris], %s}}"

REFUSED = {
    "": r"a config is a mapping",
    "[1, 2]": r"a config is a mapping",
    "studies: {}": r"^studies: ",
    "title: x": r"^studies: .*required",
    "studies: {a: {}}": r"^studies\.a\.datasets: .*required",
    S % "grid: {eta: [0.1, 1, -1]}": r"^studies\.a\.grid\.eta\[2\]: .*greater than 0, found -1",
    S % "grid: {eta: [0.1, '0.2']}": r"^studies\.a\.grid\.eta\[1\]: ",
    S % "grid: {eta: [0.1, 0.1]}": r"^studies\.a\.grid\.eta\[1\]: .*twice",
    S % "grid: {eta: []}": r"^studies\.a\.grid\.eta: the list is empty",
    S % "grid: {etta: [1]}": r"did you mean 'eta'",
    S % "grid: {eta: [1], p: [{eta: 2, cost: mse}]}": r"grid\.p: 'eta' is set by the axis 'eta'",
    S % "gird: {}": r"^studies\.a\.gird: unknown key \(did you mean 'grid'\?\)",
    S % "base: {epoch: 3}": r"^studies\.a\.base\.epoch: .*did you mean 'epochs'",
    S % "base: {epochs: 0}": r"^studies\.a\.base\.epochs: .*, found 0",
    S % "base: {epochs: true}": r"^studies\.a\.base\.epochs: ",
    S % "base: {epochs: {as_many_updates_as: 0}}": r"as_many_updates_as: .*found 0",
    S % "base: {hidden: rleu}":
        r"^studies\.a\.base\.hidden: unknown .*did you mean 'relu'\?\); known: [a-z_, ]+$",
    S % "base: {hidden: softmax}": r"output layer only",
    S % "base: {hidden: [relu, softmax], layers: [3, 3]}": r"hidden\[1\]: .*output layer only",
    S % "base: {eta: .nan}": r"^studies\.a\.base\.eta: .*finite",
    S % "base: {eta: .inf}": r"^studies\.a\.base\.eta: .*finite",
    S % "base: {layers: 30}": r"^studies\.a\.base\.layers: ",
    S % "base: {layers: [0]}": r"^studies\.a\.base\.layers\[0\]: ",
    S % "base: [1]": r"^studies\.a\.base: ",
    S % "seeds: [1, 2, 1]": r"^studies\.a\.seeds: .*twice.*\[1\]",
    S % "seeds: []": r"^studies\.a\.seeds: .*empty",
    S % "seeds: -1": r"^studies\.a\.seeds: ",
    S % "compare: x": r"^studies\.a\.compare: 'x' is not an axis",
    S % "tune: eta": r"^studies\.a\.tune: 'eta' is not an axis",
    S % "exclude: [{hiden: relu}]": r"exclude\[0\]: .*did you mean 'hidden'",
    S % "exclude: [{hidden: tahn}]": r"exclude\[0\]\.hidden: .*did you mean 'tanh'",
    S % "exclude: [{}, {eta: '0.1'}]":
        r"^studies\.a\.exclude\[1\]\.eta: .*found the text '0\.1': write it without",
    S % "exclude: [{dataset: irs}]": r"exclude\[0\]\.dataset: 'irs' .*did you mean 'iris'",
    S % "exclude: [{dataset: [iris]}]": r"exclude\[0\]\.dataset: .* is not a dataset",
    S % "exclude: [{dataset: wine}]": r"'wine' is not a dataset of the study; known: iris",
    S % "grid: {defects: [[delta, stride], [stride, delta]]}":
        r"grid\.defects\[1\]: the value 'defects: stride \+ delta' is the same as 'defects: delta",
    S % "grid: {x: [{label: a, eta: 1}, {label: 'a ', eta: 2}]}":
        r"grid\.x\[1\]: .*'a' is twice in the list",
    S % "grid: {x: [{label: a, eta: 1}, {label: b, eta: 1.0}]}":
        r"grid\.x\[1\]: the value 'b' is the same as 'a': expected each once",
    S % "grid: {x: [{eta: 1}, {}]}": r"grid\.x\[1\]: found {}: expected a setting or a label",
    S % "grid: {x: [{cost: mse, output: sigmoid}, {output: sigmoid, cost: mse}]}":
        r"grid\.x\[1\]: .*'sigmoid \+ mse' is the same as 'mse \+ sigmoid'",
    S % "published: [{arm: b, accuracy: 9, source: s}]":
        r"^studies\.a\.published: the study compares nothing",
    S % "pairs: [[b, c]]": r"^studies\.a\.pairs: the study compares nothing",
    S % "per_dataset: {wine: {}}": r"per_dataset: 'wine' is not a dataset of the study",
    "studies: {a: {datasets: [irsi]}}": r"^studies\.a\.datasets\[0\]: .*did you mean 'iris'",
    "studies: {a: {datasets: [iris, iris]}}": r"datasets\[1\]: .*twice",
    "studies: {'a/b': {datasets: [iris]}}": r"name of letters",
    "studies: {'<script>': {datasets: [iris]}}": r"name of letters",
    'studies: {"a\\0b": {datasets: [iris]}}': r"characters that cannot be printed",
    "studies: {a: {datasets: [iris]}, a: {datasets: [wine]}}": r"^line 1: .*'a' is given twice",
    "x: {<<: &s {a: 1}, a: 2, b: 3, 'b': 4}": r"^line 1: the key 'b' is given twice",
    "x: {<<: {a: 1}, <<: {b: 2}}": r"^line 1: the key '<<' is given twice",
    "studies: {1: {datasets: [iris]}}": r"a key must be a text",
    "a: \t- b": r"not YAML",
    "a: [1": r"not YAML",
    "x: &x [*x]": r"anchor that contains itself",
    "a: !!python/object/apply:os.system [ls]": r"not YAML",
    "datasets: {mnist1d: {options: {smples: 3}}}\nstudies: {a: {datasets: [mnist1d]}}":
        r"^datasets\.mnist1d\.options\.smples: .*did you mean 'samples'",
}  # fmt: skip

IMPOSSIBLE = {
    "base: {batch_size: 1000}": r"^studies\.a: no run is possible: the batch of 1000 is larger",
    "grid: {batch_size: [10, 1000]}": r"^studies\.a\.grid\.batch_size\[1\]: no run is possible",
    "base: {cost: cross_entropy, output: identity}": r"no run is possible",
    "base: {output_units: 1, output: softmax}": r"no run is possible",
    "exclude: [{eta: 0.5}]": r"^studies\.a\.exclude\[0\]: no combination .* meets {'eta': 0\.5}",
    "grid: {eta: [1, 2]}, exclude: [{eta: 1}, {eta: 1, cost: mse}]": r"exclude\[1\]: no comb",
    "base: {lambda: 0.1}": r"no penalty is chosen",
    "base: {hidden: [relu, tanh]}": r"2 hidden activations were given for 1",
    "seeds: 3, grid: {hidden: [relu, tanh]}, compare: hidden": r"a\.seeds: 3 seeds cannot decide",
}


@pytest.mark.parametrize("text", REFUSED)
def test_bad_configs_are_refused_with_the_place_and_the_remedy(text):
    with pytest.raises(ConfigError, match=REFUSED[text]):
        validate(parse(text))


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        validate(parse(text))
    return str(refused.value)


NUMBERS = {
    "010": 10, "0o10": 8, "0x1F": 31, "1e-3": 1e-3, "1E5": 1e5, "1.5e+2": 150.0, "1_000": 1000,
    "1:30": "1:30", "20:30.5": "20:30.5", "no": "no", "yes": "yes", "off": "off", "n": "n",
    "2001-01-01": "2001-01-01", "true": True, "null": None, "~": None, "'5'": "5", "=": "=",
    "<<": "<<", "0o9": "0o9", ".5": 0.5, "-.inf": -float("inf"),
}  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_values_are_those_of_yaml_1_2(text):
    for content in (parse(f"[{text}]"), list(parse(f"a: {text}").values())):
        assert content == [NUMBERS[text]]
        assert type(content[0]) is type(NUMBERS[text])


WRITTEN = {  # what people write, and what tells them what is wrong
    S % "base: {layers: 20}": "layers: expected a list, found 20: write [20]",
    "studies: {a: {datasets: wine}}": "expected a list, found the text 'wine': write [wine]",
    S % "seeds: random": "seeds: expected a whole number or a list, found the text 'random'",
    S % "base: {epochs: 1:30}": "found the text '1:30': a number has no colon",
    S % "base: {layers: [20:30]}": r"layers[0]: expected a whole number, found the text '20:30'",
    S % "base: {eta: '1e-3'}": "found the text '1e-3': write it without quotes",
    S % "grid: {x: [{label: true, eta: 1}]}": "found True: put it in quotes, 'true'",
    S % "grid: {x: [{label: 1, eta: 1}]}": "found 1: put it in quotes, '1'",
    S % "title: 2018": "title: expected a text, found 2018: put it in quotes, '2018'",
    S % "statistics: no": "unknown key",
    "datasets: {iris: {standardise: no}}\n" + S % "": "expected true or false, found the text 'no'",
    S % "grid: {eta: [1, 2]}, compare: eta, pairs: [[1]]":
        "pairs[0]: expected two arms by their labels, such as [relu, tanh], found [1]",
    S % "grid: {eta: [1, 2]}, compare: eta, pairs: [[1, 2]]": "put it in quotes, '1'",
    S % "grid: {eta: [1, 2]}, compare: eta, pairs: [1]": "pairs[0]: expected two arms",
    S % "grid: {eta: [0.1, 0.10000001]}": "'0.1' is twice in the list; give each value a label",
    S % "base: {momentum: 0.9}": "base.momentum: unknown key: optimizer: {name: mom",
    S % "base: {optimizer: adma}": "base.optimizer: unknown optimizer 'adma' (did you mean",
    S % "base: {optimizer: {name: adam, beta: 1}}": "hyper-parameter of adam 'beta' (did you mean",
    S % "base: {optimizer: {beta1: 0.5}}": "optimizer: an optimizer is a name, or a mapping with",
    S % "base: {optimizer: {name: adam, beta1: 1}}": "beta1 of the optimizer adam is a number from",
    S % "grid: {optimizer: [adam, {name: adam, epsilon: 0}]}": "optimizer[1]: epsilon of the opt",
    S % "grid: {optimizer: [adam, {name: adam, beta1: 0.9}]}": "is the same as 'adam'",
    S % "base: {early_stopping: true}": "patience: 10 stops after 10 epochs",
    S % "base: {learning_rate: 0.1}": "learning_rate: unknown key: eta is the step size",
    S % "base: {lr: 0.1}": "eta is the step size",
    S % "base: {restore_best: true}": "select: best_cost keeps the weights",
    S % "base: {hidden_layer_sizes: [30]}": "layers: [30, 10]",
    S % "base: {dropout: 1.0}": "dropout: expected a number less than 1",
    S % "base: {label_smoothing: 1.0}": "label_smoothing: expected a number less than 1",
    S % "base: {label_smoothing: -0.1}": "expected a number of at least 0, found -0.1",
    S % 'base: {class_weight: {"0": -1}}': "expected a number of at least 0, found -1",
    S % "base: {class_weight: {}}": 'weights by the numbers of classes, such as {"0": 1, "1": 2.5}',
    S % "base: {class_weight: {a: 1}}": "expected weights by the numbers of classes",
    S % "base: {class_weight: {0: 1}}": "a key must be a text, found '0': write \"0\"",
    S % "base: {class_weight: equal}": "class_weight: expected a mapping or 'balanced'",
    S % "base: {sample_weight: 1}": "class_weight has the weights of the classes",
    S % "base: {select: best}": "expected 'last', 'best_validation' or 'best_cost'",
    S % "base: {solver: adam}": "solver: unknown key: optimizer is sgd, momentum, adam",
    S % "grid: {x: [{label: a, alpha: 1}]}": "the strength of a penalty is lambda",
    "random_state: 3\n" + S % "": "random_state: unknown key: seeds is a number of seeds",
    "confirm: {seed: 3}\n" + S % "": "confirm.seed: unknown key: seeds is the number of seeds",
    "seeds: !!int\n" + S % "": "'' cannot be read as int",
    "%YAML 1.1010": "leave out the line %YAML",
    "a: 1\n...\n%YAML 1.1010": "this is not YAML",
    "%YAML 1.1\n---\nseeds: 010": "leave out the line %YAML",
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_what_people_write_is_answered_in_one_sentence(text):
    said = refusal(text)
    assert WRITTEN[text] in said


def test_octal_looking_numbers_are_the_numbers_that_are_written():
    config = validate(parse("seeds: 010\n" + S % "base: {batch_size: 020}, grid: {eta: [1]}"))
    assert config.seeds == 10
    assert config.studies["a"].base == {"batch_size": 20}


def test_no_and_yes_are_labels_like_others():
    text = S % "grid: {x: [{label: no, hidden: sigmoid}, {label: yes, hidden: tanh}]}"
    values = validate(parse(text)).studies["a"].grid["x"]
    assert list(map(axis_label, values)) == ["no", "yes"]


ALIKE = [
    ("ReLU", "relu"), ("a b", "a  b"), ("a", " a "), ("é", "e\u0301"), ("ﬁne", "fine"),
    ("ab", "a\u034fb"), ("ab", "a\ufe0fb"), ("ab", "a\u3164b"), ("Straße", "STRASSE"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_labels_that_look_the_same_are_refused(one, other):
    values = [{"label": one, "eta": 1}, {"label": other, "eta": 2}]
    content = {"studies": {"a": {"datasets": ["iris"], "grid": {"x": values}}}}
    with pytest.raises(ConfigError, match=r"grid\.x\[1\]: .*(looks like|twice)"):
        validate(content)


@pytest.mark.parametrize("label", ["a\u200bb", "\u202eab", "a\u00adb", "a\u00a0b", "a\tb"])
def test_labels_with_characters_that_do_not_show_are_refused(label):
    content = {"studies": {"a": {"datasets": ["iris"], "grid": {"x": [{"label": label}]}}}}
    with pytest.raises(ConfigError, match="printable characters"):
        validate(content)


def test_every_key_of_another_tool_is_none_of_ours():
    from experiments.schema.messages import ELSEWHERE

    models = (Config, Setting, Study, Statistics, Resources)
    ours = {f.alias or n for model in models for n, f in model.model_fields.items()}
    assert not ours & ELSEWHERE.keys()


def test_a_mistake_has_its_line_also_where_the_sweep_cannot_run(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("seeds: 8\nstudies:\n  a:\n    datasets: [iris]\n    base:\n"
                    "      batch_size: 1000\n", encoding="utf-8")  # fmt: skip
    with pytest.raises(ConfigError, match=r"mine\.yaml: line 3: studies\.a: no run is possible"):
        make_plan(path)


T, N = "statistics: {%s}\n" + S % "", "resources: {%s}\n" + S % ""
P = S % ("grid: {eta: [0.1, 1]}, compare: eta, "
         "published: [{arm: '1', source: s, %s}]")  # fmt: skip
E = S % "base: {epochs: {as_many_updates_as: %s}}"

LAX = {
    "as_many_updates_as": [E % "true", E % "'5'", E % "5.0"],
    "accuracy": [P % "accuracy: true", P % "accuracy: '90'", P % "accuracy: .nan"],
    "epoch": [P % "accuracy: 9, epoch: true", P % "accuracy: 9, epoch: '2'"],
    "margin": [T % "margin: true", T % "margin: '0.05'"],
    "level": [T % "level: '0.05'"],
    "target_share": [T % "target_share: true"],
    "job_seconds": [N % f"job_seconds: {v}" for v in ("true", "'60'", ".inf", ".nan", "5e-324")],
    "memory_mb": [N % "memory_mb: '60'", N % "memory_mb: true"],
    "standardise": ["datasets: {iris: {standardise: 1}}\n" + S % ""],
}


@pytest.mark.parametrize(("key", "text"), [(key, t) for key, texts in LAX.items() for t in texts])
def test_no_value_is_turned_into_another_kind(key, text):
    with pytest.raises(ConfigError, match=rf"\.{key}: .*found "):
        validate(parse(text))


def test_whole_numbers_stand_for_real_ones():
    text = "resources: {job_seconds: 60}\nstatistics: {margin: 1}\n" + P % "accuracy: 90"
    config = validate(parse(text))
    assert (config.resources.job_seconds, config.statistics.margin) == (60.0, 1.0)
    assert config.studies["a"].published[0].accuracy == 90.0


def test_the_shortest_jobs_can_be_planned(tmp_path):
    path = write_config(tmp_path, TINY | {"resources": {"job_seconds": 1e-6}})
    plan = make_plan(path)
    assert len(plan.jobs) == len(plan.runs)


def test_a_rule_leaves_out_what_it_means_however_it_is_spelled():
    grid = "grid: {defects: [[], [delta, stride]], lambda: [0, 1], eta: [0.5, 1]}"
    rule = "exclude: [{defects: [stride, delta], lambda: 0.0, eta: 1.0, layers: [30]}]"
    text = S % f"seeds: 1, base: {{penalty: l2}}, {grid}, {rule}"
    left_out = [e for e in expand("x", validate(parse(text))).entries if e.reason]
    assert [e.reason for e in left_out] == ["left out by exclude[0]"]
    assert left_out[0].labels == {"defects": "defects: delta + stride", "lambda": "0", "eta": "1"}


def test_own_keys_override_those_that_are_merged():
    text = """
    a: &a {seeds: 3, base: {eta: 1}}
    b: {<<: *a, base: {eta: 2}}
    c: {base: {eta: 3}, <<: *a}
    d: {<<: &d {<<: *a, seeds: 4}, title: x}
    e: *d
    f: {<<: [*d, *a]}
    """
    content = parse(text)
    assert content == yaml.safe_load(text)
    assert content["b"] == {"seeds": 3, "base": {"eta": 2}}
    assert content["e"] == content["f"] == {"seeds": 4, "base": {"eta": 1}}


SEVERAL = """
title: 3
sedes: 10
studies:
  a:
    datasets: [irsi, iris]
    gird: {}
    base: {epoch: 3, eta: -1, hidden: rleu}
    grid: {cost: [mse, mes], pair: [{cots: mse}]}
    compare: cots
  b: {datasets: [wine], base: {layers: [0]}, tune: eta}
"""


def test_all_mistakes_are_told_at_once_a_line_each(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SEVERAL, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    head, *lines = str(refused.value).splitlines()
    assert head == f"{path}: {len(lines)} mistakes"
    found = {line.split(": ")[1]: line for line in lines}
    numbers = {place: int(re.match(r"  line (\d+): ", line)[1]) for place, line in found.items()}
    assert [numbers[p] for p in ("title", "studies.a.base.eta", "studies.b.tune")] == [2, 8, 11]
    assert sorted(found) == sorted([
        "title", "sedes", "studies.a.gird", "studies.a.datasets[0]", "studies.a.base.hidden",
        "studies.a.base.eta", "studies.a.base.epoch", "studies.a.grid.cost[1]",
        "studies.a.grid.pair[0].cots", "studies.b.base.layers[0]", "studies.b.tune",
    ])  # fmt: skip
    nearest = {"sedes": "seeds", "studies.a.gird": "grid", "studies.a.datasets[0]": "iris",
               "studies.a.base.hidden": "relu", "studies.a.base.epoch": "epochs",
               "studies.a.grid.cost[1]": "mse", "studies.a.grid.pair[0].cots": "cost"}  # fmt: skip
    for place, name in nearest.items():
        assert f"did you mean '{name}'?" in found[place], place
    assert found["studies.a.base.eta"].endswith("greater than 0, found -1")


def test_what_rests_on_a_wrong_part_is_no_mistake_of_its_own():
    text = "studies: {a: {datasets: 3, grid: 4, compare: eta, tune: eta, per_dataset: {wine: {}}}}"
    with pytest.raises(ConfigError) as refused:
        validate(parse(text))
    assert [error.where for error in refused.value.each] == ["studies.a.datasets", "studies.a.grid"]


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_settings_that_cannot_run_at_all_are_refused(text):
    with pytest.raises(ConfigError, match=IMPOSSIBLE[text]):
        expand("x", validate(parse(S % text)))


def test_two_classes_with_one_softmax_unit_are_refused():
    text = "studies: {a: {datasets: [breast_cancer], base: {output_units: 1, cost: mse}}}"
    with pytest.raises(ConfigError, match="a softmax over one unit is always 1"):
        expand("x", validate(parse(text)))


def test_exploding_anchors_are_refused_quickly():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(ConfigError, match="more than 100,000 values"):
        parse("\n".join(lines))


def test_deep_nesting_is_refused():
    with pytest.raises(ConfigError, match="nested too deeply"):
        parse("[" * 5000 + "]" * 5000)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe", "not UTF-8 at byte 0"), (b"a: \x00", "not YAML"), (None, "cannot be read")],
)
def test_files_that_cannot_be_read_are_named(tmp_path, content, message):
    path = tmp_path / "bad.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"bad\.yaml.*{message}"):
        load(path)


def test_a_file_name_that_cannot_be_a_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="becomes a folder"):
        load(tmp_path / "my config$.yaml")


def test_numbers_in_scientific_notation_are_numbers():
    assert parse("[1e-3, 1.5e+2, 1E5]") == [1e-3, 150.0, 1e5]


@pytest.mark.parametrize("name", sorted(p.stem for p in CONFIGS.glob("*.yaml")))
def test_shipped_configs_are_valid_and_exactly_their_own(name):
    config = load(f"experiments/config/{name}.yaml")
    with open(f"experiments/config/{name}.yaml", encoding="utf-8") as file:
        assert list(config.studies) == list(yaml.safe_load(file)["studies"])


def test_labels_tell_values_apart():
    labels = [axis_label(v) for v in (0.1, 0.01, 1, [30], [30, 30], [], {"as_many_updates_as": 3})]
    assert labels == ["0.1", "0.01", "1", "30", "30-30", "none", "updates of 3 epochs"]


def test_jobs_are_cut_until_they_fit_into_the_memory(tmp_path):
    study = TINY["studies"]["activations"] | {"base": {"layers": [5], "epochs": 3000}}
    path = write_config(tmp_path, TINY | {"studies": {"activations": study}})
    whole = make_plan(path, job_seconds=1e6)
    cut = make_plan(path, job_seconds=1e6, memory_mb=70)
    assert len(whole.jobs) == 1
    assert whole.jobs[0].megabytes > 70
    assert len(cut.jobs) > 1
    assert all(job.megabytes <= 70 for job in cut.jobs)
    assert [spec for job in cut.jobs for spec in job.specs] == whole.jobs[0].specs
