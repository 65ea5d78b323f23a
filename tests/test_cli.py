"""The commands, as typed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import records
from conftest import ROOT

from pipeline import cli
from pipeline.building import build_tables
from pipeline.display import mark_text, render_page, show_record
from pipeline.errors import PipelineError
from pipeline.lexicons import read_lexicon
from pipeline.records import dump_record

RELEASE = "Two universities sign\n\nThe University of Lusaka and Aalto University signed an agreement on 3 May 2021.\n"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    path = tmp_path / "release.txt"
    path.write_text(RELEASE, encoding="utf-8")
    return path


def test_help_lists_commands_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    printed = capsys.readouterr().out
    assert stop.value.code == 0
    for command in cli.COMMANDS:
        assert (f"\n  {command.name} " in printed) == cli.is_there(command.needs)
    assert "coopfacts run releases/ --out out" in printed


@pytest.mark.parametrize("command", [command.name for command in cli.COMMANDS if cli.is_there(command.needs)])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: coopfacts {command}")


def test_a_command_without_its_module_is_not_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    future = cli.COMMANDS[0]._replace(name="predict", needs="pipeline.no_such_module")
    monkeypatch.setattr(cli, "COMMANDS", (*cli.COMMANDS, future))
    with pytest.raises(SystemExit) as stop:
        cli.main(["predict"])
    assert stop.value.code == 2 and "predict" in capsys.readouterr().err


def test_help_and_import_load_nothing_heavy() -> None:
    heavy = "{'spacy', 'numpy', 'pandas', 'onnxruntime', 'pyarrow', 'trafilatura', 'dateparser', 'anyascii', 'lxml', 'dask', 'fsspec'}"
    code = f"""
import sys
import pipeline
import pipeline.cli
pipeline.cli.make_parser()
print({heavy} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_extract_prints_what_came_out_and_where(
    release: Path, tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release.parent / "archive").mkdir()
    release.rename(release.parent / "archive" / "release.txt")
    status = cli.main(["extract", str(tmp_path / "archive"), "--out", str(tmp_path / "out"), "--model", str(rules_model), "--workers", "1"])
    captured = capsys.readouterr()
    assert status == 0
    assert captured.out.splitlines()[0] == "1 articles read: 1 written, 0 skipped, 0 failed"
    assert str(tmp_path / "out" / "documents.jsonl") in captured.out
    assert captured.err == ""  # no terminal: no progress bar


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["extract", "nowhere", "--out", "{tmp}/out"], 2, "no such file or folder: nowhere"),
        (["extract", "{tmp}", "--out", "{tmp}/out"], 2, "lies in the archive"),
        (["extract", "{tmp}/release.txt", "--out", "{tmp}/release.txt"], 2, "lies in the archive"),
        (["extract", "{tmp}/empty.txt", "--out", "{tmp}/out", "--model", "{model}"], 1, "no article could be read"),
        (["extract", "{tmp}/release.txt", "--out", "{tmp}/out", "--model", "{tmp}"], 1, "can't be loaded"),
        (["extract", "{tmp}/release.txt", "--out", "{tmp}/out", "--encoding", "utf-9"], 2, "unknown encoding 'utf-9'"),
        (["show", "{tmp}/release.txt", "--model", "{model}", "--published", "soon"], 2, "--published: "),
        (["show", "{tmp}/empty.txt", "--model", "{model}"], 1, "empty"),
        (["info", "--model", "{tmp}"], 1, "no model"),
    ],
)
def test_errors_are_one_line_and_an_exit_status(
    release: Path, tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    (tmp_path / "empty.txt").touch()
    given = [argument.format(tmp=tmp_path, model=rules_model) for argument in arguments]
    assert cli.main(given) == status
    told = capsys.readouterr().err
    assert told.startswith("coopfacts: ") and message in told and told.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["frobnicate"], ["extract", "a"], ["extract", "a", "--out", "b", "--workers", "0"], ["show"]])
def test_wrong_usage_has_exit_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2


def test_show_reads_a_file_and_takes_the_day_of_publication(
    tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(RELEASE.replace("3 May 2021", "May 3"), encoding="utf-8")
    assert cli.main(["show", str(tmp_path / "a.txt"), "--model", str(rules_model)]) == 0
    assert "May 3: XXXX-05-03 (unknown year)" in capsys.readouterr().out
    assert cli.main(["show", str(tmp_path / "a.txt"), "--model", str(rules_model), "--published", "2021-05-04", "--why"]) == 0
    printed = capsys.readouterr().out
    assert "May 3: 2021-05-03 (year from published)" in printed and "“May 3” 92–97" in printed


def test_show_reads_standard_input(rules_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RELEASE.encode())))
    assert cli.main(["show", "-", "--model", str(rules_model)]) == 0
    assert "3 May 2021: 2021-05-03 (stated)" in capsys.readouterr().out


def test_extract_reads_standard_input_and_adds_to_what_is_there(
    tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        line = json.dumps({"id": f"r{n}", "text": f"{RELEASE} Number {n}."})
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line.encode())))
        assert cli.main(["extract", "-", "--out", str(tmp_path / "out"), "--model", str(rules_model)]) == 0
    assert [json.loads(line)["doc_id"] for line in (tmp_path / "out" / "documents.jsonl").read_text().splitlines()] == ["r1", "r2"]


def test_info_tells_versions_model_and_lexicons(rules_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", "--model", str(rules_model)]) == 0
    printed = capsys.readouterr().out
    entries = len(read_lexicon("countries.jsonl"))
    assert printed.startswith("coopfacts 0.") and "model rules 1.0.0" in printed and f"countries.jsonl: {entries} entries" in printed


def test_a_pipeline_error_inside_a_command_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(args: object) -> int:
        raise PipelineError("it went wrong")

    monkeypatch.setattr(cli, "COMMANDS", tuple(c._replace(run=fail) for c in cli.COMMANDS))
    assert cli.main(["info"]) == 1
    assert capsys.readouterr().err == "coopfacts: it went wrong\n"


def make_out(folder: Path, *made: dict[str, object]) -> str:
    folder.mkdir()
    (folder / "documents.jsonl").write_text("".join(dump_record(record) + "\n" for record in made), encoding="utf-8")
    build_tables(folder)
    return str(folder)


@pytest.fixture
def out(tmp_path: Path) -> str:
    sado = records.make_org("o1", "Sado University", country="PT")
    return make_out(tmp_path / "out", records.make_record("a", "2019-05-01"), records.make_record("b", orgs=(sado, records.BEIHAI)))


def test_query_prints_the_answer_as_a_table(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "select name, n_documents, first_seen, aliases from organizations order by name"
    assert cli.main(["query", out, sql]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "n_documents", "first_seen", "aliases"]
    assert lines[1].startswith("Beihai University of Marine Technology            2  2019-05-01  BUMT") and lines[-1] == "2 rows"
    assert cli.main(["query", out, "select 1 as n, '\x1b[2J' as evil where false"]) == 0
    assert capsys.readouterr().out == "n  evil\n0 rows\n"
    assert cli.main(["query", out, "select '\x1b[2J' as evil"]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert cli.main(["query", out, "select nothing from nowhere"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("coopfacts: the query failed: ") and told.count("\n") == 1


def test_why_prints_the_reasons_of_each_merge(out: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["why", out, "sado university"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Sado University [PT] = University of Sado [PT]: linked by score, score ")
    assert lines[1] == "  same_words +0.92: The same words in another order or language"
    assert cli.main(["why", out, "BUMT"]) == 0
    assert capsys.readouterr().out == "BUMT: no other name was taken, or nearly taken, for it\n"


def test_diff_prints_what_changed(out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diff", out, out]) == 0
    assert capsys.readouterr().out == "the partnerships are the same\n"
    later = make_out(tmp_path / "later", records.make_record("c", "2023-01-01", partnerships=(records.make_pair(status="ended"),)))
    assert cli.main(["diff", out, later]) == 0
    printed = capsys.readouterr().out
    assert any(line.split()[0] == "changed" and "status" in line and "ended" in line for line in printed.splitlines())


@pytest.mark.parametrize("command", [["query", "select 1"], ["why", "BUMT"], ["diff", "{out}"]])
def test_questions_to_a_folder_without_tables_tell_to_build_them(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, argument = command
    assert cli.main([name, str(tmp_path), argument.format(out=tmp_path)]) == 1
    assert "build the tables first: coopfacts build" in capsys.readouterr().err


def make_record(text: str, **fields: object) -> dict[str, object]:
    record: dict[str, object] = {
        "doc_id": "d1", "source": "s", "url": None, "title": "A title", "published": None, "language": "en", "issuer": None, "text": text,
        "boilerplate": [], "orgs": [], "people": [], "dates": [], "areas": [], "events": [], "partnerships": [],
    }  # fmt: skip
    return {**record, **fields}


def make_org(text: str, name: str, number: int = 1) -> dict[str, object]:
    start = text.index(name)
    mention = {"text": name, "start": start, "end": start + len(name)}
    told = {"type": "company", "country": None, "parent": None, "confidence": 0.5, "source": "test"}
    return {"id": f"o{number}", "name": name, "mentions": [mention], **told}


class Strict(HTMLParser):
    """Collects tags, and fails where they don't nest."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_escapes_whatever_a_release_says() -> None:
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    text = f"{evil} of {evil}"
    page = render_page(make_record(text, title=evil, orgs=[make_org(text, evil)]))
    parser = Strict()
    parser.feed(page)
    assert not parser.seen & {"script", "img"} and parser.opened == []
    assert "alert" in parser.text


def test_marks_that_cross_are_cut_and_the_text_stays_whole() -> None:
    text = "University of Applied Sciences Emsland & Partners"
    orgs = [make_org(text, "University of Applied Sciences"), make_org(text, "Sciences Emsland", 2), make_org(text, "Applied", 3)]
    parser = Strict()
    parser.feed(mark_text(make_record(text, orgs=orgs)))
    assert parser.text == text and parser.opened == []


def test_what_is_shown_can_not_steer_the_terminal() -> None:
    text = "Evil\x1b[2J Corp\u202e signed."
    shown = show_record(make_record(text, title=text, orgs=[make_org(text, "Evil\x1b[2J Corp\u202e")]), why=True)
    assert "\x1b" not in shown and "\u202e" not in shown


WATER = {"id": "water", "name": "Water supply", "description": "Drinking water and sewage.", "examples": ["desalination", "drinking water"]}


def write_taxonomy(path: Path, *categories: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(category) + "\n" for category in categories), encoding="utf-8")
    return str(path)


def test_info_lists_the_categories_of_areas(tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = write_taxonomy(tmp_path / "mine.jsonl", WATER)
    assert cli.main(["info", "--model", str(rules_model), "--taxonomy", mine]) == 0
    printed = capsys.readouterr().out
    assert "taxonomy: 36 categories of areas\n  student_exchange: Student exchange (activity, " in printed
    assert f"{mine}: 1 category of areas\n  water: Water supply (activity, 2 examples)\n" in printed


@pytest.mark.parametrize("command", [["run", "{tmp}/release.txt", "--out", "{tmp}/out"], ["show", "{tmp}/release.txt"], ["info"]])
def test_a_faulty_taxonomy_ends_a_command_with_all_its_faults(
    command: list[str], release: Path, tmp_path: Path, rules_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = write_taxonomy(tmp_path / "mine.jsonl", WATER, {**WATER, "examples": [], "within": ["enviroment"]})
    given = [argument.format(tmp=tmp_path) for argument in command]
    assert cli.main([*given, "--model", str(rules_model), "--taxonomy", mine]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"coopfacts: {mine}:2: id 'water' stands in line 1 already"
    assert told[1].startswith(f"{mine}:2: no examples") and "did you mean 'environment'?" in told[2] and len(told) == 3
    assert not (tmp_path / "out").exists()


def test_records_are_redone_where_the_taxonomy_changes(
    release: Path, tmp_path: Path, model_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ["extract", str(release), "--out", str(tmp_path / "out"), "--model", str(model_dir), "--workers", "1"]
    makers, told = [], []
    for number, categories in enumerate(([], [WATER], [WATER], [{**WATER, "examples": ["wells"]}])):
        mine = write_taxonomy(tmp_path / f"mine{number}.jsonl", *categories)
        assert cli.main(run + (["--taxonomy", mine] if categories else [])) == 0
        told.append(capsys.readouterr().out.split(",")[0])
        makers.append(json.loads((tmp_path / "out" / "documents.jsonl").read_text(encoding="utf-8"))["model"])
    assert told == ["1 articles read: 1 written"] * 2 + ["1 articles read: 1 written (1 of them done before)"] + told[:1]
    assert len(set(makers)) == 3 and makers[1] == makers[2]
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["settings"]["taxonomy"].endswith("mine3.jsonl")
