"""What each step of a sweep follows from: its parts of the config and the closure of its code."""

from experiments.plan import Plan, contents, plan_recipe, recipe
from reports.archive import code_digest


def recipes(plan: Plan) -> dict[str, dict[str, str]]:
    """Return the recipe of each step by its name. Each names its command, which names the rest."""
    commands = ("collect", "provenance", "tables", "baselines", "equations", "probes", "claims")
    found = {"plan": plan_recipe(plan)}
    found |= {name: recipe(name, plan, f"experiments.__main__:{name}") for name in commands}
    found["figures"] = recipe("figures", plan, "reports.__main__:figures")
    found["figures_pdf"] = recipe("figures_pdf", plan, "reports.__main__:figures_pdf")
    notebook = ("reports.__main__:page", "reports.report", "reports.appendix")
    newest = contents("results/benchmark")  # the report shows it
    found["report"] = recipe("report", plan, *notebook, benchmark=newest)
    found["explorer"] = recipe("explorer", plan, "reports.__main__:explorer")
    found["pdf"] = recipe("pdf", plan, "reports.__main__:pdf")
    found["paper"] = recipe("paper", plan, "reports.__main__:paper")
    packed = code_digest()[:16]  # the archive holds the code
    found["archive"] = recipe("archive", plan, "reports.__main__:archive", repository=packed)
    return found
