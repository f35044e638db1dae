"""A training that logs by MLflow's own client into the run that its environment names; and what that client says of a run.
usage: tracked_training.py train | tracked_training.py show RUN_ID
"""

import json
import sys

import mlflow

answers, sys.stdout = sys.stdout, sys.stderr  # MLflow prints the address of every run


def train():
    from sklearn.linear_model import LogisticRegression

    mlflow.sklearn.autolog(log_models=False)
    with mlflow.start_run() as run:
        mlflow.log_param("rate", 1e-05)
        for step in range(1, 4):
            mlflow.log_metric("loss", 1 / step, step=step)
        LogisticRegression(C=0.5).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    return run.info.run_id


def show(run_id):
    client = mlflow.MlflowClient()
    run = client.get_run(run_id)
    history = {key: [[point.step, repr(point.value)] for point in client.get_metric_history(run_id, key)] for key in run.data.metrics}
    artifacts = {
        file.path: mlflow.artifacts.load_text(f"runs:/{run_id}/{file.path}") for file in client.list_artifacts(run_id, "records")
    }
    return {"status": run.info.status, "params": run.data.params, "tags": run.data.tags, "history": history, "artifacts": artifacts}


what, *rest = sys.argv[1:]
print(json.dumps(train() if what == "train" else show(*rest)), file=answers)
