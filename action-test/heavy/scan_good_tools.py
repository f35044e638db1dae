"""
Saves models as the tools of one environment do: the first argument names the tools (`boosters`, `torch` or `keras`), the
second a folder.
"""

import json
import os
import pickle
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
tools, folder = sys.argv[1:]
random = np.random.default_rng(20260101)
X = random.normal(size=(60, 4)).astype("f4")
CLASSES = np.tile([0, 1], 30)
TARGET = (X @ np.arange(1, 5)).astype("f4")


def place(*parts):
    path = os.path.join(folder, tools, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def save(name, value):
    import joblib

    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        with open(place(name, f"protocol-{protocol}.pkl"), "wb") as stream:
            pickle.dump(value, stream, protocol)
    joblib.dump(value, place(name, "plain.joblib"))
    joblib.dump(value, place(name, "zlib.joblib"), compress=3)


def boosters():
    import catboost
    import lightgbm
    import onnx
    import xgboost
    from safetensors.numpy import save_file
    from skl2onnx import to_onnx
    from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for name, estimator, target in (
        ("xgboost-classifier", xgboost.XGBClassifier(n_estimators=5), CLASSES),
        ("xgboost-regressor", xgboost.XGBRegressor(n_estimators=5), TARGET),
        ("xgboost-forest", xgboost.XGBRFClassifier(n_estimators=5), CLASSES),
        ("xgboost-pipeline", make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=5)), CLASSES),
        ("lightgbm-classifier", lightgbm.LGBMClassifier(n_estimators=5, verbose=-1), CLASSES),
        ("lightgbm-regressor", lightgbm.LGBMRegressor(n_estimators=5, verbose=-1), TARGET),
        ("lightgbm-pipeline", make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(n_estimators=5, verbose=-1)), TARGET),
        ("catboost-classifier", catboost.CatBoostClassifier(iterations=5, verbose=0, allow_writing_files=False), CLASSES),
        ("catboost-regressor", catboost.CatBoostRegressor(iterations=5, verbose=0, allow_writing_files=False), TARGET),
    ):
        estimator.fit(X, target)
        save(name, estimator)
        if name.startswith("xgboost") and "pipeline" not in name:
            for suffix in ("json", "ubj"):
                estimator.save_model(place(name, f"model.{suffix}"))
            save(f"{name}-booster", estimator.get_booster())
        if name.startswith("lightgbm") and "pipeline" not in name:
            estimator.booster_.save_model(place(name, "model.txt"))
            save(f"{name}-booster", estimator.booster_)
        if name.startswith("catboost"):
            for kind in ("cbm", "json"):
                estimator.save_model(place(name, f"model.{kind}"), format=kind)
            estimator.save_model(place(name, "model.onnx"), format="onnx")
    for estimator, target in (
        (LogisticRegression(), CLASSES),
        (RandomForestClassifier(5), CLASSES),
        (GradientBoostingRegressor(n_estimators=5), TARGET),
        (make_pipeline(StandardScaler(), LogisticRegression()), CLASSES),
    ):
        model = to_onnx(estimator.fit(X, target), X[:1])
        with open(place("skl2onnx", f"{type(estimator).__name__}.onnx"), "wb") as stream:
            stream.write(model.SerializeToString())
    weights = onnx.numpy_helper.from_array(random.normal(size=(64, 64)).astype("f4"), "w")
    output = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [64, 64])
    node = onnx.helper.make_node("Identity", ["w"], ["y"])
    graph = onnx.helper.make_graph([node], "graph", [], [output], [weights])
    model = onnx.helper.make_model(graph)
    onnx.save(model, place("onnx", "inside.onnx"))
    onnx.save(model, place("onnx-beside", "model.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
    tensors = {"weight": X, "bias": TARGET, "half": X.astype("f2"), "ids": CLASSES, "none": np.empty((0, 3), "f4")}
    save_file(tensors, place("safetensors", "model.safetensors"), metadata={"format": "np"})
    save_file({f"layer.{index}": X for index in range(300)}, place("safetensors", "many.safetensors"))


def torch():
    import torch
    from safetensors.torch import save_file

    network = torch.nn.Sequential(
        torch.nn.Conv1d(1, 4, 3), torch.nn.BatchNorm1d(4), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8, 2)
    )
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(2, 1, 4)).sum().backward()
    optimizer.step()
    checkpoint = {"model": network.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.5}
    kinds = [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int8, torch.uint8, torch.bool, torch.complex64]
    values = {
        "state": network.state_dict(),
        "checkpoint": checkpoint,
        "kinds": {str(kind): torch.ones(3, dtype=kind) for kind in kinds},
        "like-pickles": [torch.frombuffer(bytearray([first]) + random.bytes(900), dtype=torch.uint8) for first in range(256)],
        "like-a-pickle": torch.frombuffer(bytearray(b"\x80\x02}q\x00(X\x06\x00\x00\x00" + random.bytes(2_000)), dtype=torch.uint8),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "sparse": torch.eye(3).to_sparse(),
        "numpy-inside": {"mean": np.ones(3), "scale": np.float64(2)},
        "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        "transposed": torch.ones(3, 2).t(),
    }
    for name, value in values.items():
        torch.save(value, place(name, "model.pt"))
        torch.save(value, place(name, "legacy.pth"), _use_new_zipfile_serialization=False)
        torch.save(value, place(name, "protocol-4.bin"), pickle_protocol=4)
        with open(place(name, "pickled.pkl"), "wb") as stream:
            pickle.dump(value, stream)
    save_file(network.state_dict(), place("safetensors", "model.safetensors"), metadata={"format": "pt"})

    import transformers

    small = {"vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    model = transformers.BertForSequenceClassification(transformers.BertConfig(**small))
    model.save_pretrained(place("transformers", "bert"))
    torch.save(model.state_dict(), place("transformers", "bert", "pytorch_model.bin"))


def keras():
    import keras

    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="relu", kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
    model.fit(X, CLASSES, epochs=1, verbose=0)
    given = keras.Input((8, 8, 3))
    hidden = keras.layers.Conv2D(4, 3, activation="gelu")(given)
    pooled = keras.layers.GlobalAveragePooling2D()(hidden)
    both = keras.layers.Concatenate()([pooled, keras.layers.Dense(2)(pooled)])
    functional = keras.Model(given, keras.layers.Dense(2, activation="softmax")(both))
    text = keras.Sequential([keras.Input((5,)), keras.layers.Embedding(10, 4), keras.layers.LSTM(3), keras.layers.Dense(1)])
    for name, value in {"sequential": model, "functional": functional, "text": text}.items():
        value.save(place(name, "model.keras"))
        value.save(place(name, "model.h5"))
        value.save_weights(place(name, "model.weights.h5"))
        with open(place(name, "model.json"), "w") as stream:
            stream.write(value.to_json())


{"boosters": boosters, "torch": torch, "keras": keras}[tools]()
print(json.dumps(sum(len(names) for _, _, names in os.walk(folder))))
