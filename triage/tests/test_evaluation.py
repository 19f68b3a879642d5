"""Measures worked out by hand, and the commands that print them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.support.factories import manager, ticket
from tests.support.fakes import model_server as ms
from tests.support.fakes.model_server import model_server
from tickets import actions
from tickets.workflow import Severity
from triage.evaluation import measurement
from triage.evaluation.measurement import measure

EASY, LOW, MEDIUM, HIGH, VERY_HIGH = Severity


# Measures.


def test_perfect_agreement() -> None:
    measures = measure([EASY, LOW, HIGH], [EASY, LOW, HIGH])
    assert (measures.kappa, measures.macro_mae, measures.macro_f1, measures.within_one) == (1, 0, 1, 1)


def test_figures_worked_out_by_hand() -> None:
    """Squared distances seen: 0 + 1 + 0 + 4 = 5; expected by chance, over all 4 × 4 pairs: 32 / 4 = 8."""
    measures = measure([LOW, MEDIUM, MEDIUM, VERY_HIGH], [LOW, LOW, MEDIUM, MEDIUM])
    assert measures.kappa == pytest.approx(1 - 5 / 8)
    assert measures.macro_mae == pytest.approx((0 + 0.5 + 2) / 3)
    assert measures.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert measures.within_one == 0.75
    assert measures.confusion == [
        [0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
    ]


def test_a_constant_answer_agrees_no_better_than_chance() -> None:
    assert measure([EASY, LOW, HIGH], [MEDIUM] * 3).kappa == 0
    assert measure([MEDIUM] * 3, [MEDIUM] * 3).kappa == 0


def test_opposite_answers_are_worse_than_chance() -> None:
    assert measure([EASY, VERY_HIGH], [VERY_HIGH, EASY]).kappa == -1


def test_nothing_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="nothing to measure"):
        measure([], [])


def test_the_most_frequent_level_is_the_milder_of_equals() -> None:
    assert measurement.most_frequent([HIGH, HIGH, LOW, LOW, MEDIUM]) == LOW


@pytest.mark.parametrize(
    ("title", "description", "level"),
    [
        ("Production is down", "", VERY_HIGH),
        ("Data loss", "after an error", VERY_HIGH),
        ("Prod", "the whole thing\nis down", VERY_HIGH),
        ("Login button", "", HIGH),
        ("Author", "", EASY),
        ("Error 503", "", MEDIUM),
        ("Typo in the docs", "", LOW),
        ("Minor bug", "", MEDIUM),
        ("Blue", "", EASY),
    ],
)
def test_the_earlier_services_patterns(title: str, description: str, level: Severity) -> None:
    assert measurement.earlier_service(title, description) == level


# Files.


def labelled(path: Path, *rows: tuple[str, str, str], header: str = "title,description,label") -> Path:
    lines = [header, *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def evaluate(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command("evaluate_triage", *args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return labelled(
        tmp_path / "texts.csv",
        ("Typo on the page", "", "EASY"),
        ("Blue", "Green", "medium"),
        ("The website is down for everyone", "", "VERY_HIGH"),
        ("x" * 300, "", "LOW"),
    )


@pytest.mark.no_database
def test_a_file_is_measured_beside_the_baselines(texts: Path) -> None:
    printed = evaluate(texts)
    assert "| texts.csv (4) | heuristic | 0.941 | 0.250 | 0.667 | 1.000 |" in printed
    assert "| constant MEDIUM | 0.000 | 1.250 |" in printed
    assert "| most frequent (EASY) | 0.000 | 1.750 |" in printed
    assert "| earlier service's patterns |" in printed


def test_as_json(texts: Path) -> None:
    data = json.loads(evaluate(texts, texts, "--json"))
    assert data["levels"] == ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]
    assert [each["texts"] for each in data["sets"]] == [4, 4]
    heuristic = data["sets"][0]["suggesters"][0]
    assert set(heuristic) == {"name", "kappa", "macroMae", "macroF1", "withinOne", "confusion", "latencyMs"}
    assert set(heuristic["latencyMs"]) == {"median", "p99", "max"}
    assert data["mean"]["macroMae"] == heuristic["macroMae"] == 0.25


def test_descriptions_can_be_left_out(tmp_path: Path) -> None:
    path = labelled(tmp_path / "one.csv", ("Blue", "The website is down for everyone", "MEDIUM"))
    assert "| heuristic | 0.000 | 1.000 |" in evaluate(path)
    assert "| heuristic | 0.000 | 0.000 |" in evaluate(path, "--titles-only")


@pytest.mark.no_database
def test_predictions_are_one_line_for_each_input_line_in_order(texts: Path, tmp_path: Path) -> None:
    evaluate(texts, "--predictions", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines() == [
        "title,label,predicted",
        "Typo on the page,EASY,EASY",
        "Blue,MEDIUM,MEDIUM",
        "The website is down for everyone,VERY_HIGH,VERY_HIGH",
        f"{'x' * 300},LOW,MEDIUM",
    ]


@pytest.mark.no_database
def test_files_need_no_database(texts: Path) -> None:
    environ = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    command = [sys.executable, "manage.py", "evaluate_triage", str(texts), "--json"]
    done = subprocess.run(command, cwd=project.BASE_DIR, env=environ, capture_output=True, check=True)
    assert json.loads(done.stdout)["sets"][0]["texts"] == 4


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"title,description\na,b\n", "no column label"),
        (b"title,description,label\na,b,URGENT\n", "line 2: 'URGENT' is not one of"),
        (b"title,description,label\na,b\n", "line 2: '' is not one of"),
        (b"title,description,label\n", "there are no labelled texts"),
        (b"", "no column description, label, title"),
        (b"title,description,label\n\xff,b,LOW\n", "can't decode"),
        (b'title,description,label\n"a', "unexpected end of data"),
    ],
    ids=["column", "level", "no level", "no rows", "empty", "encoding", "quote"],
)
def test_unusable_files_are_named_with_the_reason(content: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(CommandError, match=complaint) as error:
        evaluate(tmp_path / "bad.csv")
    assert "bad.csv" in str(error.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        evaluate("nowhere.csv")


@pytest.mark.no_database
def test_texts_of_any_size_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = labelled(tmp_path / "long.csv", ("a" * 300, "b" * 300_000, "LOW"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "| long.csv (1) |" in evaluate(path)


# The desk's own decisions.


@pytest.mark.django_db
def test_the_desks_reviewed_tickets_are_measured_by_their_severity_now() -> None:
    reviewer = manager()
    ticket("PENDING", title="Typo on the page", severity="EASY")
    raised = ticket(title="The website is down for everyone", severity="LOW")
    actions.change_severity(reviewer, raised.pk, severity="VERY_HIGH", reason="It is down")
    ticket(title="Not reviewed", severity="LOW")
    printed = evaluate()
    assert "| tickets reviewed at this desk (2) | heuristic | 1.000 | 0.000 | 1.000 | 1.000 |" in printed


@pytest.mark.django_db
def test_a_desk_without_reviewed_tickets_has_nothing_to_measure() -> None:
    with pytest.raises(CommandError, match="there are no labelled texts"):
        evaluate()


# The language model on past decisions.


@pytest.mark.no_database
def test_a_new_model_and_prompt_can_be_tried(texts: Path, tmp_path: Path, settings: Settings) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Say MEDIUM.", encoding="utf-8")
    with model_server(ms.says("MEDIUM")) as server:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", server.base_url
        settings.OPENAI_TIMEOUT_MS = 5000
        data = json.loads(evaluate(texts, "--suggester", "llm", "--model", "new", "--prompt", prompt, "--json"))
        bodies = server.bodies
    assert (data["asked"], data["unanswered"]) == (4, 0)
    assert data["sets"][0]["suggesters"][0]["kappa"] == 0
    assert {body["model"] for body in bodies} == {"new"}
    assert {body["messages"][0]["content"] for body in bodies} == {"Say MEDIUM."}


@pytest.mark.no_database
def test_a_model_that_never_answers_is_not_measured(texts: Path, settings: Settings) -> None:
    with model_server(ms.refuses(500)) as server:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", server.base_url
        with pytest.raises(CommandError, match="no answer to any text"):
            evaluate(texts, "--suggester", "llm")


def test_without_a_key_there_is_no_model_to_measure(texts: Path, settings: Settings) -> None:
    settings.OPENAI_API_KEY = ""
    with pytest.raises(CommandError, match="OPENAI_API_KEY is empty"):
        evaluate(texts, "--suggester", "llm")


# Where the thresholds come from.


@pytest.mark.no_database
def test_thresholds_are_judged_on_sources_they_were_not_chosen_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("Typo", "EASY"), ("Blue", "MEDIUM"), ("The site crashed", "HIGH"), ("Slow", "LOW")]
    lines = [f"{title},,{label},{origin}" for origin in ("one", "two") for title, label in rows]
    path = tmp_path / "sources.csv"
    path.write_text("\n".join(["title,description,label,origin", *lines]), encoding="utf-8")
    call_command("calibrate_triage", path)
    printed = capsys.readouterr().out
    assert "in use: (-0.7, -0.15, 0.35, 1.0), mean QWK" in printed
    assert "| one | 4 |" in printed
    assert "| two | 4 |" in printed


def test_one_source_alone_cannot_be_left_out(texts: Path) -> None:
    with pytest.raises(CommandError, match="At least two sources"):
        call_command("calibrate_triage", texts)
