"""Trained network -> what the pipeline loads: an int8 ONNX encoder with the token layers, and the heads as safetensors.

usage: export.py NETWORK.pt OUT_DIR [--float] : OUT_DIR/encoder.onnx, heads.safetensors, tokenizer.json
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from network import HEADS, WIDTH, Network
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from safetensors.torch import save_file
from torch import Tensor, nn
from train import base_folder


class Exported(nn.Module):
    """One window: pieces and cases [1, pieces] -> hidden states and tag scores."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.encoder = network.encoder
        self.tags = network.tags

    def forward(self, ids: Tensor, cases: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.encoder(ids, cases, None)
        return hidden, self.tags(hidden)


def export(network: Network, out: Path, *, quantise: bool = True) -> None:
    out.mkdir(parents=True, exist_ok=True)
    network.eval()
    example = (torch.ones(1, 16, dtype=torch.long), torch.zeros(1, 16, dtype=torch.long))
    with tempfile.TemporaryDirectory() as folder:
        raw, fused = Path(folder) / "raw.onnx", Path(folder) / "fused.onnx"
        axes = {name: {0: "batch", 1: "pieces"} for name in ("ids", "cases", "hidden", "tags")}
        torch.onnx.export(
            Exported(network), example, str(raw), input_names=["ids", "cases"], output_names=["hidden", "tags"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        options = FusionOptions("bert")
        options.enable_embed_layer_norm = False
        model = optimizer.optimize_model(str(raw), "bert", num_heads=HEADS, hidden_size=WIDTH, optimization_options=options, opt_level=0)
        print("fused:", {k: v for k, v in model.get_fused_operator_statistics().items() if v})
        model.save_model_to_file(str(fused))
        target = out / "encoder.onnx"
        if quantise:
            extra = {"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
            quantize_dynamic(str(fused), str(target), weight_type=QuantType.QInt8, per_channel=True, extra_options=extra)
        else:
            shutil.copy(fused, target)
    heads = {k: v.half().contiguous() for k, v in network.state_dict().items() if k.startswith(("spans.", "links.", "pairs."))}
    save_file(heads, str(out / "heads.safetensors"))
    shutil.copy(base_folder() / "tokenizer.json", out / "tokenizer.json")
    print({p.name: round(p.stat().st_size / 1e6, 1) for p in sorted(out.iterdir())}, onnx.__version__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--float", action="store_true", help="leave the weights as float32")
    args = parser.parse_args()
    network = Network()
    network.load_state_dict(torch.load(args.network, weights_only=True))
    export(network, args.out, quantise=not args.float)


if __name__ == "__main__":
    main()
