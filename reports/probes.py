"""The tables of the small experiments behind the claims N4, N5 and N6."""

import numpy as np
import pandas as pd

SHORT = {"mse": "MSE", "cross_entropy": "CE"}


def pair(row: pd.Series | dict) -> str:
    """Return the name of a cost and output activation, as the studies label it."""
    return f"{SHORT.get(row['cost'], row['cost'])} + {row['output']}"


def start_table(runs: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return a row for each pair and start of N6, at the chosen step size."""
    rows = []
    for (cost, output, logit), mine in runs[runs["chosen"]].groupby(
        ["cost", "output", "logit"], sort=False
    ):
        needed = mine["epochs"].astype(float).fillna(np.inf).median()
        rows.append(
            {
                "pair": pair({"cost": cost, "output": output}),
                "start": "free" if logit == 0 else f"wrong logits of ±{logit:g}",
                "step size": f"{mine['eta'].iloc[0]:g}",
                "norm of the output delta at the start": f"{mine['delta_norm'].mean():.2g}",
                "median epochs to recover": f"{needed:g}" if needed < np.inf else f"over {epochs}",
                "recovered": f"{int(mine['recovered'].sum())} of {len(mine)}",
            }
        )
    return pd.DataFrame(rows)


def path_table(path: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each variant of N4: how far the two networks are apart, at most."""
    last = path["epoch"].max()
    rows = []
    for _, mine in path.groupby("variant", sort=False):
        columns = [c for c in path if c.endswith("_deviation")]
        worst = {e: mine.loc[mine["epoch"] == e, columns].max() for e in (0, last)}
        rows.append(
            {
                "output layer's step": f"× {mine['output_step'].iloc[0]:g}",
                "its penalty": f"× {mine['output_penalty'].iloc[0]:g}",
                "output, at the start": f"{worst[0]['output_deviation']:.1e}",
                f"output, after {last} epochs": f"{worst[last]['output_deviation']:.1e}",
                f"hidden parameters, after {last}": f"{worst[last]['hidden_deviation']:.1e}",
            }
        )
    return pd.DataFrame(rows)


def heaviside_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what N5 measured, below the Heaviside layer and elsewhere."""
    groups = {"below a Heaviside layer": rows[rows["cut"]], "elsewhere": rows[~rows["cut"]]}
    return pd.DataFrame(
        {
            "layers": name,
            "number": len(mine),
            "smallest data gradient": f"{mine['data_gradient'].min():.2g}",
            "largest data gradient": f"{mine['data_gradient'].max():.2g}",
            "left beside λW": f"{mine['penalty_excess'].max():.2g}",
        }
        for name, mine in groups.items()
    )
