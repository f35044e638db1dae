"""Makes MLflow models of the demo's flight delays: trained once, saved once for each behaviour.

Usage: flight_models.py FOLDER CODE PARQUET   writes FOLDER/<behaviour>, each an MLflow pyfunc model."""

import json
import os
import sys
import time
from pathlib import Path

folder, code, parquet = (Path(argument) for argument in sys.argv[1:4])
sys.path.insert(0, str(code))

import joblib  # noqa: E402
import mlflow.pyfunc  # noqa: E402

import train  # noqa: E402

BEHAVIOURS = {
    "champion": {},
    "equal": {},
    "slow": {"seconds": 0.5},
    "failing": {"fails": 3},
    "wrong": {"inverted": True},
}


class FlightDelays(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        files = Path(context.artifacts["model"])
        self.card = json.loads((files / "model.json").read_text())
        self.model = joblib.load(files / "model.joblib")
        self.behaviour = context.model_config
        self.requests = 0

    def predict(self, context, model_input, params=None):
        from features import matrix

        self.requests += 1
        time.sleep(self.behaviour.get("seconds", 0))
        fails = self.behaviour.get("fails", 0)
        # Those that it is asked before any traffic are answered well.
        if fails and self.requests > 20 and self.requests % fails == 0:
            raise RuntimeError("the model is broken")
        late = self.model.predict_proba(matrix(model_input, self.card))[:, 1]
        return (1 - late if self.behaviour.get("inverted") else late).tolist()


if __name__ == "__main__":
    made = folder / "made"
    os.environ |= {"DATA": str(parquet), "MODEL_DIR": str(made), "PARAM_MODEL": "logistic-regression"}
    train.main()
    for name, behaviour in BEHAVIOURS.items():
        mlflow.pyfunc.save_model(
            str(folder / name),
            python_model=FlightDelays(),
            artifacts={"model": str(made)},
            code_paths=[str(code / "features.py")],
            pip_requirements=[],
            model_config={"name": name, **behaviour},
        )
