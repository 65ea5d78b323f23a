"""Word vectors of open text: floret, so that words never seen have one, too.

usage: vectors.py TEXTS.jsonl OUT_DIR : OUT_DIR is what `cnn.py --vectors` takes
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import floret
from spacy.training.initialize import convert_vectors

from pipeline.tokenization import make_blank

WIDTH, ROWS, EPOCHS = 96, 50_000, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, metavar="TEXTS.jsonl")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    args = parser.parse_args()
    nlp = make_blank()
    with tempfile.TemporaryDirectory() as folder:
        words, table = Path(folder) / "words.txt", Path(folder) / "vectors.floret"
        with words.open("w", encoding="utf-8") as lines:
            for line in args.texts.read_text(encoding="utf-8").splitlines():
                lines.write(" ".join(token.text for token in nlp.make_doc(json.loads(line)["text"]) if not token.is_space) + "\n")
        model = floret.train_unsupervised(
            str(words), model="skipgram", mode="floret", hashCount=2, bucket=ROWS, minn=4, maxn=5, dim=WIDTH, minCount=5, epoch=EPOCHS,
            thread=1, verbose=0,
        )  # fmt: skip
        model.save_floret_vectors(str(table))
        convert_vectors(nlp, table, truncate=0, prune=-1, mode="floret")
    nlp.to_disk(args.out)
    print(f"{args.out}: {nlp.vocab.vectors.shape[0]:,} rows of {nlp.vocab.vectors.shape[1]}")


if __name__ == "__main__":
    main()
