"""Windows and the decoding of tags."""

import itertools

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from pipeline.components import encoder
from pipeline.components.encoder import (
    BEGIN,
    END,
    FILES,
    INSIDE,
    LINKED_AT_ONCE,
    MAX_LINK_WORDS,
    MIN_LINK,
    OUTSIDE,
    SINGLE,
    Encoder,
    decode,
    find_links,
    find_pairs,
    viterbi,
)
from pipeline.components.heads import LinkHead, PairHead, SpanHead, Stack, gelu, represent
from pipeline.components.sentences import Sentences
from pipeline.components.wordpieces import LINE_START, MAX_PIECES, WINDOW_PIECES, PieceCache, case_of, make_windows
from pipeline.errors import ResourceError
from pipeline.labels import LAYERS, LINK_TASKS, SPAN_TASKS, TAGS


def is_valid(tags):
    goes_on = [tag in (BEGIN, INSIDE) for tag in tags]
    began_before = [tag in (INSIDE, END) for tag in tags]
    return [False, *goes_on] == [*began_before, False]


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


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**31))
def test_decoding_gives_the_spans_of_the_best_valid_sequences(n_words, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n_words, len(LAYERS), len(TAGS))).astype(np.float32) * 2
    scores[:, :, OUTSIDE] += rng.choice([0, 6])
    exp = np.exp(scores)
    probabilities = exp / exp.sum(-1, keepdims=True)
    expected = []
    for layer in range(len(LAYERS)):
        tags = viterbi(scores[:, layer])
        least = probabilities[np.arange(n_words), layer, tags]
        for first in np.flatnonzero((tags == BEGIN) | (tags == SINGLE)):
            last = next(n for n in range(first, n_words) if tags[n] in (END, SINGLE))
            expected.append((layer, first, last, pytest.approx(least[first : last + 1].min(), abs=1e-5)))
    assert list(decode(scores)) == expected


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


def heads(seed=0):
    rng = np.random.default_rng(seed)

    class Random(dict):
        def __missing__(self, name):
            shape = {
                "pairs.hidden.weight": (4, 16), "pairs.out.weight": (6, 4), "pairs.out.bias": (6,), "pairs.distance.weight": (16, 4),
            }.get(name)  # fmt: skip
            if shape is None:
                part = name.split(".", 2)[2] if not name.startswith("pairs.") else name.split(".", 1)[1]
                shape = {
                    "bilinear": (4, 4), "distance.weight": (16, 1), "none.weight": (1, 4), "none.bias": (1,),
                    "out.weight": (3, 4), "out.bias": (3,),
                }.get(part, (4, 12) if part.endswith("weight") else (4,))  # fmt: skip
            return self.setdefault(name, rng.normal(size=shape).astype(np.float32))

    return Random()


def test_links_of_all_sources_are_those_of_each_by_itself():
    head = LinkHead("unit_parent", heads())
    rng = np.random.default_rng(1)
    starts = np.sort(rng.choice(2000, size=LINKED_AT_ONCE * 2 + 9, replace=False))
    spans = rng.normal(size=(len(starts), 12)).astype(np.float32)
    hidden = gelu(spans @ head.ws.T + head.bs), gelu(spans @ head.wt.T + head.bt)
    found = find_links(head, hidden, (starts, starts), same=True)
    for n, links in enumerate(found):
        gaps = starts - starts[n]
        near = np.flatnonzero((gaps >= -MAX_LINK_WORDS) & (gaps < MAX_LINK_WORDS) & (gaps != 0))
        probabilities = head(spans[n : n + 1], spans[near], gaps[near][None])[0]
        expected = {target: p for target, p in zip([*near.tolist(), -1], probabilities.tolist(), strict=True) if p >= MIN_LINK}
        assert dict(links) == pytest.approx(expected, abs=1e-4)
        assert [p for _, p in links] == sorted((p for _, p in links), reverse=True)
    alone = find_links(head, (hidden[0][:1], hidden[1][:1]), (starts[:1], starts[:1]), same=True)
    assert alone == [[[-1, 1.0]]]


def test_many_pairs_are_weighed_a_few_at_a_time_with_the_same_outcome(monkeypatch):
    doc = spacy.blank("en")(" ".join(f"Name{n} met" for n in range(12)))
    mentions = [doc[2 * n : 2 * n + 1] for n in range(12)]
    sides = np.random.default_rng(4).normal(size=(12, 4)).astype(np.float32)
    whole = find_pairs(PairHead(heads()), doc, mentions, sides)
    monkeypatch.setattr(encoder, "PAIRED_AT_ONCE", 5)
    few = find_pairs(PairHead(heads()), doc, mentions, sides)
    assert len(whole) > 5
    np.testing.assert_allclose(few, whole, atol=1e-3)


def test_heads_side_by_side_give_what_each_gives():
    weights, spans = heads(), np.random.default_rng(2).normal(size=(5, 12)).astype(np.float32)
    tasks = [SpanHead(task, weights) for task in SPAN_TASKS]
    hidden = Stack({str(n): (head.w1, head.b1) for n, head in enumerate(tasks)})(spans)
    for n, head in enumerate(tasks):
        np.testing.assert_allclose(head.classify(hidden[str(n)]), head(spans), atol=1e-6)


def test_spans_are_represented_by_their_first_word_their_last_and_their_mean():
    doc = spacy.blank("en")("one two three four five six")
    doc.tensor = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)
    spans = [doc[0:1], doc[1:5], doc[4:6]]
    expected = [[*doc.tensor[s.start], *doc.tensor[s.end - 1], *doc.tensor[s.start : s.end].mean(0)] for s in spans]
    np.testing.assert_allclose(represent(doc, spans), expected, atol=1e-6)
    assert represent(doc, []).shape == (0, 12)


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
    assert [int(c) >= LINE_START for w in windows for c in w.cases] == [False, True, True, False, False, False, False]


def test_pieces_kept_from_earlier_texts_are_those_of_a_tokenizer_that_reads_all():
    nlp, cache = spacy.blank("en"), PieceCache(Pieces(), unknown_id=0)
    for text in ("One word.", "Another word, one more.", "", "One word."):
        doc = Sentences()(nlp(text))
        kept, fresh = (make_windows(doc, source, cls_id=1, sep_id=2, unknown_id=0) for source in (cache, Pieces()))
        assert [(w.ids.tolist(), w.cases.tolist()) for w in kept] == [(w.ids.tolist(), w.cases.tolist()) for w in fresh]
