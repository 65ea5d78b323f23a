"""The network: all-MiniLM-L6-v2 with a case embedding, token layers, span classifiers, links between spans."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from pipeline.components.wordpieces import N_CASES
from pipeline.labels import DISTANCES, LAYERS, LINK_TASKS, PAIR_STATUSES, SPAN_TASKS, TAGS

WIDTH, HEADS, DEPTH, INNER, VOCAB, POSITIONS = 384, 12, 6, 1536, 30522, 512
SPAN_HIDDEN = 192
LINK_WIDTH = 96


class Attention(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.dense = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        def split(t: Tensor) -> Tensor:
            return t.view(t.shape[0], t.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        weights = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(WIDTH // HEADS)
        if mask is not None:
            weights = weights + mask
        mixed = torch.matmul(self.dropout(weights.softmax(-1)), v).transpose(1, 2).contiguous()
        mixed = mixed.view(mixed.shape[0], mixed.shape[1], WIDTH)
        return self.norm(x + self.dropout(self.dense(mixed)))


class Layer(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.attention = Attention(dropout)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = self.attention(x, mask)
        return self.norm(x + self.dropout(self.outer(nn.functional.gelu(self.inner(x)))))


class Encoder(nn.Module):
    """Word pieces and their cases [batch, pieces] -> hidden states [batch, pieces, 384]."""

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.word = nn.Embedding(VOCAB, WIDTH)
        self.position = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Embedding(2, WIDTH)
        self.case = nn.Embedding(N_CASES, WIDTH)
        nn.init.normal_(self.case.weight, std=0.02)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(DEPTH))

    def forward(self, ids: Tensor, cases: Tensor, mask: Tensor | None) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.word(ids) + self.position(places)[None] + self.kind.weight[0] + self.case(cases)
        x = self.dropout(self.norm(x))
        added = None if mask is None else (1.0 - mask[:, None, None, :].to(x.dtype)) * -10000.0
        for layer in self.layers:
            x = layer(x, added)
        return x

    def load_pretrained(self, path: Path) -> None:
        """Weights of a BERT in Hugging Face's layout (model.safetensors); the case embedding starts small and random."""
        given = {k.removeprefix("bert."): v for k, v in load_file(path).items()}
        names = {"word": "word_embeddings.weight", "position": "position_embeddings.weight", "kind": "token_type_embeddings.weight"}
        own = {f"{k}.weight": given[f"embeddings.{v}"] for k, v in names.items()}
        for part in ("weight", "bias"):
            own[f"norm.{part}"] = given[f"embeddings.LayerNorm.{part}"]
            for i in range(DEPTH):
                a, b = f"encoder.layer.{i}.", f"layers.{i}."
                for name in ("query", "key", "value"):
                    own[f"{b}attention.{name}.{part}"] = given[f"{a}attention.self.{name}.{part}"]
                own[f"{b}attention.dense.{part}"] = given[f"{a}attention.output.dense.{part}"]
                own[f"{b}attention.norm.{part}"] = given[f"{a}attention.output.LayerNorm.{part}"]
                own[f"{b}inner.{part}"] = given[f"{a}intermediate.dense.{part}"]
                own[f"{b}outer.{part}"] = given[f"{a}output.dense.{part}"]
                own[f"{b}norm.{part}"] = given[f"{a}output.LayerNorm.{part}"]
        missing = self.load_state_dict(own, strict=False)
        assert missing.missing_keys == ["case.weight"] and not missing.unexpected_keys, missing


class SpanHead(nn.Module):
    """A span [first word, last word, mean of its words] -> scores of one task's values."""

    def __init__(self, n_values: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(3 * WIDTH, SPAN_HIDDEN)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(SPAN_HIDDEN, n_values)

    def forward(self, spans: Tensor) -> Tensor:
        return self.out(self.dropout(nn.functional.gelu(self.hidden(spans))))


class LinkHead(nn.Module):
    """Spans and the candidates they may point to -> scores [spans, candidates + 1]; the last one stands for none."""

    def __init__(self) -> None:
        super().__init__()
        self.source = nn.Linear(3 * WIDTH, LINK_WIDTH)
        self.target = nn.Linear(3 * WIDTH, LINK_WIDTH)
        self.bilinear = nn.Parameter(torch.zeros(LINK_WIDTH, LINK_WIDTH))
        nn.init.normal_(self.bilinear, std=0.02)
        self.distance = nn.Embedding(len(DISTANCES) + 1, 1)
        self.none = nn.Linear(LINK_WIDTH, 1)

    def forward(self, source: Tensor, target: Tensor, distance: Tensor) -> Tensor:
        a = nn.functional.gelu(self.source(source))
        b = nn.functional.gelu(self.target(target))
        scores = a @ self.bilinear @ b.T + self.distance(distance).squeeze(-1)
        return torch.cat([scores, self.none(a)], dim=1)


class PairHead(nn.Module):
    """Two mentions [spans] -> scores of PAIR_STATUSES, the same in either order."""

    def __init__(self) -> None:
        super().__init__()
        self.side = nn.Linear(3 * WIDTH, LINK_WIDTH)
        self.distance = nn.Embedding(len(DISTANCES) + 1, 16)
        self.hidden = nn.Linear(3 * LINK_WIDTH + 16, LINK_WIDTH)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(LINK_WIDTH, len(PAIR_STATUSES))

    def forward(self, left: Tensor, right: Tensor, distance: Tensor) -> Tensor:
        a, b = nn.functional.gelu(self.side(left)), nn.functional.gelu(self.side(right))
        joined = torch.cat([a + b, a * b, (a - b).abs(), self.distance(distance)], dim=1)
        return self.out(self.dropout(nn.functional.gelu(self.hidden(joined))))


class Network(nn.Module):
    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = Encoder(dropout)
        self.tags = nn.Linear(WIDTH, len(LAYERS) * len(TAGS))
        self.spans = nn.ModuleDict({task: SpanHead(len(values)) for task, values in SPAN_TASKS.items()})
        self.pairs = PairHead()
        self.links = nn.ModuleDict({task: LinkHead() for task in LINK_TASKS})


def distance_bucket(words: int) -> int:
    """Bucket of a signed distance in words (target minus source)."""
    for i, bound in enumerate(DISTANCES):
        if words <= bound:
            return i
    return len(DISTANCES)
