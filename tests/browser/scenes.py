"""Every page and state of the desk, each with who sees it and how one gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from accounts.letters import one_time_link
from accounts.models import User
from tests.browser.stage import LONG_TITLE, Stage
from tests.support import factories
from tickets import actions
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.models import Ticket
from tickets.outbox.leaving import link_to_leave

type Way = Callable[[Page, Stage], None]


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    role: str  # a field of the stage, or "nobody"
    go: Way
    complaint: str = ""  # a pattern of what the browser says of it, where the scene is about something that fails

    def person(self, stage: Stage) -> User | None:
        return None if self.role == "nobody" else getattr(stage, self.role)


SCENES: list[Scene] = []


def scene(role: str, *, complaint: str = "") -> Callable[[Way], Way]:
    def take(go: Way) -> Way:
        SCENES.append(Scene(go.__name__.replace("_", "-"), role, go, complaint))
        return go

    return take


def page_of(ticket: Ticket, where: str = "") -> str:
    return f"/desk/tickets/{ticket.ticket_number}/{where}"


def simple(name: str, role: str, path: str) -> None:
    def go(page: Page, stage: Stage) -> None:
        page.goto(path)

    SCENES.append(Scene(name, role, go))


simple("sign-in", "nobody", "/desk/login/")
simple("lost-password", "nobody", "/desk/password/")
simple("link-that-no-longer-works", "nobody", "/desk/password/MQ/set-password/")
simple("not-found-signed-out", "nobody", "/desk/nothing/")
simple("home", "manager", "/desk/")
simple("list", "manager", "/desk/tickets/?pageSize=12")
simple("list-of-an-associate", "author", "/desk/tickets/")
simple("list-filtered", "manager", "/desk/tickets/?q=impressora&severity=VERY_HIGH&createdFrom=2026-01-01")
simple("list-searched-in-texts", "manager", "/desk/tickets/?q=fornecedor")
simple("list-which-author", "manager", "/desk/tickets/?author=example&pageSize=12")
simple("list-nobody-called-so", "manager", "/desk/tickets/?reviewer=nobody+of+the+kind")
simple("list-without-a-hit", "manager", "/desk/tickets/?q=nothing+of+the+kind&overdue=1")
simple("list-past-its-end", "manager", "/desk/tickets/?page=99")
simple("list-query-not-understood", "manager", "/desk/tickets/?page=0&status=NEW")
simple("new", "newcomer", "/desk/tickets/new/")
simple("inbox", "author", "/desk/inbox/")
simple("inbox-of-a-manager", "manager", "/desk/inbox/")
simple("inbox-empty", "newcomer", "/desk/inbox/")
simple("preferences", "author", "/desk/preferences/")
simple("change-password", "author", "/desk/preferences/password/")
simple("similar", "author", "/desk/tickets/similar/?title=Impressora+fiscal")
simple("error-404", "author", "/desk/nothing/")
simple("error-404-ticket", "author", "/desk/tickets/TKT-2026-999999/")
simple("error-405", "author", "/desk/logout/")
simple("error-429", "author", "/desk/broken/429/")
simple("error-500", "author", "/desk/broken/500/")
simple("error-503", "author", "/desk/broken/503/")


@scene("nobody")
def sign_in_refused(page: Page, stage: Stage) -> None:
    page.goto("/desk/login/?next=/desk/tickets/")
    page.get_by_label("E-mail").fill("somebody@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").wait_for()


@scene("nobody")
def new_password(page: Page, stage: Stage) -> None:
    page.goto("/desk/password/" + one_time_link(stage.newcomer).partition("/desk/password/")[2])
    page.get_by_role("button", name="Set password").wait_for()


@scene("nobody")
def leave_by_mail(page: Page, stage: Stage) -> None:
    page.goto(link_to_leave(stage.author, stage.closed))
    page.get_by_role("button", name="Leave this ticket").wait_for()


@scene("nobody")
def left_by_mail(page: Page, stage: Stage) -> None:
    leave_by_mail(page, stage)
    page.get_by_role("button", name="Leave this ticket").click()
    page.get_by_role("heading", name="You have left").wait_for()


@scene("author")
def no_more_daily_mails(page: Page, stage: Stage) -> None:
    page.goto(link_to_leave(stage.author, None))
    page.get_by_role("button", name="Get no more daily mails").wait_for()


@scene("manager")
def list_with_selection(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?pageSize=12")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Approve selected").wait_for()


@scene("manager")
def list_filters_open(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?pageSize=12")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Awaiting my review").wait_for()


@scene("manager")
def list_by_people(page: Page, stage: Stage) -> None:
    page.goto(f"/desk/tickets/?createdBy={stage.author.pk}&reviewedBy={stage.closed.reviewed_by_id}")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Reviewer").wait_for()


@scene("manager")
def list_keys(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?pageSize=12")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


@scene("manager", complaint="ERR_INTERNET_DISCONNECTED|htmx:(afterRequest|sendError)")
def list_offline(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?pageSize=12")
    page.context.set_offline(True)
    try:
        page.get_by_role("link", name="Sent back").click()
        page.get_by_text("No connection.").wait_for()
    finally:
        page.context.set_offline(False)


@scene("manager")
def bulk_result(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?pageSize=12&sort=-updatedAt")
    boxes = page.locator("tr[data-ticket] input[type=checkbox]")
    for i in range(boxes.count()):
        boxes.nth(i).check()
    page.get_by_role("button", name="Delete selected").click()
    page.get_by_role("heading", name="Deleting the selected tickets").wait_for()
    for ticket in Ticket.objects.deleted().exclude(pk=stage.deleted.pk):
        actions.restore_ticket(stage.manager, ticket.pk)


@scene("manager")
def ticket_to_review(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?severity=VERY_HIGH&status=DRAFT")
    page.get_by_role("link", name=LONG_TITLE[:40]).click()
    page.get_by_role("button", name="Approve", exact=True).wait_for()


@scene("manager")
def ticket_emails_open(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.closed))
    page.get_by_text("E-mails", exact=True).click()
    page.get_by_role("link", name=stage.author.email).wait_for()


@scene("manager")
def ticket_half_reviewed(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft))
    page.locator("input[value=LOW]").check()
    page.get_by_label("Reason").fill("Say which office, and since when.")


@scene("manager")
def ticket_review_refused(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft))
    page.get_by_role("radio", name="Medium").check()
    page.get_by_role("button", name="Approve as Medium").click()
    page.get_by_role("alert").wait_for()


@scene("manager")
def ticket_changed_meanwhile(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft))
    page.locator("input[value=HIGH]").check()
    page.get_by_label("Reason").fill("Mais pessoas são afetadas do que diz o texto.")
    actions.delete_ticket(stage.author, stage.draft.pk)
    actions.restore_ticket(stage.author, stage.draft.pk)
    page.get_by_role("button", name="Approve as High").click()
    page.get_by_role("alert").wait_for()


@scene("manager")
def ticket_with_code(page: Page, stage: Stage) -> None:
    frames = "".join(f"\tat com.example.billing.Invoice.print(Invoice.java:{n})\n" for n in range(1, 40))
    text = f"Since the update:\n\njava.lang.IllegalStateException: no paper\n{frames}\nWe run\n```\n$ print --all\n```"
    made = factories.ticket(author=stage.author, title="Billing fails at night", description=text)
    page.goto(page_of(made))
    page.get_by_text("10 more lines").wait_for()


@scene("manager")
def ticket_right_to_left(page: Page, stage: Stage) -> None:
    text = "لا يمكن طباعة الملف report.pdf منذ الساعة 9:30.\nThe log says: offline.\nהמדפסת (HP-4050) לא עובדת!"
    made = factories.ticket(author=stage.author, title="خطأ في الطابعة (HP-4050)! رقم 12", description=text)
    page.goto(page_of(made))


def conversation(stage: Stage) -> Ticket:
    """A ticket that was talked about: a question, an answer with all that Markdown has, what was edited and removed."""
    made = factories.ticket(author=stage.author, title="Billing fails at night", description="Every night since May.")
    add_comment(stage.manager, made.pk, text="Which **office**, and since when?", is_question=True)
    answer = add_comment(stage.author, made.pk, text="All.")
    edit_comment(stage.author, answer.pk, text=ANSWER)
    remove_comment(stage.manager, add_comment(stage.author, made.pk, text="Never mind.").pk)
    return made


ANSWER = """# All of them

Since the update of Monday, see TKT-2026-000001:

| office | since | invoices |
|:---|:---:|---:|
| Vila Nova de Gaia | 9:30 | 1 200 |

1. We restarted it.
2. We called the supplier.
   - [x] They ask for the log.

> No paper, it says.

```
at com.example.billing.Invoice.printAllOfThemAgainAndAgainUntilSomebodyNotices(Invoice.java:17), which is a long line
```
"""


@scene("author")
def ticket_with_conversation(page: Page, stage: Stage) -> None:
    made = conversation(stage)
    page.goto(page_of(made))
    add_comment(stage.manager, made.pk, text="Then it is urgent.")
    page.reload()
    page.get_by_text("New", exact=True).last.wait_for()


@scene("manager")
def ticket_with_comment_previewed(page: Page, stage: Stage) -> None:
    page.goto(page_of(conversation(stage)))
    page.get_by_label("Comment", exact=True).fill(ANSWER)
    page.get_by_label("This is a question").check()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Preview").wait_for()


@scene("author")
def comment_that_names_people(page: Page, stage: Stage) -> None:
    text = f"@{stage.manager.email}, do you know? @{stage.newcomer.email} asks as well; @nobody@example.com is nobody."
    add_comment(stage.author, stage.draft.pk, text=text)
    page.goto(page_of(stage.draft))


@scene("author")
def inbox_with_comments(page: Page, stage: Stage) -> None:
    for n in range(7):
        add_comment(stage.manager, stage.sent_back.pk, text=f"Part {n} has come, and it is the wrong one again.")
    text = f"@{stage.author.email}, please look at this:\n\n{ANSWER}"
    add_comment(stage.manager, stage.draft.pk, text=text, is_question=True)
    page.goto("/desk/inbox/")


@scene("author")
def comment_with_people_offered(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft))
    page.get_by_label("Comment", exact=True).press_sequentially("As I said to @o")
    page.get_by_role("listbox", name="People").get_by_role("option").first.wait_for()


@scene("manager")
def comment_removal_asked_for(page: Page, stage: Stage) -> None:
    made = conversation(stage)
    page.goto(f"/desk/comments/{made.comments.oldest_first()[1].pk}/remove/")
    page.get_by_role("button", name="Remove").wait_for()


@scene("manager")
def list_with_all_words(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?q=fiscal+impressora")
    page.get_by_text("No ticket has these words as one phrase").wait_for()


@scene("author")
def ticket_own_draft(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft))


@scene("author")
def ticket_sent_back(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/?status=REVIEW")
    page.get_by_role("link", name="Impressora fiscal").click()
    page.get_by_role("link", name="Edit and resubmit").wait_for()


@scene("newcomer")
def ticket_no_permission(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.sent_back))


@scene("manager")
def ticket_own_of_a_manager(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.own_of_manager))


@scene("author")
def ticket_edited(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.edited))


@scene("author")
def ticket_approved(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.approved))


@scene("author")
def ticket_worked_on(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.worked_on))


@scene("author")
def ticket_closed(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.closed))


@scene("author")
def ticket_deleted(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.deleted))


@scene("author")
def deleted_with_undo(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.draft, "?list=pageSize%3D12&at=1"))
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").wait_for()
    actions.restore_ticket(stage.manager, stage.draft.pk)


@scene("author")
def edit(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.sent_back, "edit/"))


@scene("author")
def edit_wrong(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.sent_back, "edit/"))
    page.get_by_label("Title").fill("")
    page.get_by_role("button", name="Send for review again").click()
    page.get_by_role("alert").wait_for()


@scene("author")
def edit_clash(page: Page, stage: Stage) -> None:
    ticket = factories.ticket("REVIEW", author=stage.author, title="Scanner is slow", description="It takes a minute.")
    page.goto(page_of(ticket, "edit/"))
    page.get_by_label("Description").fill("It takes two minutes since the update.")
    actions.edit_ticket(stage.manager, ticket.pk, description="It takes a minute on the third floor.")
    actions.change_severity(factories.manager(), ticket.pk, severity="VERY_HIGH", reason="More.")
    page.get_by_role("button", name="Send for review again").click()
    page.get_by_role("alert").wait_for()


@scene("author")
def edit_refused(page: Page, stage: Stage) -> None:
    ticket = factories.ticket("REVIEW", author=stage.author, title="Mouse moves by itself")
    page.goto(page_of(ticket, "edit/"))
    page.get_by_label("Description").fill("It moves to the left.")
    actions.edit_ticket(stage.manager, ticket.pk, description="It moves to the right.")
    page.get_by_role("button", name="Send for review again").click()
    page.get_by_role("alert").wait_for()


@scene("author")
def edit_of_a_deleted_ticket(page: Page, stage: Stage) -> None:
    ticket = factories.ticket("REVIEW", author=stage.author, title="Mouse moves by itself")
    page.goto(page_of(ticket, "edit/"))
    page.get_by_label("Description").fill("It moves to the left.\n\nSince Monday, and faster each day.")
    factories.deleted(ticket, by=stage.manager)
    page.get_by_role("button", name="Send for review again").click()
    page.get_by_role("heading", name="There is no such ticket any more").wait_for()


@scene("author")
def edit_not_possible(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.approved, "edit/"))


@scene("author")
def new_wrong(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/new/")
    page.get_by_role("button", name="Raise ticket").click()
    page.get_by_role("alert").wait_for()


@scene("author")
def new_with_suggestion(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/new/")
    page.get_by_label("Title").press_sequentially("Impressora fiscal parou")
    page.get_by_role("button", name="Take it").wait_for()
    page.locator("#similar li").first.wait_for()


@scene("author")
def form_of_an_earlier_sign_in(page: Page, stage: Stage) -> None:
    page.goto(page_of(stage.sent_back, "edit/"))
    page.locator("main form input[name=csrfmiddlewaretoken]").first.evaluate(
        "field => { field.value = 'x'.repeat(64) }"
    )
    page.get_by_role("button", name="Send for review again").click()
    page.get_by_role("button", name="Send again").wait_for()


@scene("author", complaint="status of 401|Error Code 401")
def signed_out_meanwhile(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/new/")
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").press_sequentially("Impressora")
    page.get_by_text("You were signed out.").wait_for()


@scene("author")
def sign_in_with_a_kept_form(page: Page, stage: Stage) -> None:
    page.goto("/desk/tickets/new/")
    page.context.clear_cookies(name="sessionid")
    page.locator("main form").first.evaluate("form => form.submit()")
    page.get_by_text("You were signed out.").wait_for()


from tests.browser import (  # noqa: E402, F401 - these add their own
    attachment_scenes,
    canned_scenes,
    exchange_scenes,
    figures_scenes,
    link_scenes,
    saved_view_scenes,
)
from tests.browser.deciding import asking_scenes, review_scenes  # noqa: E402, F401 - the same
