"""The grammar of calendar expressions, as regular expressions over token codes."""

from __future__ import annotations

import re

from pipeline.dates.tokens import CLASSES

# A pattern names token classes (tokens.CLASSES), with a label before a colon where the value is wanted.
# FROM … TO is written out twice, as "from … to" and as "between … and". Repetitions are bounded, so that no
# text takes long.
MACROS = {
    "WD": "(w:anyweekday comma? the?)?",
    "WD2": "(w2:anyweekday comma? the?)?",
    "YR": "(comma? of? y:year | of? the? r:modifier yearunit)?",
    "YR2": "(comma? of? y2:year | of? the? r2:modifier yearunit | of? the? r2b:that yearunit)?",
    "Y": "(comma? of? y:year | of? the? r:modifier yearunit)",
    "PART": "(part dash?)?",
}
RANGE_WORDS = {"FROM": ("from?", "between"), "TO": ("(dash | comma? to the?)", "(and the? | dash)")}

RULES = (
    # one day
    ("point", "WD d:day dot? of? m:anymonth comma? of? y:year"),
    ("point", "WD d:day dot? of? m:month (comma? of? the? r:modifier yearunit | of the? r2:that yearunit)?"),
    ("point", "WD m:anymonth the? d:day comma? of? y:year"),
    ("point", "WD m:month the? d:day (comma? of? the? r:modifier yearunit | of the? r2:that yearunit)?"),
    ("point", "w:anyweekday comma? open d:day of? m:month YR close"),
    ("point", "w:anyweekday comma? open m:month d:day YR close"),
    ("point", "d:day of? m:month YR comma? (open w:anyweekday close)"),
    ("point", "d:day of? m:month comma? y:year comma? w:weekday"),
    ("point", "m:month d:day open w:anyweekday close comma? y:year?"),
    ("point", "m:month d:day comma y:year comma w:weekday"),
    ("point", "y:year comma? m:month d:day"),
    ("point", "y:year dash m:month dash d:number"),
    ("point", "d:number dash m:month dash y:year"),
    ("point", "(d:nth | o:ordinal) dayunit of m:month YR"),
    ("point", "the o:ordinal of m:month YR"),
    ("point", "WD z:numeric"),
    ("point", "z:numeric comma? open w:anyweekday close"),
    ("slashed", "w:anyweekday comma? open? d:number slash m:number close?"),
    # a month
    ("point", "m:anymonth comma? of? y:year"),
    ("point", "m:month comma? of? the? r:modifier yearunit"),
    ("point", "m:month comma? of? the? r2:that yearunit"),
    ("point", "y:year m:month"),
    ("slashed_month", "m:number slash y:year"),
    ("month", "m:month"),
    ("last_month", "r:modifier m:month (the? d:day)?"),
    ("week_of_month", "o:ordinal weekunit of m:month YR"),
    ("week_of_month", "l:near weekunit of m:month YR"),
    # from one to another
    ("range", "FROM WD d:day dot? TO WD2 d2:day dot? of? m2:month YR2"),
    ("range", "FROM WD m:month the? d:day TO WD2 d2:day YR2"),
    ("range", "FROM WD d:day dot? of? m:month YR TO WD2 d2:day dot? of? m2:month YR2"),
    ("range", "FROM WD m:month the? d:day YR TO WD2 m2:month the? d2:day YR2"),
    ("range", "WD d:day slash d2:day of? m2:month YR2"),
    ("range", "FROM z:numeric TO z2:numeric"),
    ("months", "FROM PART m:month YR TO PART m2:month YR2"),
    ("years", "FROM PART y:year TO PART y2:year"),
    ("years", "y:year dash y2:year"),
    ("years", "y:year slash y2:year"),
    ("short_years", "y:year slash y2:short"),
    ("short_years", "y:year dash y2:short"),
    ("from_year", "from the? yearunit y:year"),
    ("to_now", "from? m:month? y:year (to | dash) now"),
    ("onward", "from PART y:year onward"),
    ("onward", "from WD m:month comma? y:year onward"),
    ("onward", "from WD d:day m:month YR onward"),
    ("onward", "from WD m:month d:day YR onward"),
    ("fused_range", "x:fused TO x2:fused"),
    # several
    ("days", "d:day dot? (comma day){0,9} comma? and d2:day dot? of? m:month YR"),
    ("days", "day dot? comma day dot? of? m:month YR"),
    ("days", "m:month d:day (comma day){0,9} comma? and d2:day YR"),
    ("days", "m:month d:day comma day comma y:year"),
    ("days", "WD d:day comma? and anyweekday day of? m:month YR"),
    ("pair", "WD d:day of? m:month and WD2 d2:day of? m2:month comma? y2:year?"),
    ("pair", "WD m:month d:day and WD2 m2:month d2:day comma? y2:year?"),
    ("pair", "m:month and m2:month comma? of? y2:year"),
    ("month_pair", "m:month and m2:month"),
    ("several_years", "y:year (comma year){0,9} comma? and year"),
    ("several_years", "y:year comma year"),
    # parts of a year
    ("part_of_year", "o:ordinal dash? quarterunit (Y | of the yearunit)?"),
    ("part_of_year", "o:nth dash? (quarterunit | half:halfword) Y"),
    ("part_of_year", "l:near quarterunit (of? y:year | of? the yearunit)"),
    ("part_of_year", "q:quarter (dash? comma? of? y:year | of? the? r:modifier yearunit)?"),
    ("part_of_year", "y:year dash? q:quarter"),
    ("part_of_year", "o:ordinal dash? half:halfword (Y | of the yearunit)"),
    ("part_of_year", "h:half Y?"),
    ("part_of_year", "y:year dash? h:half"),
    ("part_of_year", "o:ordinal n:count units (of? y:year | of the? r:modifier yearunit | of the yearunit)?"),
    ("part_of_year", "fused:fused"),
    ("season", "s:season Y"),
    ("season", "s:season of? y:year (slash | dash) (short | year)"),
    ("season", "s:season semester Y"),
    ("season", "s:season y:year semester"),
    ("last_season", "r:modifier s:season"),
    ("bare_season", "s:season"),
    # longer than a year
    ("fiscal", "fiscal yearunit comma? of? y:year ((dash | slash) (y2:year | y3:short))?"),
    ("fiscal", "y:year ((dash | slash) (y2:year | y3:short))? fiscal yearunit"),
    ("fiscal", "fy y:year ((dash | slash) (y2:year | y3:short))?"),
    ("fiscal", "fiscal y:year"),
    ("decade", "d:decade"),
    ("century", "(nth:nth | o:ordinal) century:century"),
    ("year", "y:year"),
    # counted from the day of publication
    ("today", "t:today night?"),
    ("today", "r:this night"),
    ("today", "l:near night"),
    ("today", "the? dayunit before t:today"),
    ("today", "the? dayunit after t:today"),
    ("unit", "the? r:modifier u:unit"),
    ("fiscal_unit", "the? r:modifier fiscal yearunit"),
    ("weekday", "r:modifier? w:weekday night?"),
    ("weekday", "w:weekday night? of? r:modifier weekunit"),
    ("ago", "(n:count | half:halfword) u:anyunit a:ago"),
    ("ago", "n:count u:anyunit from now"),
    ("ahead", "in n:count u:anyunit time?"),
    ("day_of_month", "the? d:nth of the? r:modifier monthunit"),
    ("nth", "d:nth"),
    ("rest", "l:later (in | on)? (this | the) u:unit"),
    ("edge", "end of the? r:modifier? u:unit"),
    ("edge", "u:yearunit dash end"),
    # counted from a date before it in the text
    ("same", "the? that u:unit"),
    ("same", "the? that night"),
    ("beside", "n:count u:anyunit b:later"),
    ("beside", "the r:modifier night"),
    ("beside", "the? dayunit b:after"),
    ("beside", "the? dayunit b:before"),
)


def compile_rule(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    """Give the regular expression over codes of one pattern."""
    for name, expansion in (*words.items(), *MACROS.items()):
        pattern = re.sub(rf"\b{name}\b", expansion, pattern)

    def code_class(match: re.Match[str]) -> str:
        label, name = match.groups()
        codes = f"[{re.escape(CLASSES[name])}]"
        return f"(?P<{label}>{codes})" if label else codes

    pattern = re.sub(r"(?:(\w+):)?\b([a-z]\w*)", code_class, pattern.replace("(", "(?:"))
    return re.compile(pattern.replace(" ", ""))


def compile_rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Give kind and regular expression of each rule, a range in both its forms."""
    compiled = []
    for kind, pattern in RULES:
        for form in range(2 if "FROM" in pattern else 1):
            compiled.append((kind, compile_rule(pattern, {name: forms[form] for name, forms in RANGE_WORDS.items()})))
    return tuple(compiled)


COMPILED = compile_rules()
