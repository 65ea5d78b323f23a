"""Who speaks in each sentence: direct and indirect speech, carried on across sentences."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from spacy.tokens import Doc

from pipeline.components.attributes import text_of
from pipeline.components.sentences import read_bounds
from pipeline.lexicons import read_lexicon
from pipeline.schema import Person

CLOSERS = {'"': '"”', "“": '”"', "«": "»", "„": '“”"', "‘": "’"}
MARK = re.compile(r"\"|[“”„«»]|(?<!\w)‘(?=\w)|(?<=[,.!?…])’(?!\w)|\n\s*\n")
QUOTED, TITLE = '"', "_"  # stand for every character of a quotation, of a title or a word in quotation marks
MIN_SPACES = 3  # in a quotation that has no mark at its end
REACH = 240  # characters from a verb to its subject
BEHIND = 80  # characters from a verb to a subject behind it
TITLE_GAP = 60  # characters from a role to the name that it stands before
MAX_ROLES = 6  # of a person, by which the text may call them
OFFICE = re.compile(
    r"(?:\b(?:(?i:the|our|its|their|his|her|madam)|Mr\.?) |(?:^|(?<=[.!?] ))(?=[A-Z]))(?=(\w[\w-]*(?: \w[\w-]*){0,3}))", re.MULTILINE
)
PRONOUNS = ("he", "she")
PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
HIM = re.compile(r"\s+(?:(him)\b|her\b(?!\s+\w))")
DEPUTY = re.compile(r"\b(?:vice|deputy|assistant|associate|former|acting|pro|under|sub)\b")
GOVERNED = re.compile(
    r"\b(?i:of|with|by|to|for|from|between|against|alongside|including|than|met|thank(?:s|ed|ing)|welcom(?:es|ed|ing)|"
    r"receiv(?:es|ed|ing)|congratulat(?:es|ed|ing)|told|tell(?:s|ing)|invit(?:es|ed|ing)|ask(?:s|ed|ing)|urg(?:es|ed|ing)|"
    r"visit(?:s|ed|ing)|host(?:s|ed|ing)|greet(?:s|ed|ing)|prais(?:es|ed|ing))\s+"
    r"(?:(?:the|an?|his|her|its|their|our)\s+)?(?:[A-Z][\w’'-]*\.?\s+){0,2}\Z"
)
BY = re.compile(r"\bby (?:the )?\Z")
CLAUSE = re.compile(r"(?:[;,:]|\b(?:and|but|while|whereas|although))\s*(?:the\s+)?(?:[\w-]+\.?\s+){0,2}\Z")
ADVERBS = re.compile(
    r"[\s,]*(?:(?:also|then|further|likewise|in (?:his|her|their) (?:turn|speech|remarks|address)|in turn|in addition|"
    r"for (?:his|her|their) part|"
    r"has|had|have|would|will|did|who|again|once|himself|herself|[a-z]+ly)\b[\s,]*)*"
)
NAMED_NEXT = re.compile(r"[\s,]*(?!(?:that|to|he|she|they|it|about|there)\b)(?:(?:(?!that\b|who\b|which\b)[\w.’'-]++|[(),&/–-])\s*){0,9}")
FINITE = re.compile(r"[\s,]+(?:would|will|had|has|have|is|was|were|are|could|can|should|may|might|must|also|said|[a-z]+ed)\b")
ITEM = re.compile(r"[-–—•*·+]|\(?\w{1,2}[.)]\s")
SENTENCE_END = re.compile(r"\b(?!(?:acad|assoc|dr|ing|prof)\b)[a-z]{4,}[.!?]\s|\n")
QUESTION = re.compile(r"^[ \t]*(?:\*\*|[–—-] |#+ )[^\n]{5,300}\?\W{0,4}$", re.MULTILINE)
MIN_QUESTIONS = 3  # paragraphs of an interview
LABEL = re.compile(r"[\s*_>#]*[A-Z][^.:\n]{0,60}:")
PREDICATE = re.compile(r"\b(?:would|will|had|has|have|is|was|were|are|could|can|should|may|might|must)\b")
COLON = re.compile(r"[^.;\"\n]{0,120}:\s*(?:\"|\n|$)")


class Reference(NamedTuple):
    """A name, an office ("the Rector") or a pronoun: start counts the role before a name; who is an id, or "he", "she"."""

    start: int
    end: int
    who: str


class Sign(NamedTuple):
    """Who a sentence shows to speak; spoken where a verb of speech tells it; words_end: where the words end that stand before, or None."""

    subject: Reference
    spoken: bool
    words_end: int | None = None


@cache
def forms_of(kind: str) -> tuple[str, ...]:
    """Forms of the entries of one kind, longest first."""
    entries = read_lexicon("speech_verbs.jsonl", required=("kind", "forms"))
    return tuple(sorted({form for entry in entries if entry["kind"] == kind for form in entry["forms"]}, key=lambda f: (-len(f), f)))


@cache
def speech_pattern() -> re.Pattern[str]:
    """Verbs of speech, in lower case, and words that name a source (group "source")."""
    sources = "|".join(f"[{f[0].upper()}{f[0]}]{f[1:]}" for f in forms_of("source"))
    return re.compile(rf"\b(?:(?P<source>{sources})|{'|'.join(map(re.escape, (*forms_of('verb'), *forms_of('inverted'))))})\b")


@cache
def address_pattern() -> re.Pattern[str]:
    """A form of address at the end of what stands before a name, or at the head of the name."""
    he, she = ("|".join(map(re.escape, forms_of(kind))) for kind in PRONOUNS)
    return re.compile(rf"\b(?:(?P<he>{he})|(?P<she>{she}))\b\.?\s*\Z", re.IGNORECASE)


def find_speakers(doc: Doc) -> dict[int, str]:
    """Index of each sentence that a person's words make up -> id of that person."""
    if not doc._.people:
        return {}
    return Floor(doc).walk()


class Floor:
    """Who has the floor while an article is read, sentence by sentence."""

    def __init__(self, doc: Doc) -> None:
        self.text = text_of(doc)
        self.quotations = find_quotations(self.text)
        self.bare = blank(self.text, self.quotations)
        self.references = find_references(self.bare, doc._.people)
        self.starts = [r.start for r in self.references]
        self.ends = [r.end for r in self.references]
        sents = read_bounds(doc)
        self.sents = [_trim(self.text, start, end) for start, end in zip(sents.starts, sents.ends, strict=True)]
        self.sent_starts = [start for start, _ in self.sents]
        self.quotation_starts = [start for start, _ in self.quotations]
        self.gender = find_genders(self.text, doc._.people)
        self.break_lines = 2 if "\n\n" in self.text else 1
        self.questions = [m.end() for m in QUESTION.finditer(self.text)]
        self.found: dict[int, str] = {}
        self.signed: set[int] = set()  # sentences that name their speaker themselves
        self.speaker: str | None = None  # has the floor
        self.topic: str | None = None  # whom a pronoun means
        self.interviewee = self._find_interviewee()
        self.labelled = False  # the speaker was named at the head of a paragraph, as in a transcript
        self.paragraph = 0  # the sentence that began it
        self.waiting: list[int] = []  # quotations of the paragraph whose speaker is still to be named
        self.recent: deque[str] = deque(maxlen=4)

    def walk(self) -> dict[int, str]:
        for n, (start, end) in enumerate(self.sents):
            if start == end:
                continue
            if self._is_break(self.sents[n - 1][1] if n else 0, start):
                self._begin_paragraph(n)
            here = self._between(start, end)
            signs = list(find_signs(self.bare, start, end, here))
            if signs:
                self._take_sign(n, signs, here)
            elif self.speaker is not None:
                self.found[n] = self.speaker
            elif self.bare[start] == QUOTED:
                self.waiting.append(n)
            self.recent.extend(r.who for r in here if r.who not in PRONOUNS)
        return self.found

    def _find_interviewee(self) -> str | None:
        """In an interview the person named last before the first question; None elsewhere."""
        if len(self.questions) < MIN_QUESTIONS:
            return None
        before = self.references[: bisect_left(self.starts, self.questions[0])]
        return next((r.who for r in reversed(before) if r.who not in PRONOUNS), None)

    def _begin_paragraph(self, n: int) -> None:
        """Who spoke in the paragraph before goes on only in a quotation, a list, a transcript, or where a colon announced it."""
        start, _ = self.sents[n]
        self.labelled = self.labelled and not LABEL.match(self.bare, start)
        announced = n > 0 and self.text.startswith(":", self.sents[n - 1][1] - 1)
        if not (self.labelled or announced or self.bare[start] == QUOTED or ITEM.match(self.bare, start)):
            self.speaker = None
        if self.interviewee is not None and start >= self.questions[0]:
            self.labelled, self.speaker = True, self.interviewee
        self.paragraph = n
        self.waiting.clear()

    def _take_sign(self, n: int, signs: list[Sign], here: list[Reference]) -> None:
        first, last = signs[0], signs[-1]
        if self.labelled and self.speaker is not None and not first.spoken and n != self.paragraph:
            self.found[n] = self.speaker
            return
        who = self._resolve(first.subject, here)
        if who is None:
            return
        self.found[n] = self.topic = who
        self.speaker = who if first.spoken or who == self.speaker else None
        self.signed.add(n)
        if first.words_end is not None:
            self.found.update((k, who) for k in range(self._head_of_words(n, first.words_end), n) if k not in self.signed)
        if n == self.paragraph and re.match(r"[*_]{0,2}:", self.text[first.subject.end : first.subject.end + 3]):
            self.labelled, self.speaker = True, who
        if first.spoken:
            self.found.update((k, who) for k in self.waiting if k not in self.found)
            self.waiting.clear()
        if last is not first and last.spoken and CLAUSE.search(self.bare, max(0, last.subject.start - 40), last.subject.start):
            self.speaker = self.topic = self._resolve(last.subject, here) or who

    def _resolve(self, reference: Reference, here: list[Reference]) -> str | None:
        """The id that a reference stands for: for a pronoun the person spoken of last who may be so called."""
        if reference.who not in PRONOUNS:
            return reference.who
        start = here[0].start if here else reference.start
        named = [r for r in here if r.start < reference.start and r.who not in PRONOUNS]
        subjects = [r.who for r in named if not is_governed(self.bare, start, r)][:1]
        for who in (*subjects, self.topic, self.speaker, *(r.who for r in named), *reversed(self.recent)):
            if who is not None and self.gender.setdefault(who, reference.who) == reference.who:
                return who
        return None

    def _between(self, start: int, end: int) -> list[Reference]:
        return self.references[bisect_right(self.ends, start) : bisect_left(self.starts, end)]

    def _is_break(self, end: int, start: int) -> bool:
        return self.text.count("\n", end, start) >= self.break_lines

    def _head_of_words(self, n: int, end: int) -> int:
        """Index of the sentence with which the words begin that end at a place in sentence n: a quotation, or all since a dash."""
        if not _after_quotation(self.bare, end, inverted=True):
            return self.paragraph if self.text[self.sents[self.paragraph][0]] in "–—-" else n
        k = bisect_right(self.quotation_starts, end) - 1
        while k > 0 and self._goes_on(k):
            k -= 1
        return bisect_right(self.sent_starts, self.quotations[k][0]) - 1

    def _goes_on(self, k: int) -> bool:
        """Whether a quotation continues the one before, which its paragraph left open."""
        _, end = self.quotations[k - 1]
        return self.text[end - 1] not in '"“”»’' and not self.text[end : self.quotations[k][0]].strip()


# -- quotations


def find_quotations(text: str) -> list[tuple[int, int]]:
    """Bounds of each quotation with its marks, in text order; one that is left open ends with its paragraph."""
    found = []
    start: int | None = None
    for mark in MARK.finditer(text):
        char = mark.group()
        if start is None:
            inches = char == '"' and text[max(0, mark.start() - 1) : mark.start()].isdigit()
            start = mark.start() if char in CLOSERS and not inches else None
        elif char[0] == "\n":
            found.append((start, mark.start()))
            start = None
        elif char in CLOSERS[text[start]]:
            found.append((start, mark.end()))
            start = None
    if start is not None:
        found.append((start, len(text)))
    return found


def is_speech(quotation: str) -> bool:
    """Not a title or a scare quote: some words, or a mark at its end."""
    return quotation.count(" ") >= MIN_SPACES or re.search(r"[.,!?…]\W?\Z", quotation) is not None


def blank(text: str, quotations: Iterable[tuple[int, int]]) -> str:
    """The text with each character of a quotation replaced by a mark, offsets kept; a full stop at its end stays, as its last character."""
    out, at = [], 0
    for start, end in quotations:
        quotation = text[start:end]
        mark = QUOTED if is_speech(quotation) else TITLE
        closed = mark == QUOTED and quotation[-2:-1] == "."
        out += [text[at:start], mark * (end - start - closed), "." * closed]
        at = end
    return "".join([*out, text[at:]])


# -- references


def find_references(bare: str, people: Iterable[Person]) -> list[Reference]:
    """Names, offices and pronouns outside quotations, in text order, none inside another."""
    names = sorted(_names(bare, people))
    found = [r for r in names if bare[r.start] not in (QUOTED, TITLE)]
    ends = [r.end for r in found]
    free = [r for r in _pronouns(bare) if not _inside(found, ends, r)]
    offices = [r for r in _offices(bare, people, found) if not _inside(found, ends, r)]
    return sorted([*found, *free, *offices])


def _names(bare: str, people: Iterable[Person]) -> Iterator[Reference]:
    for person in people:
        roles = sorted((role.end, role.start) for role in person.roles)
        for mention in person.mentions:
            k = bisect_right(roles, (mention.start, mention.start)) - 1
            joined = k >= 0 and mention.start - roles[k][0] <= TITLE_GAP and not SENTENCE_END.search(bare, roles[k][0], mention.start)
            yield Reference(roles[k][1] if joined else mention.start, mention.end, person.id)


def _pronouns(bare: str) -> Iterator[Reference]:
    return (Reference(*m.span(), m.group().lower()) for m in PRONOUN.finditer(bare))


def _inside(names: list[Reference], ends: list[int], reference: Reference) -> bool:
    k = bisect_right(ends, reference.start)
    return k < len(names) and names[k].start < reference.end


def _offices(bare: str, people: Iterable[Person], names: list[Reference]) -> Iterator[Reference]:
    """ "the Rector", "its director": who holds the office and was named last before, else who is named first.

    "The Rector of …" may be another's: it counts only where one person of the article holds such an office.
    """
    forms = {person.id: forms_of_roles(role.role for role in person.roles) for person in people}
    holders = Counter(form for own in forms.values() for form in own)
    holder: dict[str, str] = {}
    for name in reversed(names):
        holder.update((form, name.who) for form in forms[name.who])
    k = 0
    for found in OFFICE.finditer(bare):
        while k < len(names) and names[k].start <= found.start():
            holder.update((form, names[k].who) for form in forms[names[k].who])
            k += 1
        office = next((o for o in _heads(found[1]) if _office_key(o) in holder), None)
        if office:
            end = found.end() + len(office)
            seat = re.match(r"\s+(?:of|for|at)\b|['’]s?\s", bare[end : end + 8])
            if not seat or holders[_office_key(office)] == 1:
                yield Reference(found.start(), end, holder[_office_key(office)])


def _heads(words: str) -> Iterator[str]:
    """The words, and their beginnings, longest first."""
    while words:
        yield words
        words = words.rpartition(" ")[0]


def forms_of_roles(roles: Iterable[str]) -> set[str]:
    """Ways to call who holds the roles: "vice rector for research" -> itself, "vice rector"; "managing director" -> "director" too."""
    forms: set[str] = set()
    for role in islice(roles, MAX_ROLES):
        full = _office_key(role)
        short = re.split(r",|\s(?:of|for|in|at|to|and)\s", full)[0].strip()
        forms |= {full, short}
        if not DEPUTY.search(short):
            forms |= set(short.split()[-1:])
        if "ambassador" in short:
            forms |= {"ambassador", "excellency"}
    return forms


def _office_key(office: str) -> str:
    return office.casefold().replace("-", " ")


def find_genders(text: str, people: Iterable[Person]) -> dict[str, str]:
    """id -> "he" or "she", of people with a form of address that tells."""
    found: dict[str, str] = {}
    for person in people:
        for mention in person.mentions:
            head = mention.text.split(" ")[0]
            told = address_pattern().search(text[max(0, mention.start - 12) : mention.start]) or address_pattern().fullmatch(head)
            if told:
                found.setdefault(person.id, "he" if told["he"] else "she")
    return found


# -- signs of speech


def find_signs(bare: str, start: int, end: int, references: list[Reference]) -> Iterator[Sign]:
    """Who speaks in the sentence from start to end, in text order; without a verb of speech its subject, if that is a person."""
    starts = [r.start for r in references]
    spoken = False
    for verb in speech_pattern().finditer(bare, start, end):
        k = bisect_left(starts, verb.start())
        behind = references[k] if k < len(references) else None
        before = references[bisect_left(starts, verb.start() - REACH) : k]
        sign = source_sign(bare, verb, behind) if verb["source"] else verb_sign(bare, start, verb, before, behind)
        if sign:
            spoken = True
            yield sign
    subject = None if spoken else find_subject(bare, start, references)
    if subject:
        quoted = _after_quotation(bare, subject.start)
        announces = COLON.match(bare, subject.end, end) is not None
        yield Sign(subject, quoted or announces, subject.start if quoted else None)


def find_subject(bare: str, start: int, references: list[Reference]) -> Reference | None:
    """The first person of a sentence that nothing governs; where there is none, the first one by whom something is done."""
    free = (r for r in references if not is_governed(bare, start, r))
    return next(free, None) or next((r for r in references if BY.search(bare, max(start, r.start - 8), r.start)), None)


def source_sign(bare: str, verb: re.Match[str], behind: Reference | None) -> Sign | None:
    """ "according to X", "in the words of X", "according to her"."""
    pronoun = HIM.match(bare, verb.end())
    if pronoun:
        return Sign(Reference(*pronoun.span(), "he" if pronoun[1] else "she"), True)
    if behind is None or behind.start - verb.end() > BEHIND or PREDICATE.search(bare, verb.end(), behind.start):
        return None
    return Sign(behind, True)


def verb_sign(bare: str, start: int, verb: re.Match[str], before: list[Reference], behind: Reference | None) -> Sign | None:
    """The subject of a verb of speech: behind it after a quotation or a comma, else before it."""
    subject, adjacent = subject_before(bare, start, verb.start(), before)
    comma = bare[max(0, verb.start() - 4) : verb.start()].rstrip().endswith((",", "–", "—"))
    quoted = _after_quotation(bare, verb.start(), inverted=True)
    near = behind is not None and behind.start - verb.end() <= BEHIND and NAMED_NEXT.fullmatch(bare, verb.end(), behind.start)
    if behind and near and (quoted or (comma and is_inverted(bare, verb[0], behind))):
        return Sign(behind, True, verb.start())
    if subject is None or (verb[0].endswith("s") and not (adjacent or comma)):  # "the member states"
        return None
    return Sign(subject, True, subject.start if _after_quotation(bare, subject.start) else None)


def is_inverted(bare: str, verb: str, behind: Reference) -> bool:
    """ "…, said Y." and not "X, the dean, said Y would come", "X, in turn, thanked Y"."""
    return verb in forms_of("inverted") and behind.who not in PRONOUNS and not FINITE.match(bare, behind.end)


def subject_before(bare: str, start: int, verb: int, before: list[Reference]) -> tuple[Reference | None, bool]:
    """The person just before the verb (True), else the first one of the sentence that nothing governs."""
    between = ADVERBS.fullmatch(bare, before[-1].end, verb) if before else None
    if between and (not is_governed(bare, start, before[-1]) or "who" in between[0].split()):
        return before[-1], True
    return next((r for r in before if r.end <= verb and not is_governed(bare, start, r)), None), False


def is_governed(bare: str, start: int, reference: Reference) -> bool:
    """Whether a preposition or a verb stands before the reference, or a possessive behind it: no subject, but "For X, …"."""
    if bare.startswith(("'s", "’s"), reference.end):
        return True
    if reference.who in PRONOUNS:
        return False
    governor = GOVERNED.search(bare[max(start, reference.start - 40) : reference.start])
    return governor is not None and not governor[0].startswith("For ")


def _after_quotation(bare: str, at: int, *, inverted: bool = False) -> bool:
    """Whether what stands at that place tells whose the quotation before it is; after a full stop only a verb or a dash does."""
    lead = bare[max(0, at - 6) : at]
    words = lead.rstrip(" ,–—-")
    return words.endswith(QUOTED) or (words.endswith(QUOTED + ".") and (inverted or lead[len(words) :].strip() != ""))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of a sentence without the blanks at its edges."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
