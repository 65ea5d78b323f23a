"""The shipped int8 network -> float32 weights from which training goes on.

usage: restore.py MODEL_DIR OUT.pt

What quantisation rounded away stays lost: each weight is the middle of its step.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from network import DEPTH, Network
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.torch import load_file


def restore(folder: Path) -> dict[str, torch.Tensor]:
    """Weights by the names of network.py."""
    graph = onnx.load(str(folder / "encoder.onnx")).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def floats(name: str) -> NDArray[np.float32]:
        steps = arrays[f"{name}_quantized"].astype(np.float32) - arrays[f"{name}_zero_point"].astype(np.float32)
        return steps * arrays[f"{name}_scale"]

    out = {name: array for name, array in arrays.items() if name.startswith(("encoder.", "tags.")) and "_" not in name}
    for name in ("word", "position", "case"):
        out[f"encoder.{name}.weight"] = floats(f"encoder.{name}.weight")
    (kind,) = (array for name, array in arrays.items() if name.startswith("onnx::Add"))
    out["encoder.kind.weight"] = np.stack([kind, np.zeros_like(kind)])
    products = [name.removesuffix("_quantized") for name in arrays if name.startswith("onnx::MatMul") and name.endswith("_quantized")]
    for i in range(DEPTH):
        layer, merged = f"encoder.layers.{i}", floats(f"Attention_{i}_qkv_weight").T
        for part, weight, bias in zip(("query", "key", "value"), np.split(merged, 3), np.split(arrays[f"Attention_{i}_qkv_bias"], 3)):
            out[f"{layer}.attention.{part}.weight"], out[f"{layer}.attention.{part}.bias"] = weight, bias
        for part, name in zip(("attention.dense", "inner", "outer"), products[3 * i : 3 * i + 3]):
            out[f"{layer}.{part}.weight"] = floats(name).T
    out["tags.weight"] = floats(products[-1]).T
    heads = {name: head.float() for name, head in load_file(folder / "heads.safetensors").items()}
    return {name: torch.tensor(array) for name, array in out.items()} | heads


def main(folder: Path, out: Path) -> None:
    network = Network()
    network.load_state_dict(restore(folder / "coop_encoder"))
    torch.save(network.state_dict(), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
