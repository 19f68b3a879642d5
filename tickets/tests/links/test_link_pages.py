"""Links on the desk: shown at both tickets, made by number, by words or from what looks alike, and removed."""

from __future__ import annotations

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, url
from tickets.links.actions import add_link
from tickets.links.models import LinkKind
from tickets.models import Ticket, TicketLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return factories.associate()


@pytest.fixture
def one(ana: User) -> Ticket:
    return factories.ticket(author=ana, title="The label printer <b>jams</b> every morning")


def shown_links(page: str) -> list[tuple[str, str]]:
    """What the panel says: the kind and the number of each."""
    panel = page.partition('aria-labelledby="links"')[2].partition("</section>")[0]
    rows = re.findall(r'<li><span class="small muted">(.*?)</span>.*?<span class="number muted">(.*?)</span>', panel)
    return [(kind, number) for kind, number in rows]


def test_both_tickets_show_a_link_in_words_as_each_sees_it(ana: User, one: Ticket) -> None:
    others = {kind: factories.ticket(title=f"No. {at} <i>") for at, kind in enumerate(LinkKind.values[:3])}
    for kind, other in others.items():
        answer = Desk(ana).post(url(one, "links/"), {"kind": kind, "ticket": other.ticket_number})
        assert (answer.status_code, answer["Location"]) == (302, url(one))
    page = Desk(factories.associate()).text(url(one))
    numbers = [other.ticket_number for other in others.values()]
    assert shown_links(page) == [*zip(["Duplicate of", "Follow-up of", "Related to"], numbers, strict=True)]
    assert "No. 0 &lt;i&gt;" in page
    from_there = [shown_links(Desk(ana).text(url(other)))[0] for other in others.values()]
    words = ["Duplicated by", "Followed up by", "Related to"]
    assert from_there == [(word, one.ticket_number) for word in words]


def test_a_ticket_is_found_by_number_by_words_and_by_what_it_is_about(ana: User, one: Ticket) -> None:
    alike = factories.ticket(title="Label printer jams again, every morning")
    elsewhere = factories.ticket("OPEN", title="The coffee is cold")
    gone = factories.deleted(factories.ticket(title="Label printer jams, deleted"))
    desk = Desk(ana)

    def found(query: str) -> list[str]:
        return re.findall(r'name="ticket" value="(.*?)"', desk.text(url(one, f"links/{query}")))

    assert found("") == [alike.ticket_number]
    assert found("?q=coffee") == [elsewhere.ticket_number]
    assert found(f"?q={elsewhere.sequence}") == [elsewhere.ticket_number]
    assert found(f"?q={one.ticket_number}") == found(f"?q={gone.ticket_number}") == []
    assert "No ticket has this number" in desk.text(url(one, "links/?q=nothing+of+the+kind"))
    for query in ("q=%00", f"q={'x' * 1001}"):
        assert desk.get(url(one, f"links/?{query}")).status_code == 400


def test_what_cannot_be_linked_is_told_on_the_page(ana: User, one: Ticket) -> None:
    two, desk = factories.ticket(), Desk(ana)
    add_link(ana, two.pk, other_id=one.pk, kind=LinkKind.RELATED)
    for fields, status, code in [
        ({"kind": "RELATED", "ticket": two.ticket_number}, 409, "already_linked"),
        ({"kind": "RELATED", "ticket": one.ticket_number}, 400, "linked_to_itself"),
        ({"kind": "RELATED", "ticket": "TKT-2026-999999"}, 404, "ticket_not_found"),
        ({"kind": "RELATED", "ticket": "x"}, 404, "ticket_not_found"),
        ({"kind": "RELATED"}, 422, ""),
        ({"kind": "DUPLICATED_BY", "ticket": two.ticket_number}, 422, ""),
    ]:
        answer = desk.post(url(one, "links/"), fields)
        assert (answer.status_code, f'data-refusal="{code}"' in html(answer)) == (status, True)
    assert TicketLink.objects.count() == 1


def test_a_link_is_removed_by_who_may_and_offered_again(ana: User, one: Ticket) -> None:
    two = factories.ticket()
    link = add_link(ana, one.pk, other_id=two.pk, kind=LinkKind.RELATED)
    path = url(one, f"links/{link.pk}/remove/")
    other = Desk(factories.associate())
    assert path not in other.text(url(one, "links/"))
    assert other.post(path).status_code == 403
    desk = Desk(ana)
    assert path in desk.text(url(one, "links/"))
    assert desk.post(path)["Location"] == url(one)
    page = desk.text(url(one))
    assert (shown_links(page), f"links/?q={two.ticket_number}" in page) == ([], True)
    assert desk.post(path).status_code == 404


def test_who_may_see_a_deleted_ticket_sees_its_links_marked(ana: User, one: Ticket) -> None:
    two = factories.ticket(author=ana)
    add_link(ana, one.pk, other_id=two.pk, kind=LinkKind.RELATED)
    factories.deleted(two, by=ana)
    for person, seen in ((ana, True), (factories.manager(), True), (factories.associate(), False)):
        page = Desk(person).text(url(one))
        assert bool(shown_links(page)) is seen
        assert ('<span class="muted">Deleted</span>' in page) is seen
        assert "/remove/" not in Desk(person).text(url(one, "links/"))
    assert shown_links(Desk(ana).text(url(two))) == [("Related to", one.ticket_number)]


@pytest.mark.parametrize("count", [1, 3])
def test_links_take_the_page_of_a_ticket_one_query(
    ana: User, one: Ticket, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        add_link(ana, one.pk, other_id=factories.ticket().pk, kind=LinkKind.RELATED)
    desk = Desk(ana)
    desk.get(url(one))  # notes the look
    # Session and person; the ticket, what was said, done and attached, its links, and two for the frame.
    with django_assert_num_queries(2 + 7):
        assert len(shown_links(desk.text(url(one)))) == count
    with django_assert_num_queries(2 + 6):  # beside the frame: the ticket, two for what is alike, and the links
        assert len(shown_links(desk.text(url(one, "links/")))) == count


# --- From a ticket that is being written

NEW = "/desk/tickets/new/"
TYPED = {"title": "Printer jams", "description": "Again.", "due_date": "2026-07-01T09:30", "severity": "HIGH"}


def test_what_looks_like_the_same_problem_can_be_chosen_and_stays_so(ana: User, one: Ticket) -> None:
    two, desk = factories.ticket(title="The label printer jams as well"), Desk(ana)
    box = f'name="related-{one.ticket_number}" value="1" data-fresh'
    path, htmx = "/desk/tickets/similar/?title=label+printer+jams", {"headers": {"HX-Request": "true"}}
    assert f"{box}>" in desk.text(path, **htmx)
    chosen = f"related-{one.ticket_number}=1"
    assert f"{box} checked>" in desk.text(f"/desk/tickets/similar/?title=zebra&{chosen}", **htmx)
    again = desk.text(f"{path}&{chosen}", **htmx)
    assert (again.count(box), again.count('type="checkbox"')) == (1, 2)
    assert box not in desk.text(path)  # where there is no form that it could belong to
    fields = {**TYPED, f"related-{one.ticket_number}": "1", f"related-{two.ticket_number}": "1"}
    for refused in ({**fields, "look": "1"}, {**fields, "severity": ""}):
        assert html(desk.post(NEW, refused)).count("checked>Link the new ticket to it") == 2
    made = desk.post(NEW, fields)
    assert made.status_code == 302
    assert shown_links(desk.text(made["Location"])) == [
        ("Related to", one.ticket_number),
        ("Related to", two.ticket_number),
    ]


def test_a_form_that_is_sent_twice_links_once_and_what_cannot_be_linked_is_told(ana: User, one: Ticket) -> None:
    desk = Desk(ana)
    fields = {**TYPED, "key": "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11", f"related-{one.ticket_number}": "1"}
    first, second = desk.post(NEW, fields)["Location"], desk.post(NEW, fields)["Location"]
    assert first == second
    page = desk.text(first)
    assert (len(shown_links(page)), "could not be linked" in page) == (1, False)
    full = factories.ticket(author=ana)
    made = [factories.ticket() for _ in range(34)]
    TicketLink.objects.bulk_create(
        [
            TicketLink(source=full, target=other, kind=kind, created_by=ana, created_at=full.created_at)
            for other in made
            for kind in ("RELATED", "DUPLICATE_OF", "FOLLOW_UP_OF")
        ][:100]
    )
    told = desk.post(NEW, {**TYPED, "title": "Another", f"related-{full.ticket_number}": "1"})
    assert f"It could not be linked with {full.ticket_number}." in desk.text(told["Location"])


def test_a_closed_ticket_offers_a_follow_up_with_its_text(ana: User) -> None:
    closed = factories.ticket("CLOSED", title="The lift <stops>", description="Between <floors>.")
    desk, path = Desk(ana), f"{NEW}?follows={closed.ticket_number}"
    assert f'href="{path}"' in desk.text(url(closed))
    assert "?follows=" not in desk.text(url(factories.ticket("OPEN")))
    page = desk.text(path)
    assert "The lift &lt;stops&gt;</textarea>" in page
    assert "Between &lt;floors&gt;." in page
    follows = {"follows": closed.ticket_number}
    refused = html(desk.post(NEW, {**TYPED, **follows, "description": ""}))
    assert f'name="follows" value="{closed.ticket_number}"' in refused
    made = desk.post(NEW, {**TYPED, **follows})["Location"]
    assert shown_links(desk.text(made)) == [("Follow-up of", closed.ticket_number)]
    assert ("Followed up by", made.split("/")[-2]) in shown_links(desk.text(url(closed)))


def test_what_is_not_there_is_not_followed_up_on(ana: User) -> None:
    gone, desk = factories.deleted(factories.ticket(title="Gone")), Desk(ana)
    for number in (gone.ticket_number, "TKT-2026-999999", "x", "%00", "x" * 3000):
        assert 'name="follows"' not in desk.text(f"{NEW}?follows={number}&related-{number}=1")
    assert desk.post(NEW, {**TYPED, "follows": gone.ticket_number, "related-\0": "1"}).status_code == 302
    assert TicketLink.objects.count() == 0
