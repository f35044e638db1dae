"""
Saves models as the tools of one environment do: the first argument names the tools (`boosters`, `torch`, `keras`
or `tensorflow`), the second a folder.
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
    import scan_good_training
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

    whole_modules(network, values_of_scheduler(network))
    scripts(network)
    trainers(network, optimizer)
    scan_good_training.save_training(place)


def values_of_scheduler(network):
    """Schedulers of every kind with the optimizer that they drive, and every optimizer after a step."""
    import torch

    makers = {
        "one-cycle": lambda of: torch.optim.lr_scheduler.OneCycleLR(of, 0.1, 10),
        "cosine": lambda of: torch.optim.lr_scheduler.CosineAnnealingLR(of, 10),
        "plateau": torch.optim.lr_scheduler.ReduceLROnPlateau,
        "lambda": lambda of: torch.optim.lr_scheduler.LambdaLR(of, lambda epoch: 1.0),
        "steps": lambda of: torch.optim.lr_scheduler.MultiStepLR(of, [1, 2]),
    }
    saved = {}
    for name, make in makers.items():
        optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)
        saved[f"scheduler-{name}"] = {"optimizer": optimizer.state_dict(), "scheduler": make(optimizer).state_dict()}
    for name in "Adam AdamW SGD RMSprop Adagrad Adadelta Adamax NAdam RAdam LBFGS Rprop ASGD Adafactor Muon".split():
        layer = torch.nn.Linear(3, 3, bias=False)
        optimizer = getattr(torch.optim, name)(layer.parameters(), lr=0.1)

        def loss(layer=layer, optimizer=optimizer):
            optimizer.zero_grad()
            value = layer(torch.ones(1, 3)).sum()
            value.backward()
            return value

        optimizer.step(loss)
        saved[f"optimizer-{name}"] = optimizer.state_dict()
    return saved


def whole_modules(network, values):
    import torch
    from torch import nn

    for name in "bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e8m0fnu float4_e2m1fn_x2 uint16 uint32 uint64 complex32".split():
        kind = getattr(torch, name)
        bits = torch.zeros(8, dtype=torch.uint8)
        values[f"kind-{name}"] = {"values": bits.view(kind), "kind": kind}
    for layout in ("csr", "csc", "bsr", "bsc"):
        sizes = ((2, 2),) if layout.startswith("b") else ()
        values[f"sparse-{layout}"] = getattr(torch.eye(4), f"to_sparse_{layout}")(*sizes)
    pieces = [torch.ones(2, 3), torch.ones(4, 3)]
    gauges = torch.tensor([0.1, 0.2, 0.3])
    values |= {
        "nested": torch.nested.nested_tensor(pieces),
        "nested-jagged": torch.nested.nested_tensor(pieces, layout=torch.jagged),
        "quantized-by-channel": torch.quantize_per_channel(torch.ones(3, 2), gauges, torch.zeros(3).long(), 0, torch.qint8),
        "without-storage": torch.ones(3, device="meta"),
        "conjugate": torch.ones(3, dtype=torch.complex64).conj(),
        "random-state": {"torch": torch.get_rng_state(), "numpy": np.random.get_state()},
        "whole": network,
        "whole-averaged": torch.optim.swa_utils.AveragedModel(network),
        "whole-parallel": nn.DataParallel(network),
        "whole-optimizer": torch.optim.AdamW(network.parameters()),
        "whole-transformer": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2),
        "whole-gelu": nn.TransformerEncoderLayer(8, 2, 16, activation="gelu"),
        "whole-containers": nn.ModuleDict(
            {
                "recurrent": nn.ModuleList([nn.LSTM(3, 4), nn.GRU(3, 4), nn.RNN(3, 4)]),
                "weights": nn.ParameterList([nn.Parameter(torch.ones(2))]),
                "words": nn.Sequential(nn.Embedding(5, 3), nn.LayerNorm(3), nn.Dropout(0.1), nn.GELU()),
            }
        ),
        "whole-weight-norm": nn.utils.weight_norm(nn.Linear(3, 3)),
        "weight-norm": nn.utils.parametrizations.weight_norm(nn.Linear(3, 3)).state_dict(),
    }
    for name, value in values.items():
        torch.save(value, place(name, "model.pt"))
        torch.save(value, place(name, "legacy.pth"), _use_new_zipfile_serialization=False)
        with open(place(name, "pickled.pkl"), "wb") as stream:
            pickle.dump(value, stream)


def scripts(network):
    import torch

    torch.jit.script(network).save(place("script", "scripted.pt"))
    torch.jit.trace(network, torch.ones(2, 1, 4)).save(place("script", "traced.pt"))
    torch.jit.freeze(torch.jit.script(network.eval())).save(place("script", "frozen.pt"))
    torch.jit.script(torch.nn.LSTM(2, 2)).save(place("script", "recurrent.pt"))
    torch.jit.script(network)._save_for_lite_interpreter(place("script", "mobile.ptl"))
    torch.export.save(torch.export.export(network.eval(), (torch.ones(2, 1, 4),)), place("export", "model.pt2"))
    exported_programs()


def exported_programs():
    """Sizes that depend on the inputs, branches and loops, nested inputs, and many weights of any bytes."""
    import collections
    import math

    import torch
    import transformers
    from torch import nn

    any_size = torch.export.Dim.AUTO
    ones = torch.ones

    def module(forward):
        return type("Program", (nn.Module,), {"forward": forward})()

    def sizes(self, x, y):
        rows, columns = x.shape[0], y.shape[0]
        torch._check(rows > 2)
        blank = x.new_zeros(rows // 2, max(rows, columns) % 7 + 1, 2 * rows + 1)
        scaled = x * math.sqrt(rows) + rows / columns
        return torch.cat([x, y]), blank, scaled, x[: math.floor(rows * 0.5)], ones(math.ceil(rows / 3)), rows**2

    def of_data(self, x, length):
        count = length.item()
        torch._check(count >= 2)
        torch._check(count <= 5)
        return x[:count], x[x > 0], x.nonzero(), ones(count * 2 + 1)

    def branch(self, x):
        return torch.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos(), (x,))

    def loop(self, count, x):
        body = (lambda count, x: count > 0, lambda count, x: (count - 1, x + 1))
        return torch._higher_order_ops.while_loop(*body, (count, x))

    def scan(self, start, xs):
        from torch._higher_order_ops.scan import scan as over

        return over(lambda sum, x: (sum + x, (sum + x).clone()), start, xs)

    def mixed(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            product = x @ x
        with torch.no_grad():
            return product, x + 1

    def nested(self, x, *rest, key, **more):
        ordered = collections.OrderedDict(a=x[0], b=x[1]["my key"])
        return {"ordered": ordered, "list": [rest[0] + key, more["m"]], "größe": x[0] + 1}

    def defaults(self, parts):
        return parts["a"] + 1, collections.deque([parts["a"]])

    recurrent = nn.LSTM(3, 4, batch_first=True)
    bits = ones(3).int()
    bert = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
        )
    )
    tokens = {"input_ids": ones(2, 5).long(), "attention_mask": ones(2, 5).long()}
    free = {0: any_size, 1: any_size}
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
    programs = {
        "sizes": (module(sizes), (ones(6, 4), ones(5, 4)), {}, (free, free)),
        "of-data": (module(of_data), (ones(5), torch.tensor(4)), {}, None),
        "branch": (module(branch), (ones(6, 4),), {}, ({0: any_size},)),
        "loop": (module(loop), (torch.tensor(3), ones(5)), {}, None),
        "scan": (module(scan), (ones(2), ones(3, 2)), {}, None),
        "mixed": (module(mixed), (ones(3, 3),), {}, None),
        "nested": (module(nested), ((ones(2), {"my key": ones(2)}), ones(2)), {"key": ones(2), "m": ones(2)}, None),
        "defaults": (module(defaults), (collections.defaultdict(list, a=ones(2)),), {}, None),
        "mapped": (module(lambda self, x: torch.vmap(lambda v: v.sin() + 1)(x)), (ones(3, 3),), {}, None),
        "bits": (module(lambda self, a, b: ((a & b) | (a ^ b), a << 1, ~a)), (bits, bits), {}, None),
        "recurrent": (recurrent, (ones(2, 5, 3),), {}, ({0: any_size},)),
        "encoder": (encoder.eval(), (ones(2, 5, 8),), {}, (free,)),
        "bert": (bert.eval(), (), tokens, dict.fromkeys(tokens, free)),
        "many-weights": (nn.Sequential(*(nn.Linear(8, 8) for _ in range(400))), (ones(1, 8),), {}, None),
    }
    for name, (program, inputs, named, shapes) in programs.items():
        exported = torch.export.export(program, inputs, named, dynamic_shapes=shapes)
        torch.export.save(exported, place("export", f"{name}.pt2"))
    torch.export.save(
        torch.export.export(module(branch), (ones(6, 4),), dynamic_shapes=({0: any_size},), strict=True),
        place("export", "branch-strict.pt2"),
    )
    lowered = torch.export.export(encoder, (ones(2, 5, 8),)).run_decompositions()
    torch.export.save(lowered, place("export", "encoder-lowered.pt2"))


def trainers(network, optimizer):
    import accelerate
    import lightning
    import torch
    import transformers

    class Lightning(lightning.LightningModule):
        def __init__(self, rate=0.1):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch, index):
            return self.layer(batch[0]).sum()

        def configure_optimizers(self):
            optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams.rate)
            return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1)}

    rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(8, 4)), batch_size=4)
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    folder = os.path.dirname(place("lightning", "model.ckpt"))
    saver = lightning.pytorch.callbacks.ModelCheckpoint(dirpath=folder, save_last=True)
    lightning.Trainer(max_epochs=2, callbacks=[saver], **quiet).fit(Lightning(), rows)

    small = {"vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    model = transformers.BertForSequenceClassification(transformers.BertConfig(**small))
    model.save_pretrained(place("transformers", "bert"))
    torch.save(model.state_dict(), place("transformers", "bert", "pytorch_model.bin"))
    row = {"input_ids": torch.ones(4, dtype=torch.long), "labels": torch.tensor(1)}
    arguments = transformers.TrainingArguments(
        output_dir=os.path.dirname(place("transformers", "run", "x")), max_steps=2, save_steps=1, report_to=[], use_cpu=True
    )
    transformers.Trainer(model, arguments, train_dataset=[row] * 8).train()

    accelerator = accelerate.Accelerator(cpu=True)
    accelerator.prepare(network, optimizer)
    accelerator.save_state(os.path.dirname(place("accelerate", "x")))


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


def tensorflow():
    import tensorflow as tf

    class Steps(tf.Module):
        """Branches, loops, and functions that call each other."""

        def __init__(self):
            self.weights = tf.Variable(tf.ones((4, 2)))

        @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
        def __call__(self, given):
            _, result = tf.while_loop(lambda step, _: step < 3, lambda step, value: (step + 1, value * 2.0), (0, given @ self.weights))
            return tf.cond(tf.reduce_sum(result) > 0, lambda: result, lambda: -result)

    class Words(tf.Module):
        """A vocabulary that lies beside the model."""

        def __init__(self):
            self.words = tf.saved_model.Asset(words)
            lines, whole = tf.lookup.TextFileIndex.LINE_NUMBER, tf.lookup.TextFileIndex.WHOLE_LINE
            start = tf.lookup.TextFileInitializer(self.words, tf.string, whole, tf.int64, lines)
            self.table = tf.lookup.StaticVocabularyTable(start, 1)

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def __call__(self, given):
            return self.table.lookup(tf.strings.lower(given))

    words = place("words.txt")
    with open(words, "w") as stream:
        stream.write("a\nb\n")
    tf.saved_model.save(Steps(), place("steps"))
    tf.saved_model.save(Words(), place("words"))
    dense = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3, activation="relu"), tf.keras.layers.Dense(1)])
    dense.compile("adam", "mse")
    dense.fit(X, TARGET, verbose=0)
    texts = tf.keras.layers.TextVectorization()
    texts.adapt(["a b c", "b c"])
    read = tf.keras.Sequential([tf.keras.Input((1,), dtype=tf.string), texts, tf.keras.layers.Embedding(10, 3)])
    for name, model in {"dense": dense, "text": read}.items():
        model.export(place(f"{name}-exported"), verbose=False)
        model.save(place(f"{name}.keras"))
    dense.save(place("dense.h5"))
    tf.saved_model.save(dense, place("dense-saved"))


{"boosters": boosters, "torch": torch, "keras": keras, "tensorflow": tensorflow}[tools]()
print(json.dumps(sum(len(names) for _, _, names in os.walk(folder))))
