"""Who gets which answer at each address: API, pages, the parts of pages that htmx asks for, and the admin.

Written by hand from the contract and README, a row for each address and method. `[…]` names what is sent, which stands
in SENT. What is done to one ticket, comment, link or attachment depends on its state and on whose it is, and stands in
moves.py, comments.py, links.py, attachments.py and following.py; BY_STATE names the addresses of those tables, so that
each address has its rows in exactly one place.

Answers: a number is the status of what was done; words are refusals (answers.py): `login` and `door` lead to the
sign-in of the desk and of the admin, `leave` has htmx go there, `stay` is the 401 that a page ignores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.csv_files import multipart
from tests.support.cycles import running
from tests.support.factories import PASSWORD
from tests.support.grid.desk import GridDesk
from tests.support.grid.notation import rows_of

API = """
                                             signed-out              colleague,staff manager,chief
POST   /auth/login [credentials]             201                     201             201
POST   /auth/login [wrong credentials]       credentials             credentials     credentials
POST   /auth/login [of who is inactive]      credentials             credentials     credentials
GET    /auth/me                              401                     200             200
GET    /people                               401                     200             200
GET    /people?role=MANAGER&active=true      401                     200             200
GET    /people/me                            401                     200             200
GET    /people/{person}                      401                     200             200
GET    /people/{unknown}                     401                     person?         person?
GET    /tickets                              401                     200             200
POST   /tickets [ticket]                     401                     201             201
GET    /events                               401                     200             200
GET    /csv/export/pending                   401                     role            200
GET    /csv/export?status=OPEN               401                     role            200
POST   /csv/auto-process [file]              401                     role            201
POST   /csv/import [file]                    401                     role            201
POST   /csv/import?dryRun=true [file]        401                     role            201
GET    /csv/runs                             401                     role            200
GET    /csv/runs/{run}                       401                     role            200
GET    /csv/runs/{unknown}                   401                     role            run?
POST   /csv/runs/{dry}/apply                 401                     role            201
POST   /csv/runs/{run}/apply                 401                     role            dry
POST   /csv/runs/{unknown}/apply             401                     role            run?
GET    /csv/runs/{run}/errors                401                     role            200
GET    /csv/runs/{run}/file                  401                     role            200
GET    /csv/runs/{cycle}/unreturned          401                     role            200
POST   /automation/run-now                   401                     role            201
POST   /automation/run-now [while one runs]  401                     role            running
POST   /automation/nightly                   secret                  secret          secret
POST   /automation/nightly [secret]          201                     201             201
POST   /ai/severity-suggestion [text]        401                     201             201
GET    /ai/quality                           401                     role            200
GET    /docs                                 200                     200             200
GET    /docs-json                            200                     200             200
GET    /healthz                              200                     200             200
GET    /readyz                               200                     200             200
GET    /static/css/desk.css                  200                     200             200
GET    /static/nothing.css                   nowhere                 nowhere         nowhere
GET    /.well-known/security.txt             nowhere                 nowhere         nowhere
GET    /nothing                              nowhere                 nowhere         nowhere
"""
PAGES = """
                                             signed-out              colleague,staff manager,chief
GET    /                                     302                     302             302
GET    /favicon.ico                          302                     302             302
GET    /desk/                                login                   200             200
GET    /desk/nothing/                        nowhere                 nowhere         nowhere
GET    /desk/login/                          200                     302             302
POST   /desk/login/ [credentials]            302                     302             302
POST   /desk/logout/                         302                     302             302
GET    /desk/preferences/                    login                   200             200
POST   /desk/preferences/ [theme]            login                   302             302
GET    /desk/preferences/password/           login                   200             200
POST   /desk/preferences/password/ [change]  login                   302             302
GET    /desk/password/                       200                     200             200
POST   /desk/password/ [e-mail]              302                     302             302
GET    /desk/password/{link}/                302                     302             302
POST   /desk/password/{link}/ [new password] 302                     302             302
GET    /desk/tickets/                        login                   200             200
GET    /desk/tickets/ [htmx]                 leave                   200             200
GET    /desk/tickets/download/               login                   200             200
GET    /desk/tickets/bulk/                   login                   302             302
GET    /desk/tickets/new/                    login                   200             200
POST   /desk/tickets/new/ [new ticket]       login                   302             302
POST   /desk/tickets/new/ [look]             login                   200             200
GET    /desk/tickets/similar/?title=printer  login                   200             200
GET    /desk/tickets/similar/?title=x [htmx] stay                    200             200
GET    /desk/tickets/views/                  login                   200             200
POST   /desk/tickets/views/ [view]           login                   302             302
POST   /desk/tickets/views/ [shared view]    login                   role            302
GET    /desk/tickets/views/{view}/           login                   302             302
GET    /desk/tickets/views/{shared}/         login                   302             302
GET    /desk/tickets/views/{private}/        login                   view?           view?
GET    /desk/tickets/views/{view}/rename/    login                   302             302
POST   /desk/tickets/views/{view}/rename/ [name]    login            302             302
POST   /desk/tickets/views/{shared}/rename/ [name]  login            view?           view?
POST   /desk/tickets/views/{private}/rename/ [name] login            view?           view?
GET    /desk/tickets/views/{view}/share/     login                   302             302
POST   /desk/tickets/views/{view}/share/ [shared]   login            role            302
POST   /desk/tickets/views/{shared}/share/          login            view?           view?
POST   /desk/tickets/views/{private}/share/ [shared] login           view?           view?
GET    /desk/tickets/views/{view}/forget/    login                   302             302
POST   /desk/tickets/views/{view}/forget/    login                   302             302
POST   /desk/tickets/views/{shared}/forget/  login                   view?           view?
POST   /desk/tickets/views/{private}/forget/ login                   view?           view?
GET    /desk/tickets/{number}/review/        login                   302             302
GET    /desk/tickets/{number}/delete/        login                   302             302
GET    /desk/tickets/{number}/restore/       login                   302             302
GET    /desk/tickets/{number}/comments/      login                   302             302
GET    /desk/tickets/{number}/attachments/   login                   302             302
GET    /desk/uploads/                        login                   200             200
GET    /desk/uploads/ [htmx]                 stay                    200             200
POST   /desk/uploads/ [upload]               login                   201             201
POST   /desk/uploads/ [upload by htmx]       stay                    201             201
POST   /desk/comments/preview/ [comment]     login                   200             200
POST   /desk/comments/preview/ [comment by htmx] stay                200             200
GET    /desk/comments/{comment}/withdraw/    login                   302             302
GET    /desk/comments/people/?q=boss         login                   200             200
GET    /desk/comments/people/?q=boss [htmx]  stay                    200             200
GET    /desk/tickets/{number}/links/{ticketlink}/remove/ login       302             302
GET    /desk/tickets/{number}/following/     login                   302             302
GET    /desk/tickets/{number}/canned/        login                   role            200
GET    /desk/tickets/{number}/canned/ [htmx] stay                    role            200
GET    /desk/canned/                         login                   role            200
POST   /desk/canned/ [canned]                login                   role            302
GET    /desk/canned/{canned}/                login                   role            200
GET    /desk/canned/{bosscanned}/           login                   role            canned?
POST   /desk/canned/{canned}/ [canned]       login                   role            302
POST   /desk/canned/{bosscanned}/ [canned]  login                   role            canned?
GET    /desk/canned/{canned}/delete/         login                   role            302
POST   /desk/canned/{canned}/delete/         login                   role            302
POST   /desk/canned/{bosscanned}/delete/    login                   role            canned?
GET    /desk/review/                         login                   role            200
GET    /desk/review/next/                    login                   role            200
GET    /desk/review/next/ [htmx]             stay                    role            200
GET    /desk/review/take-back/               login                   role            302
POST   /desk/review/take-back/               login                   role            302
GET    /desk/review/leave/                   login                   role            302
POST   /desk/review/leave/                   login                   role            302
POST   /desk/review/leave/ [rest]            login                   role            204
GET    /desk/review/{number}/decide/         login                   role            302
POST   /desk/review/{number}/decide/ [decision] login                role            302
GET    /desk/review/{number}/ask/            login                   role            302
POST   /desk/review/{number}/ask/ [comment]  login                   role            302
GET    /desk/review/{number}/skip/           login                   role            302
POST   /desk/review/{number}/skip/           login                   role            302
GET    /desk/review/{number}/snooze/         login                   role            302
POST   /desk/review/{number}/snooze/ [until tomorrow] login          role            302
GET    /desk/review/{number}/duplicate/      login                   role            302
POST   /desk/review/{number}/duplicate/ [duplicate] login            role            302
GET    /desk/review/{number}/hold/           login                   role            302
POST   /desk/review/{number}/hold/           login                   role            204
GET    /desk/mail/leave/{leaving}/           200                     200             200
POST   /desk/mail/leave/{leaving}/           200                     200             200
GET    /desk/mail/leave/{unknown}/           nowhere                 nowhere         nowhere
POST   /desk/mail/leave/{unknown}/           nowhere                 nowhere         nowhere
GET    /desk/inbox/                          login                   200             200
POST   /desk/inbox/                          login                   302             302
GET    /desk/inbox/count/                    login                   302             302
GET    /desk/inbox/count/ [htmx]             stay                    200             200
GET    /desk/inbox/preferences/              login                   302             302
POST   /desk/inbox/preferences/              login                   302             302
GET    /desk/exchange/                       login                   role            200
GET    /desk/exchange/ [runs by htmx]        leave                   role            200
GET    /desk/exchange/upload/                login                   role            302
POST   /desk/exchange/upload/ [upload]       login                   role            302
GET    /desk/exchange/process/               login                   role            302
POST   /desk/exchange/process/ [upload]      login                   role            200
GET    /desk/exchange/cycle/                 login                   role            302
POST   /desk/exchange/cycle/ [while one runs] login                  role            running
GET    /desk/exchange/export/                login                   role            200
GET    /desk/exchange/{run}/                 login                   role            200
GET    /desk/exchange/{cycle}/ [run by htmx] leave                   role            200
GET    /desk/exchange/{unknown}/             login                   role            run?
GET    /desk/exchange/{dry}/apply/           login                   role            302
POST   /desk/exchange/{dry}/apply/           login                   role            302
POST   /desk/exchange/{run}/apply/           login                   role            dry
GET    /desk/exchange/{run}/errors/          login                   role            200
GET    /desk/exchange/{run}/file/            login                   role            200
GET    /desk/exchange/{cycle}/unreturned/    login                   role            200
GET    /desk/triage/                         login                   role            200
GET    /desk/triage/tickets/                 login                   role            200
POST   /desk/triage/suggestion/ [text]       login                   200             200
POST   /desk/triage/suggestion/ [text by htmx] stay                  200             200
"""
ADMIN = """
                                                     nobody,inactive,demoted,colleague,manager staff  chief
GET    /admin/                                       door                                      200    200
GET    /admin/login/                                 200                                       302    302
POST   /admin/login/ [staff]                         302                                       302    302
POST   /admin/login/ [who is no staff]               200                                       200    200
POST   /admin/logout/                                302                                       302    302
GET    /admin/password_change/                       door                                      302    302
POST   /admin/password_change/ [change]              door                                      302    302
GET    /admin/password_change/done/                  door                                      200    200
GET    /admin/autocomplete/                          door                                      role   role
GET    /admin/jsi18n/                                door                                      200    200
GET    /admin/r/1/{ticket}/                          door                                      nowhere nowhere
GET    /admin/nothing/                               door                                      nowhere nowhere
GET    /admin/accounts/                              door                                      200    200
GET    /admin/tickets/                               door                                      200    200
GET    /admin/accounts/user/                         door                                      200    200
POST   /admin/accounts/user/ [link for {person}]     door                                      302    302
POST   /admin/accounts/user/ [link for {boss}]       door                                      mail   302
POST   /admin/accounts/user/ [link for {self}]       door                                      mail   mail
POST   /admin/accounts/user/ [deactivate {person}]   door                                      302    302
POST   /admin/accounts/user/ [deactivate {boss}]     door                                      above  302
POST   /admin/accounts/user/ [deactivate {self}]     door                                      nobody nobody
GET    /admin/accounts/user/add/                     door                                      200    200
POST   /admin/accounts/user/add/ [person]            door                                      302    302
GET    /admin/accounts/user/{person}/                door                                      302    302
GET    /admin/accounts/user/{person}/change/         door                                      200    200
POST   /admin/accounts/user/{person}/change/ [changes] door                                    302    302
GET    /admin/accounts/user/{boss}/change/           door                                      200    200
POST   /admin/accounts/user/{boss}/change/ [changes] door                                      role   302
GET    /admin/accounts/user/{person}/password/       door                                      200    200
POST   /admin/accounts/user/{person}/password/ [new] door                                      302    302
GET    /admin/accounts/user/{boss}/password/         door                                      role   200
POST   /admin/accounts/user/{boss}/password/ [new]   door                                      role   302
GET    /admin/accounts/user/{self}/password/         door                                      302    302
POST   /admin/accounts/user/{self}/password/ [new]   door                                      302    302
GET    /admin/accounts/user/{person}/history/        door                                      200    200
GET    /admin/accounts/user/{person}/delete/         door                                      role   role
POST   /admin/accounts/user/{person}/delete/ [yes]   door                                      role   role
GET    /admin/accounts/auditentry/download/          door                                      200    200
GET    /admin/tickets/ticket/                        door                                      200    200
GET    /admin/tickets/ticket/add/                    door                                      role   role
POST   /admin/tickets/ticket/add/ [yes]              door                                      role   role
GET    /admin/tickets/ticket/{ticket}/               door                                      302    302
GET    /admin/tickets/ticket/{ticket}/change/        door                                      200    200
POST   /admin/tickets/ticket/{ticket}/change/ [yes]  door                                      role   role
GET    /admin/tickets/ticket/{ticket}/history/       door                                      302    302
GET    /admin/tickets/ticket/{ticket}/delete/        door                                      role   role
POST   /admin/tickets/ticket/{ticket}/delete/ [yes]  door                                      role   role
GET    /admin/tickets/historyentry/                  door                                      200    200
GET    /admin/tickets/historyentry/add/              door                                      role   role
POST   /admin/tickets/historyentry/add/ [yes]        door                                      role   role
GET    /admin/tickets/historyentry/{entry}/          door                                      302    302
GET    /admin/tickets/historyentry/{entry}/change/   door                                      200    200
POST   /admin/tickets/historyentry/{entry}/change/ [yes] door                                  role   role
GET    /admin/tickets/historyentry/{entry}/history/  door                                      302    302
GET    /admin/tickets/historyentry/{entry}/delete/   door                                      role   role
POST   /admin/tickets/historyentry/{entry}/delete/ [yes] door                                  role   role
"""
# What nobody writes in the admin, each model with the word for one of its rows.
RECORDS = """
                                                     nobody,inactive,demoted,colleague,manager staff  chief
GET    /admin/{model}/                   door                                      200    200
GET    /admin/{model}/add/               door                                      role   role
POST   /admin/{model}/add/ [yes]         door                                      role   role
GET    /admin/{model}/{row}/             door                                      302    302
GET    /admin/{model}/{row}/change/      door                                      200    200
POST   /admin/{model}/{row}/change/ [yes] door                                     role   role
GET    /admin/{model}/{row}/history/     door                                      200    200
GET    /admin/{model}/{row}/delete/      door                                      role   role
POST   /admin/{model}/{row}/delete/ [yes] door                                     role   role
"""
RECORD_MODELS = {"accounts/auditentry": "{act}", "tickets/audit": "{audit}", "tickets/erasure": "{erasure}"}
# Addresses and methods whose answers stand in moves.py, comments.py, links.py, attachments.py and following.py.
BY_STATE = [
    *("GET /tickets/{ticket}", "PATCH /tickets/{ticket}", "DELETE /tickets/{ticket}"),
    *("PATCH /tickets/{ticket}/review", "POST /tickets/{ticket}/restore", "GET /tickets/{ticket}/history"),
    *("POST /tickets/bulk", "POST /desk/tickets/bulk/", "POST /admin/tickets/ticket/"),
    *("GET /desk/tickets/{number}/", "GET /desk/tickets/{number}/edit/", "POST /desk/tickets/{number}/edit/"),
    *("POST /desk/tickets/{number}/review/", "POST /desk/tickets/{number}/delete/"),
    "POST /desk/tickets/{number}/restore/",
    *("GET /tickets/{ticket}/comments", "POST /tickets/{ticket}/comments"),
    "POST /desk/tickets/{number}/comments/",
    *("GET /desk/comments/{comment}/edit/", "POST /desk/comments/{comment}/edit/"),
    *("GET /desk/comments/{comment}/remove/", "POST /desk/comments/{comment}/remove/"),
    *("DELETE /comments/{comment}/question", "POST /desk/comments/{comment}/withdraw/"),
    "GET /desk/comments/{comment}/versions/",
    *("PATCH /comments/{comment}", "DELETE /comments/{comment}", "GET /comments/{comment}/versions"),
    *("GET /tickets/{ticket}/attachments", "POST /tickets/{ticket}/attachments"),
    *("GET /attachments/{attachment}", "DELETE /attachments/{attachment}", "GET /attachments/{attachment}/preview"),
    "POST /desk/tickets/{number}/attachments/",
    *("GET /desk/attachments/{attachment}/remove/", "POST /desk/attachments/{attachment}/remove/"),
    *("GET /tickets/{ticket}/links", "POST /tickets/{ticket}/links", "DELETE /links/{ticketlink}"),
    *("GET /desk/tickets/{number}/links/", "POST /desk/tickets/{number}/links/"),
    "POST /desk/tickets/{number}/links/{ticketlink}/remove/",
    *("GET /tickets/{ticket}/following", "PUT /tickets/{ticket}/following", "DELETE /tickets/{ticket}/following"),
    "POST /desk/tickets/{number}/following/",
]
# Of each model in the admin; the actions on tickets are those that moves.py has.
ADMIN_ACTIONS = {
    "accounts.user": {"make_one_time_link", "deactivate"},
    "accounts.auditentry": set(),
    "tickets.audit": set(),
    "tickets.erasure": set(),
    "tickets.ticket": {"approve", "change_severity", "soft_delete", "restore"},
    "tickets.historyentry": set(),
}

CRON_SECRET = "a-cron-secret-that-is-long-enough-to-be-one"
NEW_PASSWORD = "a quiet new morning"
FILE = b"id,status\n,OPEN\n"
TEXTS = {"title": "No network", "description": "Since nine o'clock."}
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/desk/tickets/"}
CHANGES = {"email": "changed@example.com", "role": "MANAGER", "is_active": "on"}


def json(**body: Any) -> dict[str, Any]:
    return {"body": body}


def form(**fields: str) -> dict[str, Any]:
    return {"fields": fields}


def by_htmx(target: str = "") -> dict[str, Any]:
    return {"headers": {**HTMX, "HX-Target": target} if target else HTMX}


# What is sent, by surface and name.
SENT: dict[str, dict[str, dict[str, Any]]] = {
    "api": {
        "credentials": json(email="other@example.com", password=PASSWORD),
        "wrong credentials": json(email="other@example.com", password="not it"),
        "of who is inactive": json(email="inactive@example.com", password=PASSWORD),
        "ticket": json(**TEXTS, dueDate="2026-12-24T09:30:00.000Z", severity="HIGH"),
        "text": json(**TEXTS),
        "file": dict(zip(("body", "content_type"), multipart(FILE), strict=True)),
        "while one runs": {"before": running},
        "secret": {"headers": {"x-cron-secret": CRON_SECRET}},
    },
    "page": {
        "credentials": form(email="other@example.com", password=PASSWORD),
        "theme": form(theme="DARK", time_zone="UTC"),
        "change": form(old_password=PASSWORD, new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD),
        "e-mail": form(email="other@example.com"),
        "new password": form(new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD),
        "htmx": by_htmx(),
        "runs by htmx": by_htmx("runs"),
        "run by htmx": by_htmx("run"),
        "new ticket": form(**TEXTS, due_date="2026-12-24T09:30", severity="HIGH"),
        "look": form(**TEXTS, look=""),
        "view": form(name="Mine", query="status=OPEN"),
        "shared view": form(name="Ours", query="status=OPEN", shared="1"),
        "shared": form(shared="1"),
        "name": form(name="Another name"),
        "canned": form(name="Say more", text="Please say more.", is_shared="on"),
        "upload": {"file": FILE},
        "upload by htmx": {"file": FILE, "headers": HTMX},
        "while one runs": {"before": running},
        "text": form(**TEXTS),
        "text by htmx": {**form(**TEXTS), "headers": HTMX},
        "comment": form(text="Is it *still* so?"),
        "rest": form(rest="1"),
        "decision": form(decision="APPROVE"),
        "until tomorrow": form(until="tomorrow"),
        "duplicate": form(of="{othersnumber}"),
        "comment by htmx": {**form(text="Is it *still* so?"), "headers": HTMX},
        "staff": form(username="staff@example.com", password=PASSWORD),
        "who is no staff": form(username="other@example.com", password=PASSWORD),
        **{f"link for {{{whom}}}": form(action="make_one_time_link", _selected_action=f"{{{whom}}}")
           for whom in ("person", "boss", "self")},
        **{f"deactivate {{{whom}}}": form(action="deactivate", _selected_action=f"{{{whom}}}")
           for whom in ("person", "boss", "self")},
        "person": form(email="new@example.com", role="ASSOCIATE", usable_password="false"),
        "changes": form(**CHANGES),
        "new": form(password1=NEW_PASSWORD, password2=NEW_PASSWORD, usable_password="true"),
        "yes": form(post="yes", title="x", action="created"),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the grid: where and how something is sent, and the answers by identity."""

    surface: str
    method: str
    path: str
    sent: str
    answers: dict[str, str] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f" [{self.sent}]" if self.sent else "")


def rows() -> Iterator[Row]:
    records = [RECORDS.replace("{model}", model).replace("{row}", row) for model, row in RECORD_MODELS.items()]
    for surface, table in [("api", API), ("page", PAGES), ("page", ADMIN), *(("page", table) for table in records)]:
        for label, answers in rows_of(table):
            address, _, sent = label.partition(" [")
            method, path = address.split()
            yield Row(surface, method, path, sent.removesuffix("]"), answers)


ROWS = list(rows())


def send(desk: GridDesk, row: Row, who: str, *, method: str = "") -> tuple[Any, str]:
    """The answer to the row's request by this identity, and the path at which it was made."""
    names = desk.names(who)
    path = row.path.format(**names)
    sent = SENT[row.surface][row.sent] if row.sent else {}
    if "before" in sent:
        sent["before"]()
    if row.surface == "api":
        return desk.api(who, method or row.method, path, *_api_body(sent), **_api_options(sent)), path
    fields = sent.get("fields")
    if "file" in sent:
        fields = {"file": SimpleUploadedFile("answer.csv", sent["file"], "text/csv")}
    elif fields:
        fields = {name: value.format(**names) for name, value in fields.items()}
    return desk.page(who, method or row.method, path, fields, headers=sent.get("headers", {})), path


def _api_body(sent: dict[str, Any]) -> list[Any]:
    return [sent["body"]] if "body" in sent else []


def _api_options(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: sent[name] for name in ("content_type", "headers") if name in sent}
