"""Reads a pulled folder as the README shows, and prints what it found as JSON: pandas, Croissant's own reader, the example Dataset."""
import json
import pathlib
import sys

import mlcroissant
import numpy as np
import pandas as pd

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "docs" / "examples"))
from iss_torch import Landmarks  # noqa: E402

patients = pd.read_parquet(folder / "labels/patients.parquet")
mesh = np.fromfile(next((folder / "landmarks").glob("*/*.f32")), "<f4").reshape(-1, 468, 3)
croissant = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
sets = [record_set.id for record_set in croissant.metadata.record_sets]
rows = {name: sum(1 for _ in croissant.records(name)) for name in sets if name != "sides"}
dataset = Landmarks(folder)
points, pain = dataset[0]
print(json.dumps({
    "patients": list(patients["patient"]),
    "mesh": list(mesh.shape),
    "issues": croissant.metadata.ctx.issues.report(),
    "rows": rows,
    "dataset": [len(dataset), list(points.shape), bool(np.isfinite(points).all()), pain],
}))
