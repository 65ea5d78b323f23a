"""Windows and the decoding of tags."""

import itertools

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from pipeline.components.encoder import ALLOWED, BEGIN, END, FILES, INSIDE, OUTSIDE, SINGLE, Encoder, decode, viterbi
from pipeline.components.heads import LinkHead, PairHead, SpanHead
from pipeline.components.sentences import Sentences
from pipeline.components.wordpieces import MAX_PIECES, WINDOW_PIECES, case_of, make_windows
from pipeline.errors import ResourceError
from pipeline.labels import LAYERS, LINK_TASKS, SPAN_TASKS, TAGS


def is_valid(tags):
    inner = all(ALLOWED[a, b] == 0 for a, b in itertools.pairwise(tags))
    return inner and tags[0] in (OUTSIDE, BEGIN, SINGLE) and tags[-1] in (OUTSIDE, END, SINGLE)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**31))
def test_viterbi_finds_the_best_valid_sequence(n_words, seed):
    scores = np.random.default_rng(seed).normal(size=(n_words, len(TAGS))).astype(np.float32)
    valid = (tags for tags in itertools.product(range(len(TAGS)), repeat=n_words) if is_valid(tags))
    best = max(valid, key=lambda tags: scores[np.arange(n_words), tags].sum())
    assert tuple(viterbi(scores)) == best


def test_decoding_gives_spans_of_every_layer_in_order():
    scores = np.zeros((5, len(LAYERS), len(TAGS)), dtype=np.float32)
    scores[:, :, OUTSIDE] = 5
    for word, layer, tag in [(0, 0, BEGIN), (1, 0, INSIDE), (2, 0, END), (4, 1, SINGLE)]:
        scores[word, layer, tag] = 9
    found = list(decode(scores))
    assert [f[:3] for f in found] == [(0, 0, 2), (1, 4, 4)]
    assert all(0.9 < f[3] <= 1 for f in found)


def test_case_is_told_to_the_encoder():
    assert [case_of(w) for w in ("lower", "Title", "UPPER", "A", "McMix", "12", ",")] == [0, 1, 2, 3, 4, 5, 6]


class Named(dict):
    """Weights that are there whatever their name."""

    def __missing__(self, name):
        return self.setdefault(name, np.zeros(1, dtype=np.float32))


@pytest.mark.parametrize("head", ["pairs", "links.unit_parent", "spans.party"])
def test_a_network_without_a_head_is_named_with_what_is_missing(head, tmp_path):
    weights = Named()
    for task in SPAN_TASKS:
        SpanHead(task, weights)
    for task in LINK_TASKS:
        LinkHead(task, weights)
    PairHead(weights)
    for name in FILES:
        (tmp_path / name).touch()
    encoder = Encoder("coop_encoder", biases={}, min_score={})
    save_file(weights, tmp_path / "heads.safetensors")
    encoder.read_files(tmp_path)
    save_file({name: value for name, value in weights.items() if not name.startswith(f"{head}.")}, tmp_path / "heads.safetensors")
    with pytest.raises(ResourceError, match=rf"heads\.safetensors: {head}\.\w+(\.\w+)? missing"):
        encoder.read_files(tmp_path)


class Pieces:
    """A tokenizer that makes one piece of every two letters."""

    def encode(self, words, *, is_pretokenized, add_special_tokens):
        self.ids, self.word_ids = [], []
        for n, word in enumerate(words):
            for _ in range(0, len(word), 2):
                self.ids.append(7)
                self.word_ids.append(n)
        return self


@pytest.mark.parametrize("text", ["", "One two. Three four!", "word " * 3000, ("Many words stand here in a row. " * 200)])
def test_every_word_is_in_exactly_one_window(text):
    doc = Sentences()(spacy.blank("en")(text))
    windows = make_windows(doc, Pieces(), cls_id=1, sep_id=2, unknown_id=0)
    words = [int(t) for w in windows for t in w.tokens]
    assert words == [t.i for t in doc if not t.is_space]
    assert all(len(w.ids) <= max(WINDOW_PIECES, MAX_PIECES) + 30 and len(w.ids) == len(w.cases) for w in windows)


def test_spans_that_are_left_out_reach_no_window():
    doc = Sentences()(spacy.blank("en")("Home > News\n\nThe text."))
    windows = make_windows(doc, Pieces(), cls_id=1, sep_id=2, unknown_id=0, skip=[(0, 11)])
    assert [doc[int(t)].text for w in windows for t in w.tokens] == ["The", "text", "."]
