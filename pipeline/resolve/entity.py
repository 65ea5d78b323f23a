"""What the articles say of an organisation under one name: what is compared."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field

from pipeline.resolve.forms import NameForm, form_of
from pipeline.resolve.words import common_words, place_words

GOVERNMENT_WORDS = """
    ministry city canton prefecture government agency authority department commission council province region district directorate
    parliament
"""
GOVERNMENT = frozenset(GOVERNMENT_WORDS.split())
KINDS_WORDS = """
    academy agency airport assembly association authority bank chamber city clinic college commission conservatory consulate council
    court department embassy faculty federation foundation fund gallery hospital institute laboratory library ministry museum network
    observatory parliament police polytechnic port school senate society station theater uas union university trust
"""
KINDS = frozenset(KINDS_WORDS.split())
UNITS_WORDS = """
    school faculty department office division laboratory center committee directorate chair campus college institute
"""
UNITS = frozenset(UNITS_WORDS.split())
NO_NAMES: frozenset[tuple[str, ...]] = frozenset()
NO_WORDS: frozenset[str] = frozenset()
STATELY = frozenset(("federal", "royal", "union"))  # words that a government leaves out of its name
ACADEMIC = frozenset(("university", "school", "research", "unit", "hospital"))
TYPE_GROUPS = {**dict.fromkeys(ACADEMIC, "academic"), "company": "company", "government": "public", "igo": "public", "country": "public"}


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """What the articles say of an organisation under one name: what is compared.

    label tells it from all others; names: every name that stands for it in an article, its own included; parent: id or name of the
    organisation that it is a unit of; people: folded names of those who hold an office there; docs: articles that name it.
    """

    label: str
    name: str
    names: InitVar[frozenset[str]] = NO_WORDS
    type: str = "other"
    country: str | None = None
    parent: str | None = None
    parent_name: str | None = None
    people: frozenset[str] = NO_WORDS
    docs: frozenset[str] = NO_WORDS
    registry_id: str | None = None
    form: NameForm = field(init=False)
    exact: tuple[str, ...] = field(init=False)
    aliases: frozenset[tuple[str, ...]] = field(init=False)
    acronyms: frozenset[str] = field(init=False)

    def __post_init__(self, names: frozenset[str]) -> None:
        form = form_of(self.name)
        set_ = object.__setattr__
        set_(self, "form", form)
        if (
            self.country is None
            and len(form.states) == 1
            and (form.types & GOVERNMENT or self.type == "government")
            and "embassy" not in form.types
        ):
            set_(self, "country", next(iter(form.states)))
        elif self.country is None and form.home and "embassy" not in form.types:
            set_(self, "country", form.home)
        set_(self, "exact", self.words_of(form))
        others = [form_of(n) for n in sorted(names) if n != self.name]
        telling = [f for f in others if not f.acronym and (f.core or f.states) and len(f.words) + len(f.states) > 1]
        set_(self, "aliases", frozenset(map(self.words_of, telling)) if telling else NO_NAMES)
        shorts = {short for f in (form, *others) if (short := f.key.replace(" ", "") if f.acronym else f.short)}
        set_(self, "acronyms", frozenset(shorts) if shorts else NO_WORDS)

    @property
    def complete(self) -> tuple[str, ...]:
        """Words without the place at the end that the name is complete without."""
        return tuple(w for w in self.exact if w not in self.form.seat) if self.form.seat else self.exact

    @property
    def unhonoured(self) -> tuple[str, ...]:
        """Words of a state university without those of whom it is named after: "Taras Shevchenko National University of Kyiv"."""
        form = self.form
        of_state = form.types == {"university"} and {"state", "national"} & set(form.words)
        if not (of_state or form.types == {"polytechnic"}) or not (form.states or form.core & place_words()):
            return form.exact
        return tuple(w for w in form.exact if w[0] in "#@" or w in common_words() or w in place_words())

    @property
    def unroyal(self) -> tuple[str, ...]:
        """Words without those that a government leaves out: "Federal Ministry of Health", "Royal Government"."""
        return tuple(w for w in self.exact if w not in STATELY) if self.form.types & GOVERNMENT else self.exact

    def words_of(self, form: NameForm) -> tuple[str, ...]:
        """Words of a name, without those that its parent or its country says already."""
        if self.type == "country" and self.country:
            return (f"@{self.country}",)
        words, states = form.words, set(form.states)
        if (form.types & GOVERNMENT or self.type == "government") and "embassy" not in form.types:
            if "government" in form.types and len(states) == 1 and {"government", *STATELY}.issuperset(words):
                return (f"@{next(iter(states))}",)
            states -= {self.country}
        elif form.home and "embassy" in form.types:
            states -= {form.home}
            words = (*words, f"of@{form.home}")
        elif form.home == self.country:
            states -= {self.country}
        if self.parent_name:
            parent = form_of(self.parent_name)
            rest = tuple(w for w in words if w not in parent.words)
            words = rest or words
            states -= parent.states
        if not (form.numbers or states):
            return words
        return (*words, *sorted(f"#{n}" for n in form.numbers), *sorted(f"@{s}" for s in states))
