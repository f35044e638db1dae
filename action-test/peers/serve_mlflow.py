"""MLflow's scoring server with the model in MODEL_DIR on PORT, as `mlflow models serve --env-manager local` starts it."""

import os

import mlflow.pyfunc
import uvicorn
from mlflow.pyfunc import scoring_server

if __name__ == "__main__":
    application = scoring_server.init(mlflow.pyfunc.load_model(os.environ["MODEL_DIR"]))
    uvicorn.run(application, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
