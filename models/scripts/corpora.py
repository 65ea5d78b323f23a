"""Open corpora and gold documents -> training passages: text, spans of each layer, and the layers that the corpus labels.

usage: corpora.py SHARED OUT_DIR : writes OUT_DIR/open-{train,dev}.jsonl

A passage is {"text", "source", "labelled": [layer, …], "spans": {layer: [[start, end], …]}}. A layer that is not in "labelled"
is unknown there: it adds nothing to the loss.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]
NO_SPACE_BEFORE = set(".,;:!?)]}%'’”…") | {"'s", "’s", "n't", "'re", "'ve", "'ll", "'d", "'m"}
NO_SPACE_AFTER = set("([{$“‘#")
PASSAGE_WORDS = 110
CONLL = {"PER": "PER", "LOC": "LOC", "ORG": "ORG"}
GUM = {"person": "PER", "place": "LOC"}  # its organisations begin and end elsewhere than those of our gold
OPEN_GENRES = {"academic", "bio", "conversation", "interview", "news", "speech", "textbook", "vlog", "voyage"}
PROPER = {"NNP", "NNPS"}
BESIDE_PROPER = {"CD", "DT", "IN", "POS", "PRP$", "SYM"}
WITHIN = {"person": {"-"}, "place": {"-", "of", "the", "to"}}  # words that break no name where they aren't counted as its head


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
                found = [(CONLL[t], a, b) for t, a, b in iob_spans(tags) if t in CONLL]
                documents[-1].append((words, None, found))
            words, tags, unknown = [], [], False
            continue
        columns = line.split("\t")
        words.append(columns[1])
        unknown |= columns[2] == "B-O"
        tags.append(columns[2])
    for sentences in documents:
        yield from packed("uner-ewt", sentences, list(CONLL))


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


class Word(NamedTuple):
    """A word of a CoNLL-U file: its form, its tag in the Penn set, the index of its governor (-1: none), and what MISC says in Entity=."""

    form: str
    tag: str
    governor: int
    entity: str


class Mention(NamedTuple):
    """A mention of GUM: words start to end (exclusive), its type, and the indices of the words that are its head."""

    start: int
    end: int
    type: str
    head: tuple[int, ...]


def read_conllu(path: Path) -> Iterator[tuple[str, list[Word]]]:
    """(id of the document, words) of each sentence; ranges of several words and empty nodes are left out."""
    document = ""
    words: list[Word] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# newdoc id = "):
            document = line.removeprefix("# newdoc id = ").strip()
        elif not line and words:
            yield document, words
            words = []
        elif line and not line.startswith("#"):
            columns = line.split("\t")
            if columns[0].isdigit():
                misc = dict(value.partition("=")[::2] for value in columns[9].split("|"))
                words.append(Word(columns[1], columns[4], int(columns[6]) - 1, misc.get("Entity", "")))


def find_mentions(words: list[Word]) -> Iterator[Mention]:
    """Mentions of a sentence by its Entity= marks, in the order in which they end.

    A mark is "(group-type-…-minspan-link-…" where a mention begins, "group)" where it ends, "(…)" for one word. minspan is the first
    field of plain numbers after the status (some documents lack the field before it); it counts the words of the mention from 1.
    """
    begun: list[tuple[list[str], int]] = []
    for i, word in enumerate(words):
        for mark in re.findall(r"\([^()]+\)?|[^()]+\)", word.entity):
            fields = mark.strip("()").split("-")
            if mark.startswith("("):
                begun.append((fields, i))
            if mark.endswith(")"):
                n = max(n for n, (opened, _) in enumerate(begun) if opened[0] == fields[0])
                fields, start = begun.pop(n)
                minspan = next(field for field in fields[3:] if re.fullmatch(r"\d+(,\d+)*", field))
                yield Mention(start, i + 1, fields[1], tuple(start + int(number) - 1 for number in minspan.split(",")))


def is_name(mention: Mention, words: list[Word]) -> bool:
    """Its head holds proper nouns and no common one (but numbers and the like: "John II", "all of York")."""
    tags = {words[i].tag for i in mention.head}
    return not tags.isdisjoint(PROPER) and tags <= PROPER | BESIDE_PROPER


def find_core(mention: Mention, words: list[Word]) -> list[int]:
    """The unbroken stretch of a head that the mention hangs on: GUM counts proper nouns of appositions and members of a group as head.

    "[Alvin Yeung] from the Civic Party", "Civic Passion's [Wong Yeung-tat]", "[Levico Terme], Trento, Italy", "[Bock], Dahl and Eriksen".
    """
    runs = [[mention.head[0]]]
    for i in mention.head[1:]:
        if all(word.form in WITHIN[mention.type] for word in words[runs[-1][-1] + 1 : i]):
            runs[-1].append(i)
        else:
            runs.append([i])
    inside = range(mention.start, mention.end)
    return next((run for run in runs if any(words[i].governor not in inside for i in run)), runs[0])


def find_names(words: list[Word]) -> list[tuple[str, int, int]]:
    """(layer, start, end) of the names among the mentions of a sentence, each once."""
    found: dict[tuple[str, int, int], None] = {}
    for mention in find_mentions(words):
        if mention.type in GUM and is_name(mention, words):
            core = find_core(mention, words)
            if any(words[i].tag in PROPER for i in core):
                found[GUM[mention.type], core[0], core[-1] + 1] = None
    return list(found)


def read_gum(folder: Path) -> Iterator[Json]:
    """People and places of the documents of train and dev whose texts are open (GUM as published has others as well)."""
    documents: dict[str, list[Any]] = {}
    for part in ("train", "dev"):
        found: dict[str, list[Any]] = {}
        for path in sorted(folder.glob(f"en_gum*-ud-{part}.conllu")):
            for document, words in read_conllu(path):
                if document.split("_")[1] in OPEN_GENRES:
                    found.setdefault(document, []).append(([word.form for word in words], None, find_names(words)))
        documents |= dict(sorted(found.items()))
    if not documents:
        raise SystemExit(f"{folder}: no en_gum…-ud-train.conllu, no en_gum…-ud-dev.conllu; `weasel assets models` fetches them")
    for sentences in documents.values():
        yield from packed("gum", sentences, ["PER", "LOC"])


def read_btc(path: Path) -> Iterator[Json]:
    yield from read_columns(path, "btc-news", CONLL, list(CONLL))


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
    train += read_columns(corpora / "multiner-lk-government/Final_English.txt", "multiner-lk", CONLL, list(CONLL))
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
