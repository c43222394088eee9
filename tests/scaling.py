"""Measure what planning costs at a size: `python -m tests.scaling RUNS [--dry-run]`.

The made-up config is the default one without confirmation, and with so many seeds that it has
about RUNS runs. Prints the measured columns of docs/scaling.md as JSON; RUNS may be given as 1e5.
Needs only the project.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
DEFAULT = ROOT / "experiments/config/default.yaml"
JOB_SECONDS = "300"


def enlarged(runs: int) -> dict:
    """Return the default config with its seeds multiplied to about so many runs."""
    from experiments.plan import make_plan

    factor = runs / len(make_plan(DEFAULT).runs)
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    for part in (content, *content["studies"].values()):
        if seeds := part.get("seeds"):
            count = seeds if isinstance(seeds, int) else len(seeds)
            part["seeds"] = max(1, round(count * factor))
    # without a confirmation, few seeds could not decide the comparisons at the default's level
    level = {"statistics": content.get("statistics", {}) | {"level": 0.2}}
    return content | {"confirm": "none"} | level


def measured(command: list[str]) -> dict[str, float]:
    """Run a command, the only child of this process; return its seconds and peak of memory."""
    start = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "megabytes": used.ru_maxrss // 1024,
    }


def planning(config: Path, out: Path) -> dict:
    """Write the plan into a folder; return its costs, its size and what it holds."""
    command = [sys.executable, "-m", "experiments", "write-plan", str(config)]
    cost = measured([*command, "--job-seconds", JOB_SECONDS, "--results", str(out)])
    with (out / "plan.txt").open(encoding="utf-8") as lines:
        runs = [len(json.loads(line.partition(" ")[2])["specs"]) for line in lines]
    return {
        "runs": sum(runs),
        "jobs": len(runs),
        "plan_bytes": (out / "plan.txt").stat().st_size,
        **cost,
    }


def dry_run(config: Path) -> dict:
    """Let Snakemake list the jobs, as it does before it starts any."""
    words = ["-n", "--cores", "1", "--configfile", str(config)]
    words += ["--config", f"job_seconds={JOB_SECONDS}"]
    return measured([sys.executable, "-m", "snakemake", *words])


def main() -> None:
    """Measure one thing in one process, so that the peak of memory is that of one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=float)
    parser.add_argument("--dry-run", action="store_true", help="Snakemake's, not the plan alone")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "enlarged.yaml"
        config.write_text(yaml.safe_dump(enlarged(int(args.runs)), sort_keys=False))
        result = dry_run(config) if args.dry_run else planning(config, Path(folder) / "plan")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
