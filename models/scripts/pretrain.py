"""Train the encoder further to guess masked words of open text.

usage: pretrain.py TEXTS.jsonl OUT.pt [--epochs N] … : OUT.pt is what `train.py --start` takes

Whole words are masked, their case is not: it is an input of its own, and learns here, too. Deterministic for a seed and a number of
threads.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from network import VOCAB, WIDTH, Encoder
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu
from train import Cutter, Item, base_folder, batches, collate, mixed_precision, warm_up

MASK = 103
MASKED = 0.15  # of the words
LEFT, SWAPPED = 0.1, 0.1  # of the masked pieces: seen as they are, seen as another piece


class Guesser(nn.Module):
    """Hidden states [pieces, 384] -> scores of all word pieces, by way of their embeddings."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.bias = nn.Parameter(torch.zeros(VOCAB))

    def forward(self, hidden: Tensor, embeddings: Tensor) -> Tensor:
        return self.norm(gelu(self.dense(hidden))) @ embeddings.T + self.bias


def choose(batch: list[Item], length: int, rng: np.random.Generator) -> Tensor:
    """Which pieces to guess, [batch, length]: all pieces of some words."""
    chosen = np.zeros((len(batch), length), dtype=bool)
    for row, item in zip(chosen, batch, strict=True):
        ends = [*item.window.first[1:], len(item.window.ids) - 1]
        for word in np.flatnonzero(rng.random(len(ends)) < MASKED):
            row[item.window.first[word] : ends[word]] = True
    return torch.from_numpy(chosen)


def hide(ids: Tensor, chosen: Tensor, rng: np.random.Generator) -> Tensor:
    """The pieces as the encoder sees them: [MASK] for most of the chosen ones."""
    roll = torch.from_numpy(rng.random(tuple(ids.shape)))
    other = torch.from_numpy(rng.integers(1000, VOCAB, tuple(ids.shape)))
    seen = torch.where(chosen & (roll >= LEFT), torch.full_like(ids, MASK), ids)
    return torch.where(chosen & (roll >= LEFT) & (roll < LEFT + SWAPPED), other, seen)


def masked_loss(encoder: Encoder, guesser: Guesser, batch: list[Item], rng: np.random.Generator) -> Tensor:
    ids, cases, mask = collate(batch)
    chosen = choose(batch, ids.shape[1], rng)
    hidden = encoder(hide(ids, chosen, rng), cases, mask)
    scores = guesser(hidden[chosen], encoder.word.weight)
    return cross_entropy(scores.float(), ids[chosen]) if chosen.any() else scores.sum()


def pretrain(encoder: Encoder, items: list[Item], *, epochs: float, rate: float, pieces: int, seed: int) -> None:
    """Train the encoder in place; every window is masked anew in each epoch."""
    rng, shuffled = np.random.default_rng(seed), random.Random(seed)
    torch.manual_seed(seed)
    guesser = Guesser()
    groups = [{"params": encoder.parameters(), "lr": rate}, {"params": guesser.parameters(), "lr": 4 * rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    order = batches(items, pieces, shuffled)
    steps = max(1, int(len(order) * epochs))
    schedule = warm_up(optimizer, steps)
    began, done, seen, running = time.time(), 0, 0, 0.0
    encoder.train()
    while done < steps:
        for batch in order[: steps - done]:
            with mixed_precision():
                loss = masked_loss(encoder, guesser, batch, rng)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*encoder.parameters(), *guesser.parameters()], 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            seen += sum(len(item.window.ids) for item in batch)
            running = 0.98 * running + 0.02 * float(loss.detach())
            if done % 50 == 0 or done == steps:
                pace = f"{seen / (time.time() - began):.0f} pieces/s, {time.process_time():.0f} CPU s"
                print(f"step {done}/{steps} loss {running / (1 - 0.98**done):.4f} {pace}", flush=True)
        order = batches(items, pieces, shuffled)
    encoder.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, metavar="TEXTS.jsonl")
    parser.add_argument("out", type=Path, metavar="OUT.pt")
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--pieces", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    encoder = Encoder()
    encoder.load_pretrained(base_folder() / "model.safetensors")
    cutter = Cutter()
    texts = [json.loads(line)["text"] for line in args.texts.read_text(encoding="utf-8").splitlines()]
    items = [item for text in texts for item in cutter({"text": text, "labelled": []})]
    print(f"{len(texts)} texts, {len(items)} windows, {sum(len(item.window.ids) for item in items):,} pieces", flush=True)
    pretrain(encoder, items, epochs=args.epochs, rate=args.rate, pieces=args.pieces, seed=args.seed)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({f"encoder.{name}": values for name, values in encoder.state_dict().items()}, args.out)


if __name__ == "__main__":
    main()
