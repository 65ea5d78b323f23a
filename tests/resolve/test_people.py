"""People across articles."""

from __future__ import annotations

from itertools import count

from records import BEIHAI, SADO, make_org, make_person, make_record

from pipeline.building import build

NUMBERS = count()
CITY = make_org("o1", "City of Beihai", type="government", country="CN")
QINGTAN = make_org("o1", "Qingtan Smart Marine", type="company", country="CN")


def article(org, name, role="Rector"):
    return make_record(
        f"p{next(NUMBERS)}",
        orgs=(org | {"id": "o1"},),
        people=(make_person("p1", name, *([(role, "o1")] if role else [])),),
        partnerships=(),
    )


def people_of(*records):
    return build(records).people


def test_a_person_of_one_organization_is_one_however_the_name_is_spelled():
    table = people_of(
        article(SADO, "Yerlan Nurpeisov"),
        article(SADO, "Erlan Nurpeissov"),
        article(SADO, "E. Nurpeisov"),
        article(SADO, "Nurpeisov Yerlan"),
    )
    assert len(table) == 1 and table["n_documents"].tolist() == [4]


def test_accents_and_letters_of_other_alphabets_dont_part_a_person():
    assert len(people_of(article(SADO, "Aigul Seitkali"), article(SADO, "Aigül Seitqali"))) == 1
    assert len(people_of(article(SADO, "João Serrão"), article(SADO, "Joao Serrao"))) == 1


def test_two_of_one_name_in_different_organizations_stay_apart():
    assert len(people_of(article(CITY, "Wang Lei", "Mayor"), article(QINGTAN, "Wang Lei", "Engineer"))) == 2


def test_a_rare_name_is_one_person_where_articles_name_the_same_organization():
    def articles(name):
        first = make_record(
            f"r{next(NUMBERS)}", orgs=(CITY, QINGTAN | {"id": "o2"}), people=(make_person("p1", name, ("Mayor", "o1")),), partnerships=()
        )
        second = make_record(
            f"r{next(NUMBERS)}", orgs=(SADO, QINGTAN | {"id": "o2"}), people=(make_person("p1", name, ("Rector", "o1")),), partnerships=()
        )
        return first, second

    assert len(people_of(*articles("Joaquim Serrão"))) == 1
    assert len(people_of(*articles("Wang Lei"))) == 2
    others = (article(BEIHAI, "Maria Serrão"), article(BEIHAI, "Joaquim Pires"))
    assert len(people_of(*articles("Joaquim Serrão"), *others)) == 4  # not rare: others have parts of the name


def test_an_article_that_tells_both_offices_is_the_bridge():
    both = make_record(
        "both",
        orgs=(SADO, QINGTAN | {"id": "o2"}),
        people=(make_person("p1", "Wei Chunhua", ("former Director", "o1"), ("Vice President", "o2")),),
        partnerships=(),
    )
    assert len(people_of(article(SADO, "Wei Chunhua"), article(QINGTAN, "Wei Chunhua"), both)) == 1


def test_names_that_only_look_alike_stay_apart():
    assert len(people_of(article(SADO, "Wang Li"), article(SADO, "Wang Lei"))) == 2
    assert len(people_of(article(SADO, "Zhang Guozhong"), article(SADO, "Zhang Guangzhong"))) == 2
    assert len(people_of(article(SADO, "Liu Chunhua"), article(SADO, "Liu Chunhui"))) == 2


def test_a_person_without_office_joins_the_one_whose_organization_the_article_names():
    assert len(people_of(article(SADO, "Teresa Falcão"), article(SADO, "Teresa Falcão", ""))) == 1
    assert len(people_of(article(SADO, "Teresa Falcão"), article(BEIHAI, "Teresa Falcão", ""))) == 2


def test_a_single_word_is_too_little():
    assert len(people_of(article(SADO, "Mensah"), article(SADO, "David Mensah"))) == 2


def test_affiliations_join_the_articles_that_say_so():
    tables = build(
        [article(SADO, "Teresa Falcão", "Rector"), article(SADO, "Teresa Falcao", "rector"), article(SADO, "Teresa Falcão", "Vice-Rector")]
    )
    assert sorted(len(ids) for ids in tables.affiliations["doc_ids"]) == [1, 2]


def test_an_office_that_the_text_doesnt_tell_is_no_ground_to_join():
    guessed = article(SADO, "Wang Lei", "Mayor")
    guessed["people"][0]["roles"][0]["source"] = "encoder:ROLE+default"
    assert len(people_of(article(SADO, "Wang Lei", "Engineer"), guessed | {"orgs": [CITY]})) == 2
