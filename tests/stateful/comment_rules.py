"""What people say about tickets, by the API and by the pages of the desk.

The pages ask for comment, ticket and permission before the text: a form that cannot be read is shown again with 422.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful.api_rules import ApiRules, json_bytes
from tests.stateful.contract import Comment, Person, Refused, Ticket
from tests.stateful.draws import BAD, KEY, NO_KEY, PICK, WHO, Key, Pick, Who
from tests.stateful.page_rules import FORM_KEYS
from tickets.models import Comment as CommentRow

MOST_COMMENTS = 15  # so that people meet at the same ones
TEXT = st.sampled_from(["Is it still so?", " Kept as *sent*\n", "- One\n- İki\n", "x" * 10_000])
BAD_BODIES: list[dict[str, Any]] = [
    {},
    {"text": " \n"},
    {"text": "x" * 10_001},
    {"text": None},
    {"text": "a", "html": "b"},
]
BAD_TEXTS = ["", " \n", "x" * 10_001]


def is_live(ticket: Ticket) -> bool:
    return ticket.deleter is None


class CommentRules(ApiRules):
    def __init__(self) -> None:
        super().__init__()
        self.said: dict[tuple[Any, ...], str] = {}  # ids of comments by who wrote them with which form and text

    def begin(self, pick: Pick, fate: str) -> None:
        """As before, once somebody has said something about the ticket."""
        who = Who(("ann", "bob", "meg")[pick.at % 3], outdated=False)
        self.say(who, pick, "Since when?", question=True, key=NO_KEY, bad=False, how={})
        super().begin(pick, fate)

    def pick_comment(self, pick: Pick, name: str = "") -> str:
        """The id of a comment, where one fits, of this person's own."""
        comments = list(self.desk.comments.values())
        if pick.kind == "fitting":
            own = [comment for comment in comments if name in ("", self.name_of(comment)) and not comment.remover]
            comments = own or comments
        if pick.kind == "unknown" or not comments:
            return "00000000-0000-4000-8000-000000000009"
        return comments[pick.at % len(comments)].id

    def name_of(self, comment: Comment) -> str:
        return next(person.name for person in self.people.values() if person.id == comment.author)

    @rule(who=WHO, pick=PICK, text=TEXT, question=st.booleans(), key=KEY, bad=BAD, how=st.sampled_from(BAD_BODIES))
    def say(self, who: Who, pick: Pick, text: str, question: bool, key: Key, bad: bool, how: dict[str, Any]) -> None:
        if len(self.desk.comments) >= MOST_COMMENTS:
            return
        id, _number, _version = self.pick(pick, is_live)

        self.api(
            self.caller(who),
            "POST",
            f"/tickets/{id}/comments",
            lambda by, answer: self.desk.say(by, id, answer.json().get("id", ""), text, question),
            body=json_bytes(how if bad else {"text": text, "isQuestion": question}),
            key=key,
            is_readable=not bad,
            status=201,
            check=compare_comment,
        )

    @rule(who=WHO, pick=PICK, text=TEXT, bad=BAD, how=st.sampled_from(BAD_BODIES))
    def say_otherwise(self, who: Who, pick: Pick, text: str, bad: bool, how: dict[str, Any]) -> None:
        id = self.pick_comment(pick, who.name)
        self.api(
            self.caller(who),
            "PATCH",
            f"/comments/{id}",
            lambda by, _answer: self.desk.say_otherwise(by, id, text),
            body=json_bytes(how if bad else {"text": text}),
            is_readable=not bad,
            check=compare_comment,
        )

    @rule(who=WHO, pick=PICK)
    def take_back(self, who: Who, pick: Pick) -> None:
        id = self.pick_comment(pick)
        self.api(
            self.caller(who),
            "DELETE",
            f"/comments/{id}",
            lambda by, _answer: self.desk.take_back(by, id),
            check=compare_comment,
        )

    @rule(who=WHO, pick=PICK)
    def read_versions(self, who: Who, pick: Pick) -> None:
        id = self.pick_comment(pick)

        def check(answer: Any, found: tuple[Person, Comment]) -> None:
            by, comment = found
            earlier = comment.earlier if by.is_manager or not comment.remover else []
            assert [version["text"] for version in answer.json()] == earlier

        self.api(
            self.caller(who),
            "GET",
            f"/comments/{id}/versions",
            lambda by, _answer: (by, self.desk.comment(id)),
            check=check,
        )

    # --- Pages --------------------------------------------------------------------------------------------------------

    @rule(
        who=WHO,
        pick=PICK,
        text=TEXT,
        question=st.booleans(),
        key=st.sampled_from(["", *FORM_KEYS]),
        bad=BAD,
        how=st.sampled_from(BAD_TEXTS),
    )
    def say_by_page(self, who: Who, pick: Pick, text: str, question: bool, key: str, bad: bool, how: str) -> None:
        if len(self.desk.comments) >= MOST_COMMENTS:
            return
        id, number, _version = self.pick(pick, is_live)
        fields = {"text": how if bad else text.replace("\n", "\r\n"), "key": key}

        def act(by: Person) -> Comment:
            self.desk.find(id)
            if bad:
                raise Refused(422, "")
            slot = (by.id, key, id, text, question)
            if key and slot in self.said:
                return self.desk.comments[self.said[slot]]
            [made] = CommentRow.objects.exclude(pk__in=list(self.desk.comments)).values_list("pk", flat=True)
            self.said[slot] = str(made)
            return self.desk.say(by, id, str(made), text, question)

        fields |= {"is_question": "on"} if question else {}
        answer, comment = self.post(self.caller(who), f"/desk/tickets/{number}/comments/", act, fields)
        if comment:
            assert answer["Location"].endswith(f"#comment-{comment.id}")

    @rule(who=WHO, pick=PICK, text=TEXT, bad=BAD, how=st.sampled_from(BAD_TEXTS))
    def say_otherwise_by_page(self, who: Who, pick: Pick, text: str, bad: bool, how: str) -> None:
        id = self.pick_comment(pick, who.name)

        def act(by: Person) -> Comment:
            self.desk.present_comment(id)
            if bad and self.desk.comments[id].author == by.id:
                raise Refused(422, "")
            return self.desk.say_otherwise(by, id, text)

        fields = {"text": how if bad else text.replace("\n", "\r\n")}
        self.post(self.caller(who), f"/desk/comments/{id}/edit/", act, fields)

    @rule(who=WHO, pick=PICK)
    def take_back_by_page(self, who: Who, pick: Pick) -> None:
        id = self.pick_comment(pick)
        self.post(self.caller(who), f"/desk/comments/{id}/remove/", lambda by: self.desk.take_back(by, id), {})


def compare_comment(answer: Any, comment: Comment) -> None:
    assert told_of(answer.json()) == as_told(comment)


def told_of(body: dict[str, Any]) -> tuple[Any, ...]:
    names = ("id", "ticketId", "authorId", "text", "isQuestion")
    return *(body[name] for name in names), body["editedAt"] is not None, body["removedAt"] is not None


def as_told(comment: Comment) -> tuple[Any, ...]:
    text = None if comment.remover else comment.text
    fixed = (comment.id, comment.ticket, comment.author, text, comment.is_question)
    return *fixed, comment.is_edited, comment.remover is not None
