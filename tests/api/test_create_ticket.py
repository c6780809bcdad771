"""POST tickets/ (tickets.md §6)."""

from tests import factories


def test_it_opens_a_ticket_for_a_known_contact(api, desk):
    answer = api.post(
        "tickets/",
        {"client": desk.lena.id, "subject": "Brake cable frayed", "text": "Three strands left.", "category": desk.workshop.id},
    )
    assert answer.status_code == 200, answer.content
    ticket = answer.json()
    assert ticket["user"]["id"] == desk.lena.id


def test_it_reads_lists_and_replies(api, desk):
    t = factories.make_ticket(desk.lena, desk.workshop)
    a = api.get(f"ticket/{t.id}/")
    assert a.status_code == 200
    for fmt in ("json", "yaml", "xml"):
        a = api.get("tickets/", format=fmt)
        assert a.status_code == 200, a.content
    a = api.post(f"ticket/{t.id}/staff_update/", {"staff": desk.priya.id, "plaintext": "ok", "status": desk.closed.id}, Idempotency_Key="a")
    assert a.status_code == 200, a.content
    b = api.post(f"ticket/{t.id}/staff_update/", {"staff": desk.priya.id, "plaintext": "ok", "status": desk.closed.id}, Idempotency_Key="a")
    assert b.content == a.content
    assert b["Idempotency-Replayed"] == "true"
    a = api.post(f"ticket/{t.id}/staff_update/", {"staff": desk.priya.id, "subject": "x"})
    assert a.json() == {"error": "Nothing to update"}
    a = api.post(f"ticket/{t.id}/user_reply/", {"user": desk.lena.id, "text": "hm"})
    assert a.json()["status"]["id"] == desk.new.id
    a = api.get("users/")
    assert a.status_code == 200
    print(a.content)
    assert api.get("staff/", format="xml").status_code == 200
