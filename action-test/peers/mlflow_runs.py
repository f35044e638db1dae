"""Logs runs to the server of MLFLOW_TRACKING_URI by MLflow's own client, and prints what that client then says of them.
usage: mlflow_runs.py [NAME …]   (without a name all)
"""

import json
import math
import sys

import mlflow
import pandas
from mlflow.entities import Metric

answers, sys.stdout = sys.stdout, sys.stderr  # MLflow prints the address of every run
client = mlflow.MlflowClient()
frames = {name: pandas.DataFrame({"x": range(rows), "y": [0, 1] * (rows // 2)}) for name, rows in [("same", 40), ("other", 60)]}
POINTS = 2500  # more than a page


def log(name, aucs, data="same"):
    with mlflow.start_run(run_name=name) as run:
        dataset = mlflow.data.from_pandas(frames[data], name="holdout", targets="y")
        mlflow.log_input(dataset, context="validation")
        for step, auc in enumerate(aucs):
            mlflow.log_metric("val_roc_auc", auc, step=step)
        mlflow.log_metric("val_log_loss", 0.3, step=7)
        mlflow.log_metric("val_log_loss", 0.4, step=2)  # later, and of an earlier step
        mlflow.log_metrics({"unstable": math.nan, "too large": math.inf, "too/small": -math.inf, "huge": 1e300})
    return run.info.run_id


def log_long():
    with mlflow.start_run(run_name="long") as run:
        points = [Metric("val_roc_auc", 1 - 1 / (step + 2), 1_700_000_000_000 + step, step) for step in range(POINTS)]
        for start in range(0, POINTS, 1000):
            client.log_batch(run.info.run_id, metrics=points[start : start + 1000])
    return run.info.run_id


def create(name, metrics):
    run_id = client.create_run("0", run_name=name).info.run_id
    for key, value in metrics.items():
        client.log_metric(run_id, key, value)
    return run_id


makers = {
    "champion": lambda name: log(name, [0.85, 0.88, 0.87]),
    "challenger": lambda name: log(name, [0.86, 0.91, 0.89]),
    "challenger-2": lambda name: log(name, [0.86, 0.90, 0.90]),
    "challenger-3": lambda name: log(name, [0.86, 0.92, 0.88]),
    "other-data": lambda name: log(name, [0.86, 0.91, 0.89], data="other"),
    "long": lambda name: log_long(),
    "deleted": lambda name: create(name, {"val_roc_auc": 0.5}),
    "running": lambda name: create(name, {"val_roc_auc": 0.7}),
    "empty": lambda name: create(name, {}),
}
answer = {}
for name in sys.argv[1:] or makers:
    run_id = makers[name](name)
    metrics = client.get_run(run_id).data.metrics
    history = {key: [[point.step, repr(point.value)] for point in client.get_metric_history(run_id, key)] for key in metrics}
    answer[name] = {"id": run_id, "metrics": {key: repr(value) for key, value in metrics.items()}, "history": history}
    if name == "deleted":
        client.delete_run(run_id)
print(json.dumps({"version": mlflow.__version__, "runs": answer}), file=answers)
