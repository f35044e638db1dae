"""Serves the model in MODEL_DIR on PORT, loopback only: GET /ping answers 200 when ready, POST /invocations
takes {"dataframe_records": [{origin, destination, distance, hour, origin_delay}, …]} and answers
{"predictions": [the probability of being late, …]}. These are the paths and the body that MLflow and
SageMaker use.

One flight at a time is what live traffic sends, so the row is made by hand: a data frame would cost ten
times what the model itself costs."""

import json
import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# One small row gains nothing from a pool of threads and loses a millisecond to waking it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import joblib  # noqa: E402
import numpy as np  # noqa: E402

from features import airport_codes  # noqa: E402

FOLDER = Path(os.environ["MODEL_DIR"])
CARD = json.loads((FOLDER / "model.json").read_text())
MODEL = joblib.load(FOLDER / "model.joblib")
CODES = airport_codes(CARD["airports"])


def encode(flight: dict, name: str) -> float:
    if name in ("origin", "destination"):
        return CODES.get(flight[name], np.nan)
    value = flight.get(name)
    return np.nan if value is None else float(value)


def predict(flights: list[dict]) -> list[float]:
    rows = np.array([[encode(flight, name) for name in CARD["features"]] for flight in flights])
    return MODEL.predict_proba(rows)[:, 1].tolist()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/ping" else 404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/invocations":
            return self.answer(404, {"error": "unknown path"})
        try:
            self.answer(200, {"predictions": predict(json.loads(body)["dataframe_records"])})
        except Exception as error:  # the server must outlive whatever one request does
            self.answer(500, {"error": f"{type(error).__name__}: {error}"})

    def answer(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: object) -> None:
        """A line per request would be most of the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    # Loads everything before the first user waits.
    airport = CARD["airports"][0]
    predict([{"origin": airport, "destination": airport, "distance": 500, "hour": 12, "origin_delay": None}])
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    print(f"serving {CARD['model']} on port {os.environ['PORT']}", flush=True)
    server.serve_forever()
