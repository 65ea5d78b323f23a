"""Regular expressions: each takes time that grows with the length of the text only, whatever the text.

usage: python -m pytest benchmarks/patterns.py

All of them are found in the source, with the methods by which they are used. Each is attacked with texts made from its own structure:
for every repetition in it, what comes before, then what it repeats many times (and other characters that it takes), then what
fits nowhere. Twice the length may take no more than some twice the time. Those for which a bound is given never see a longer text;
they are quick up to there.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import pytest

import pipeline
from pipeline.clean import make_matchers
from pipeline.components.events import instrument_patterns
from pipeline.components.speech import address_pattern, speech_pattern
from pipeline.components.statuses import cue_pattern
from pipeline.dates.grammar import COMPILED
from pipeline.resolve.forms import SHORT_STATES
from pipeline.resolve.words import TRANSLIT

FLAGS_AT = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "finditer": 2, "findall": 2, "split": 3, "sub": 4}
USES = (*FLAGS_AT.keys() - {"compile"}, "subn")
CHARACTERS = " \n\ta1A.,-'’\"/()&:é中|\\"  # what repetitions often take
REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
LENGTH = 1500
QUICK_S = 0.001  # what takes less at twice that length is linear enough
BOUND_S = 0.1

# where the expression is made while the program runs: how it is used, and what it may be; nothing where our own source alone is read
MADE: dict[tuple[str, str], tuple[str, list[re.Pattern[str]]]] = {
    ("pipeline.clean", "row['pattern']"): ("fullmatch", []),  # the next one has them all
    ("pipeline.clean", "joined"): ("fullmatch", [matcher.expression for matcher in make_matchers().values()]),
    ("pipeline.components.events", "entry['pattern']"): ("search", [pattern for _, pattern in instrument_patterns()]),
    ("pipeline.components.organizations", "KNOWN_ACRONYMS[name.casefold()] + '\\\\w*'"): ("fullmatch", [re.compile(r"un\w*")]),
    ("pipeline.components.speech", "f'\\\\b(?:(?P<he>{he})|(?P<she>{she}))\\\\b\\\\.?\\\\s*\\\\Z'"): ("search", [address_pattern()]),
    (
        "pipeline.components.speech",
        """f"\\\\b(?:(?P<source>{sources})|{'|'.join(map(re.escape, (*forms_of('verb'), *forms_of('inverted'))))})\\\\b\"""",
    ): ("finditer", [speech_pattern()]),
    ("pipeline.components.statuses", "f'\\\\b(?:{groups})\\\\b'"): ("finditer", [cue_pattern()]),
    ("pipeline.dates.grammar", "pattern.replace(' ', '')"): ("match", [pattern for _, pattern in COMPILED]),
    ("pipeline.dates.grammar", "f'\\\\b{name}\\\\b'"): ("sub", []),
    ("pipeline.gold.checking", "letter + '\\\\d+'"): ("fullmatch", [re.compile(r"o\d+")]),
    ("pipeline.resolve.forms", "SHORT_STATES[token][1]"): ("search", [re.compile(found[1]) for found in SHORT_STATES.values()]),
    ("pipeline.resolve.words", "pattern"): ("sub", [re.compile(found[0]) for found in TRANSLIT]),
    ("pipeline.scoring.places", "re.escape(mention)"): ("finditer", [re.compile("a a")]),
}
# what sees no longer texts: (module, beginning of the pattern) -> characters
BOUNDED = {
    ("pipeline.archive.encoding", "<(?:meta"): 4096,
    ("pipeline.archive.pages", "<html"): 5000,
    ("pipeline.archive.headers", ""): 300,  # MAX_LINE_CHARS
    ("pipeline.archive.days", "\\s*(\\d{4})"): 200,  # MAX_CHARS
    ("pipeline.components.countries", "([A-Z]"): 40,
    ("pipeline.components.countries", "^(?:\\s*"): 90,
    ("pipeline.components.holders", ""): 140,  # MAX_TIGHT_CHARS
    ("pipeline.components.layout", ""): 140,
    ("pipeline.components.organizations", "\\s*[,]?\\s*\\("): 30,
    ("pipeline.components.organizations", "\\s*\\("): 30,
    ("pipeline.components.organizations", "(?:\\s*,?"): 60,
    ("pipeline.components.organizations", "^(?:\\s*"): 80,  # MAX_JOINT_CHARS
    ("pipeline.components.people", "(?P<comma>"): 140,  # names
    ("pipeline.components.roles", "\\s+(?:of"): 90,
    ("pipeline.components.seats", ""): 140,  # roles, and at most 60 characters beside them
    ("pipeline.components.states", ""): 140,  # names of countries, and at most 40 characters beside them
    ("pipeline.components.statuses", "(?P<"): 5000,
    ("pipeline.scoring.places", "\\s+\\S*$"): 200,
    ("pipeline.resolve.features", ': "'): 200,  # works on our docstrings
    ("pipeline.dates.grammar", "(?:(\\w+):)?"): 200,  # works on the rules
    ("pipeline.clean", ""): 5000,  # MAX_LINE_CHARS
}


class Used(NamedTuple):
    where: str
    expression: re.Pattern[Any]
    methods: frozenset[str]
    bound: int | None


def find_calls() -> Iterator[tuple[str, ast.Call, dict[str, Any]]]:
    """Every call of re.compile() and its like in the package, and of a method that patterns have."""
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if module.name != "pipeline.__main__":
            names = vars(importlib.import_module(module.name))
            for node in ast.walk(ast.parse(Path(names["__file__"]).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                    yield module.name, node, names


def evaluate(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<source>", "eval"), names)  # noqa: S307  # our own source


def find_patterns() -> tuple[list[Used], set[tuple[str, str]]]:
    """All patterns with their use, and the places of those that only the running program makes."""
    calls = list(find_calls())
    uses: dict[str, set[str]] = {}
    for _, node, _ in calls:
        if node.func.attr in USES:  # type: ignore[attr-defined]
            uses.setdefault(node.func.value.id, set()).add(node.func.attr)  # type: ignore[attr-defined]
    found: list[Used] = []
    made: set[tuple[str, str]] = set()
    for module, node, names in calls:
        method = node.func.attr  # type: ignore[attr-defined]
        if node.func.value.id != "re" or method not in FLAGS_AT:  # type: ignore[attr-defined]
            continue
        given = [*node.args[FLAGS_AT[method] :][:1], *(k.value for k in node.keywords if k.arg == "flags")]
        flags = sum(int(evaluate(flag, names)) for flag in given)
        try:
            expressions = [re.compile(evaluate(node.args[0], names), flags)]
        except Exception:  # it names what exists only there
            place = module, ast.unparse(node.args[0])
            made.add(place)
            method, expressions = MADE.get(place, ("", []))
        for expression in expressions:
            constants = [name for name, value in names.items() if isinstance(value, re.Pattern) and value == expression]
            methods = {m for name in constants for m in uses.get(name, ())} if method == "compile" else {method}
            written = str(expression.pattern).removeprefix("b'")
            bounds = [n for (where, start), n in BOUNDED.items() if where == module and written.startswith(start)]
            found.append(Used(f"{module}:{node.lineno}", expression, frozenset(methods or {"search"}), min(bounds, default=None)))
    return found, made


PATTERNS, PLACES = find_patterns()


def takes(items: list[Any], character: str) -> bool:
    """Whether a set of characters has one."""
    hit = False
    for op, value in items:
        hit |= op is c.LITERAL and ord(character) == value
        hit |= op is c.RANGE and value[0] <= ord(character) <= value[1]
        if op is c.CATEGORY:
            kind = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(value).rpartition("_")[2]]
            hit |= bool(re.match(kind, character)) != ("NOT" in str(value))
    return hit != (items[0][0] is c.NEGATE)


def sample(nodes: Any) -> str:
    """A short text that a pattern matches."""
    return "".join(sample_one(op, value) for op, value in nodes)


def sample_one(op: Any, value: Any) -> str:
    if op is c.LITERAL:
        return chr(value)
    if op is c.IN:
        letters = [chr(n) for n in (*map(ord, CHARACTERS), *range(33, 127))]
        return next((letter for letter in letters if takes(value, letter)), next((chr(v) for o, v in value if o is c.LITERAL), "a"))
    if op is c.BRANCH:
        return sample(value[1][0])
    if op is c.SUBPATTERN:
        return sample(value[3])
    if op in REPEATS:
        return sample(value[2]) * value[0]
    return "a" if op in (c.ANY, c.NOT_LITERAL) else ""


def find_attacks(nodes: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """For each repetition: what comes before it, and what it may repeat."""
    for op, value in nodes:
        if op in REPEATS:
            body = value[2]
            if value[1] > 8:
                yield before, sample(body)
                if len(body) == 1 and body[0][0] in (c.IN, c.ANY, c.NOT_LITERAL):
                    yield from ((before, letter) for letter in CHARACTERS if body[0][0] is not c.IN or takes(body[0][1], letter))
            yield from find_attacks(body, before)
        elif op is c.SUBPATTERN:
            yield from find_attacks(value[3], before)
        elif op is c.BRANCH:
            for branch in value[1]:
                yield from find_attacks(branch, before)
        elif op in (c.ASSERT, c.ASSERT_NOT):
            yield from find_attacks(value[1], before)
        before += sample_one(op, value)


def measure(used: Used, text: str, method: str) -> float:
    """CPU seconds of one use."""
    given: Any = text.encode("utf-8", "replace") if isinstance(used.expression.pattern, bytes) else text
    call = getattr(used.expression, method)
    begun = time.thread_time()
    if method == "finditer":
        for _ in call(given):
            pass
    elif method in ("sub", "subn"):
        call(given[:0], given)
    else:
        call(given)
    return time.thread_time() - begun


def test_every_pattern_is_known() -> None:
    assert MADE.keys() == PLACES
    assert len(PATTERNS) > 200


@pytest.mark.parametrize("used", PATTERNS, ids=lambda used: used.where)
def test_time_grows_with_the_length_only(used: Used) -> None:
    flags = used.expression.flags
    attacks = set(find_attacks(_parser.parse(used.expression.pattern, flags)))
    attacks |= {(start, again) for _, again in attacks for start in ("", " ")} | {("", before + again) for before, again in attacks}

    def hang(*_: object) -> None:
        raise AssertionError(f"{used.where} hangs: {used.expression.pattern!r}")

    handler = signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        for before, again in sorted(attacks):
            for end in ("", "\x01") if again else ():
                for method in used.methods:
                    check(used, method, before, again, end)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def check(used: Used, method: str, before: str, again: str, end: str) -> None:
    if used.bound is not None:
        text = (before + again * used.bound)[: used.bound - 1] + end
        assert min(measure(used, text, method) for _ in range(2)) < BOUND_S, (before, again)
        return
    long = before + again * (2 * LENGTH // len(again)) + end
    if measure(used, long, method) < QUICK_S:
        return
    short = before + again * (LENGTH // len(again)) + end
    once, twice = (min(measure(used, text, method) for _ in range(5)) for text in (short, long))
    assert twice < 3 * once or twice < QUICK_S, (before, again, once, twice)


def test_a_quadratic_pattern_would_be_seen() -> None:
    used = Used("here", re.compile(r"\s+x"), frozenset(["search"]), None)
    with pytest.raises(AssertionError):
        check(used, "search", "", " ", "\x01")
