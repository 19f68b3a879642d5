"""What a name may be, what stands in where there is none, and how people are found by either."""

from __future__ import annotations

import math
import re
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.naming import marks, names
from tests.support import factories
from tests.support.server import ROOT

NO_DATABASE = pytest.mark.no_database

READABLE = {
    "maria.silva+x@example.com": "Maria Silva",
    "maria_silva@example.com": "Maria Silva",
    "maria-silva@example.com": "Maria Silva",
    "ana.sousa-reis@example.com": "Ana Sousa-Reis",
    "joao.da.silva@example.com": "Joao da Silva",
    "van.gogh@example.com": "Van Gogh",
    "s.o'neil@example.com": "S. O'Neil",
    "j.r.tolkien@example.com": "J. R. Tolkien",
    "m@example.com": "M",
    "silva2@example.com": "Silva 2",
    "maria.silva.1985@example.com": "Maria Silva 1985",
    "1985@example.com": "1985",
    "associate-12@example.com": "Associate 12",
    "joão.müller@example.com": "João Müller",
    "иван.петров@example.com": "Иван Петров",
    "山田.太郎@example.com": "山田 太郎",
    "देवी.शर्मा@example.com": "देवी शर्मा",
    "..maria..@example.com": "Maria",
    "+tag@example.com": "Tag",
    "_@example.com": "_@example.com",
    "-@example.com": "-@example.com",
    "nobody": "Nobody",
}
INITIALS = {
    "Maria Silva": "MS",
    "João Pereira da Silva": "JS",
    "Élodie": "É",
    "e\u0301lodie": "E\u0301",
    "j. r. tolkien": "JT",
    "Support 2": "S",
    "2 Support": "S",
    "1985": "1",
    "(Ana)": "A",
    "ʻOkina": "O",
    "ßeta": "Ss",
    "山田 太郎": "山太",
    "王小明": "王",
    "Иван Петров": "ИП",
    "محمد علي": "مع",
    "देवी शर्मा": "देश",
    "ǆ": "ǅ",
    "_@example.com": "E",
    "😀": "😀",
    "--": "-",
}
REFUSED = {
    "A\tB": "control",
    "A\x00": "control",
    "A\u202eB": "control",  # what follows would be written from the other side
    "A\u200bB": "control",
    "\ud800": "control",
    "\u200d": "invisible",
    "\u3164": "invisible",
    "\u2800": "invisible",
    "\ufe0f": "invisible",
    "x" * 101: "max_length",
    "\u0958" * 51: "max_length",  # two characters each, once it is composed
    "Z" + "\u0301" * 6: "marks",
}


@NO_DATABASE
def test_a_name_is_made_of_the_local_part_of_an_e_mail() -> None:
    assert {email: names.readable(email) for email in READABLE} == READABLE


@NO_DATABASE
def test_initials_are_one_or_two_letters_of_any_script() -> None:
    assert {name: marks.initials(name) for name in INITIALS} == INITIALS


@NO_DATABASE
def test_names_that_cannot_be_seen_or_that_spoil_the_line_are_refused() -> None:
    found = {}
    for name in REFUSED:
        with pytest.raises(ValidationError) as refused:
            names.validate_name(name)
        found[name] = refused.value.code
    assert found == REFUSED
    for good in ("", "x" * 100, "Ñandú", "နန်းမြင့်", "می‌خواهم", "李", "X Æ A-12", "😀", "Nguyễn Thị Ánh"):
        names.validate_name(good)


@NO_DATABASE
def test_a_name_is_kept_tidy_and_found_whatever_its_case_and_accents() -> None:
    assert names.tidy("  Joa\u0303o\u00a0  da\u3000Silva ") == "João da Silva"
    assert names.fold("JOÃO  Straße İzmir Ilıca") == "joao strasse izmir ilica"
    assert names.fold("देवी") == names.fold("देवी ")
    assert names.fold("देवी") != names.fold("दवी")


@NO_DATABASE
def test_the_colour_stays_with_the_person() -> None:
    assert [marks.tone(uuid.UUID(int=number)) for number in (0, 1, 7, 8, 2**128 - 1)] == [1, 2, 8, 1, 8]


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Of a colour in oklch, as WCAG weighs it."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, value)) for value in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@NO_DATABASE
def test_initials_can_be_read_on_every_tone_in_both_themes() -> None:
    """axe does not look at what a style sheet writes, so the tokens are measured."""
    css = (ROOT / "static/css/desk.css").read_text()
    colour = r"oklch\(([\d.]+)% ([\d.]+) (\d+)\)"
    tokens = {
        name: [luminance(float(found[at]) / 100, float(found[at + 1]), float(found[at + 2])) for at in (0, 3)]
        for name, *found in re.findall(rf"--((?:on-)?tone(?:-\d)?): light-dark\({colour}, {colour}\);", css)
    }
    assert sorted(tokens) == ["on-tone", *(f"tone-{number}" for number in range(1, 9))]
    for name, themes in tokens.items():
        for ground, letters in zip(themes, tokens["on-tone"], strict=True):
            low, high = sorted((ground, letters))
            assert name == "on-tone" or (high + 0.05) / (low + 0.05) >= 4.5, name


@pytest.mark.django_db
def test_people_are_found_by_each_word_of_name_or_e_mail() -> None:
    joao = factories.associate(email="jps@example.com", name="João Pereira da Silva")
    maria = factories.manager(email="maria.silva@example.org")
    found = {
        "joao": [joao],
        "SILVA": [joao, maria],
        "silva pereira": [joao],
        "Maria Silva": [maria],
        "mária": [maria],
        "jps@": [joao],
        "example.org": [maria],
        "silva example.org": [maria],
        "": [joao, maria],
        "%": [],
        "_": [],
        "\u200d": [joao, maria],
    }
    assert {text: list(User.objects.named(text).order_by("email")) for text in found} == found
    assert User.objects.named("zq " * 5000).count() == 0
