"""Average trained networks; with --gold, fit the span, link and pair heads anew on the averaged encoder, which stays as it is.

usage: refit.py OUT.pt NETWORK.pt [NETWORK.pt …] [--gold GOLD.jsonl …] [--epochs N]

Weights of networks that began alike average well; heads less so, and they are quick to fit on states that are computed once.
A network that lacks a head takes no part in that head's average.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from network import Network
from targets import read_gold, read_phrases
from torch import Tensor
from torch.nn.functional import cross_entropy
from train import Cutter, Item, Words, collate, link_loss, mixed_precision, pair_loss

from pipeline.labels import LINK_TASKS

State = dict[str, Tensor]


def average(states: list[State], shares: list[float]) -> State:
    """Weighted mean of each parameter over the states that have it."""
    out: State = {}
    for name in sorted({name for state in states for name in state}):
        having = [(share, state[name]) for share, state in zip(shares, states, strict=True) if name in state]
        out[name] = sum(share * value for share, value in having) / sum(share for share, _ in having)  # type: ignore[assignment]
    return out


class Frozen(Words):
    """The words of a batch with states computed before."""

    def __init__(self, states: list[Tensor]) -> None:
        self.flat = torch.cat(states)
        self.sums = torch.cat([self.flat.new_zeros(1, self.flat.shape[1]), self.flat.cumsum(0)])
        self.offsets = [0]
        for state in states:
            self.offsets.append(self.offsets[-1] + len(state))


def head_loss(network: Network, words: Words, batch: list[Item]) -> Tensor:
    total = words.flat.new_zeros(())
    for task, head in network.spans.items():
        found = [(a + at, b + at, v) for item, at in zip(batch, words.offsets, strict=False) for a, b, v in item.attributes.get(task, [])]
        if found:
            scores = head(words.spans([(a, b) for a, b, _ in found]))
            total = total + cross_entropy(scores, torch.tensor([v for *_, v in found]), label_smoothing=0.05)
    for task in LINK_TASKS:
        total = total + 0.3 * link_loss(network.links[task], task, words, batch)
    return total + pair_loss(network, words, batch)


def refit(network: Network, items: list[Item], *, epochs: int, rate: float, seed: int) -> None:
    """Fit the heads in place; the encoder and the tags stay as they are."""
    network.eval()
    states: list[Tensor] = []
    with torch.no_grad(), mixed_precision():
        for item in items:
            hidden = network.encoder(*collate([item])).float()
            states.append(hidden[0, torch.from_numpy(item.window.first)].clone())
    rng = random.Random(seed)
    torch.manual_seed(seed)
    parameters = [p for part in (network.spans, network.links, network.pairs) for p in part.parameters()]
    for module in (*network.spans.modules(), *network.links.modules(), *network.pairs.modules()):
        if isinstance(module, torch.nn.Linear | torch.nn.Embedding):
            module.reset_parameters()
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.05)
    steps = epochs * (len(items) // 24 + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps + 1, pct_start=0.1)
    for module in (network.spans, network.links, network.pairs):
        module.train()
    order = list(range(len(items)))
    for epoch in range(epochs):
        rng.shuffle(order)
        total = 0.0
        for start in range(0, len(order), 24):
            chosen = order[start : start + 24]
            loss = head_loss(network, Frozen([states[i] for i in chosen]), [items[i] for i in chosen])
            if not loss.requires_grad:
                continue
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}/{epochs} loss {total / (len(order) / 24):.3f}", flush=True)
    network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--gold", type=Path, action="append", default=[], help="fit the heads anew on these; else they are averaged, too")
    parser.add_argument("--phrases", type=Path, help="folder of sentences with areas marked")
    parser.add_argument("--share", type=float, action="append", default=[], help="of each network in turn; equal ones by default")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    network = Network()
    states = [torch.load(path, weights_only=True) for path in args.networks]
    network.load_state_dict(average(states, args.share or [1.0] * len(states)))
    cutter = Cutter()
    items = [item for passages in (read_gold(args.gold), read_phrases(args.phrases)) for passage in passages for item in cutter(passage)]
    if args.gold:
        refit(network, items, epochs=args.epochs, rate=args.rate, seed=args.seed)
    torch.save(network.state_dict(), args.out)


if __name__ == "__main__":
    main()
