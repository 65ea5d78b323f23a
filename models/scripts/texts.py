"""Open press-release and news text -> a sample for further pretraining and for word vectors.

usage: texts.py CORPORA OUT.jsonl [--words N] : CORPORA holds wh-releases/*.jsonl.gz and wikinews-2020/wikinews_2020.csv

One {"text"} a line, title first. All of Wikinews, and releases drawn at random until there are N words; neither is in any gold document.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

RELEASES = ("statements-releases", "articles", "briefings-statements", "fact-sheets", "releases")


def read_news(folder: Path) -> Iterator[str]:
    csv.field_size_limit(sys.maxsize)
    with (folder / "wikinews-2020/wikinews_2020.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield f"{row['title']}\n\n{row['text'].strip()}"


def read_releases(folder: Path) -> Iterator[str]:
    for name in RELEASES:
        with gzip.open(folder / f"wh-releases/{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                release = json.loads(line)
                yield f"{release['title']}\n\n{release['text'].strip()}"


def sample(folder: Path, words: int, seed: int = 1) -> list[str]:
    """Texts in random order, some `words` words in all."""
    rng = random.Random(seed)
    releases = list(read_releases(folder))
    rng.shuffle(releases)
    texts = list(read_news(folder))
    left = words - sum(len(text.split()) for text in texts)
    for text in releases:
        if left <= 0:
            break
        texts.append(text)
        left -= len(text.split())
    rng.shuffle(texts)
    return texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--words", type=int, default=1_500_000)
    args = parser.parse_args()
    texts = sample(args.corpora, args.words)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    print(f"{args.out}: {len(texts)} texts, {sum(len(text.split()) for text in texts):,} words")


if __name__ == "__main__":
    main()
