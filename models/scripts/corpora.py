"""Open corpora and gold documents -> training passages: text, spans of each layer, and the layers that the corpus labels.

usage: corpora.py SHARED OUT_DIR : writes OUT_DIR/open-{train,dev}.jsonl

A passage is {"text", "source", "labelled": [layer, …], "spans": {layer: [[start, end], …]}}. A layer that is not in "labelled"
is unknown there: it adds nothing to the loss.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
NO_SPACE_BEFORE = set(".,;:!?)]}%'’”…") | {"'s", "’s", "n't", "'re", "'ve", "'ll", "'d", "'m"}
NO_SPACE_AFTER = set("([{$“‘#")
PASSAGE_WORDS = 110


def detokenise(words: list[str], space_after: list[bool] | None = None) -> tuple[str, list[int]]:
    """Running text of words, and the offset of each word in it."""
    text, starts, in_quote = "", [], False
    for i, word in enumerate(words):
        if text and space_after is not None:
            glue = not space_after[i - 1]
        elif text:
            before = words[i - 1]
            hyphen = word == "-" or before == "-"
            closing = word == '"' and in_quote
            opened = before == '"' and in_quote
            glue = word in NO_SPACE_BEFORE or before in NO_SPACE_AFTER or hyphen or closing or opened
        else:
            glue = True
        if word == '"':
            in_quote = not in_quote
        text += ("" if glue else " ") + word
        starts.append(len(text) - len(word))
    return text, starts


def iob_spans(tags: list[str]) -> Iterator[tuple[str, int, int]]:
    start, label = None, ""
    for i, tag in enumerate([*tags, "O"]):
        inside = tag.startswith("I-") and tag[2:] == label and start is not None
        if start is not None and not inside:
            yield label, start, i
            start = None
        if tag[:2] in ("B-", "I-") and start is None:
            start, label = i, tag[2:]


def passage(source: str, sentences: list[tuple[list[str], list[bool] | None, list[tuple[str, int, int]]]], labelled: list[str]) -> Json:
    """Join sentences (words, space after, spans by word index) to one passage."""
    text = ""
    spans: dict[str, list[list[int]]] = {layer: [] for layer in labelled}
    for words, space_after, found in sentences:
        if text:
            text += " "
        piece, starts = detokenise(words, space_after)
        for layer, a, b in found:
            if layer in spans:
                spans[layer].append([len(text) + starts[a], len(text) + starts[b - 1] + len(words[b - 1])])
        text += piece
    return {"text": text, "source": source, "labelled": labelled, "spans": spans}


def packed(source: str, sentences: Iterable[Any], labelled: list[str], per: int = PASSAGE_WORDS) -> Iterator[Json]:
    run: list[Any] = []
    for sentence in sentences:
        if run and sum(len(s[0]) for s in run) + len(sentence[0]) > per:
            yield passage(source, run, labelled)
            run = []
        run.append(sentence)
    if run:
        yield passage(source, run, labelled)


def read_uner(path: Path) -> Iterator[Json]:
    names = {"PER": "PER", "LOC": "LOC", "ORG": "ORG"}
    documents: list[list[Any]] = []
    words: list[str] = []
    tags: list[str] = []
    unknown = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc") or not documents:
            documents.append([])
        if line.startswith("#"):
            continue
        if not line.strip():
            if words and not unknown:
                found = [(names[t], a, b) for t, a, b in iob_spans(tags) if t in names]
                documents[-1].append((words, None, found))
            words, tags, unknown = [], [], False
            continue
        columns = line.split("\t")
        words.append(columns[1])
        unknown |= columns[2] == "B-O"
        tags.append(columns[2])
    for sentences in documents:
        yield from packed("uner-ewt", sentences, ["PER", "LOC", "ORG"])


def read_redocred(path: Path) -> Iterator[Json]:
    names = {"PER": "PER", "LOC": "LOC", "ORG": "ORG", "TIME": "DATE"}
    for document in json.loads(path.read_text(encoding="utf-8")):
        found: list[list[tuple[str, int, int]]] = [[] for _ in document["sents"]]
        for entity in document["vertexSet"]:
            for mention in entity:
                if mention["type"] in names:
                    a, b = mention["pos"]
                    found[mention["sent_id"]].append((names[mention["type"]], a, b))
        sentences = [(words, None, spans) for words, spans in zip(document["sents"], found, strict=True)]
        yield from packed("re-docred", sentences, ["PER", "LOC", "ORG", "DATE"])


CROSSNER = {
    **dict.fromkeys(["person", "politician", "scientist", "writer", "researcher", "musicalartist"], "PER"),
    **dict.fromkeys(["organisation", "politicalparty", "university"], "ORG"),
    **dict.fromkeys(["country", "location"], "LOC"),
}


def read_columns(path: Path, source: str, names: dict[str, str], labelled: list[str]) -> Iterator[Json]:
    words: list[str] = []
    tags: list[str] = []
    sentences = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if not line.strip():
            if words:
                sentences.append((words, None, [(names[t], a, b) for t, a, b in iob_spans(tags) if t in names]))
            words, tags = [], []
            continue
        columns = line.replace("\t", " ").split(" ")
        words.append(columns[0])
        tags.append(columns[-1])
    yield from packed(source, sentences, labelled, per=40)


def read_gum(folder: Path) -> Iterator[Json]:
    names = {"person": "PER", "organization": "ORG", "place": "LOC"}
    documents: dict[str, list[Any]] = {}
    for line in (folder / "named_entities.jsonl").read_text(encoding="utf-8").splitlines():
        sentence = json.loads(line)
        if sentence["split"] == "test":
            continue
        found = []
        for entity in sentence["entities"]:
            if entity["type"] in names:
                head = entity["head"]
                found.append((names[entity["type"]], min(head), max(head) + 1))
        documents.setdefault(sentence["doc"], []).append((sentence["tokens"], None, found))
    for sentences in documents.values():
        yield from packed("gum", sentences, ["PER", "LOC"])


def read_btc(path: Path) -> Iterator[Json]:
    yield from read_columns(path, "btc-news", {"PER": "PER", "LOC": "LOC", "ORG": "ORG"}, ["PER", "LOC", "ORG"])


def main(shared: Path, out: Path) -> None:
    corpora = shared / "corpora"
    train: list[Json] = []
    dev: list[Json] = []
    train += read_uner(corpora / "uner-english-ewt/en_ewt-ud-train.2022-12.iob2")
    dev += read_uner(corpora / "uner-english-ewt/en_ewt-ud-dev.iob2")
    train += read_redocred(corpora / "re-docred/dev_revised.json")
    redocred_test = list(read_redocred(corpora / "re-docred/test_revised.json"))
    train += redocred_test[: len(redocred_test) * 4 // 5]
    dev += redocred_test[len(redocred_test) * 4 // 5 :]
    for domain in ("politics", "science", "ai", "literature"):
        for part in ("train", "dev", "test"):
            train += read_columns(corpora / f"crossner/{domain}/{part}.txt", "crossner", CROSSNER, ["PER", "LOC", "ORG"])
    train += read_gum(corpora / "ud-english-gum-open")
    train += read_columns(
        corpora / "multiner-lk-government/Final_English.txt", "multiner-lk", {"PER": "PER", "LOC": "LOC", "ORG": "ORG"}, ["PER", "LOC", "ORG"]
    )
    train += read_btc(corpora / "broad-twitter-corpus/g.conll")
    out.mkdir(parents=True, exist_ok=True)
    for name, passages in (("train", train), ("dev", dev)):
        with open(out / f"open-{name}.jsonl", "w", encoding="utf-8") as file:
            for item in passages:
                file.write(json.dumps(item, ensure_ascii=False) + "\n")
        counts: dict[str, list[int]] = {}
        for item in passages:
            row = counts.setdefault(item["source"], [0, 0, 0, 0, 0])
            row[0] += len(item["text"].split())
            for i, layer in enumerate(("ORG", "PER", "LOC", "DATE"), 1):
                row[i] += len(item["spans"].get(layer, []))
        for source, row in counts.items():
            print(f"{name} {source}: {row[0]} words, ORG {row[1]}, PER {row[2]}, LOC {row[3]}, DATE {row[4]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
