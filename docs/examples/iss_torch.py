"""Frames of a pulled export with their landmarks and class of pain, as a torch Dataset.

    from iss_torch import Landmarks
    train, test = Landmarks("fold3", "train"), Landmarks("fold3", "test")     # iss export --fold 3 --modalities LANDMARKS -o fold3
    loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True)

Needs torch, numpy, pandas and pyarrow. Landmark files are mapped, not read: a fold of any size takes little memory.
"""
import functools
import pathlib

import numpy as np
import pandas as pd

try:
    from torch.utils.data import Dataset
except ImportError:  # the rows can be read without torch
    Dataset = object

RECORD = 468 * 3


class Landmarks(Dataset):
    """One item a frame with landmarks: float32 [468, 3], normalised to the face, and the class as an integer."""

    def __init__(self, folder, side="all", classes=4):
        self.folder = pathlib.Path(folder)
        columns = ["files", "pain_class", "lm", "lm_offset"]
        self.rows = pd.read_parquet(self.folder / "labels" / f"set1_{classes}_{side}.parquet", columns=columns)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        row = self.rows.iloc[index]
        first = int(row["lm_offset"]) // 4
        points = np.array(self._file(row["lm"])[first : first + RECORD]).reshape(468, 3)
        return points, int(row["pain_class"])

    @functools.lru_cache(maxsize=64)
    def _file(self, path):
        return np.memmap(self.folder / path, dtype="<f4", mode="r")
