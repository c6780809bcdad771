"""`reynard sla`."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from reynard.desk.models import SlaClock, SlaPolicy, Ticket, WorkSchedule
from tests import factories

FILE = """
schedules:
  - name: Office hours
    time_zone: Europe/Berlin
    hours:
      monday: ["09:00-12:30", "13:00-17:00"]
      friday: 09:00-15:00
    holidays: [2026-12-25, "2026-12-26"]
  - name: Round the clock
    time_zone: UTC
    hours: always
policies:
  - name: First answer
    objective: first_response
    within: 1h 30m
    target: 95
    schedule: Office hours
    categories: [repair workshop]
    exclusion_statuses: [Waiting]
    condition: 'priority:"High"'
  - name: Closed
    objective: status
    status: Closed
    within: 40h
    target: 80.5
    schedule: Round the clock
"""


def call(*arguments):
    out = io.StringIO()
    call_command("sla", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "promises.yaml"
        path.write_text(text)
        return str(path)

    return write


def test_a_file_is_imported_and_says_what_became_of_it(desk, write):
    assert call("import", write(FILE)).splitlines() == [
        "schedules 1 (Office hours): added",
        "schedules 2 (Round the clock): added",
        "policies 1 (First answer): added",
        "policies 2 (Closed): added",
    ]
    policy = SlaPolicy.objects.get(name="First answer")
    assert (policy.allowed_seconds, policy.target, policy.condition) == (5400, 95, 'priority:"High"')
    assert list(policy.categories.all()) == [desk.workshop]
    assert WorkSchedule.objects.get(name="Office hours").holidays == ["2026-12-25", "2026-12-26"]


def test_the_same_file_again_changes_nothing(desk, write):
    call("import", write(FILE))

    assert call("import", write(FILE)).count(": unchanged\n") == 4
    assert call("import", write(FILE.replace("95", "90"))).count("changed") == 4


def test_a_dry_run_keeps_nothing(desk, write):
    assert "policies 2 (Closed): would be added" in call("import", write(FILE), "--dry-run")
    assert not WorkSchedule.objects.exists()


def test_what_is_listed_can_be_imported(desk, write):
    factories.make_category("Repair WORKSHOP", "R2")  # a name that does not say which one
    call(
        "import",
        write(
            FILE.replace("repair workshop", str(desk.workshop.id)).replace(
                "[" + str(desk.workshop.id), "[" + str(desk.workshop.id)
            )
        ),
    )
    listed = call("list", "--json")

    assert json.loads(listed)["policies"][1]["categories"] == [desk.workshop.id]
    assert call("import", write(listed)).count(": unchanged\n") == 4


def test_the_list_for_people(desk, write):
    assert "sla import FILE" in call("list")
    call("import", write(FILE.replace("80.5", "80.5\n    active: false")))

    assert call("list").splitlines() == [
        "POLICY        OBJECTIVE       WITHIN  TARGET  SCHEDULE",
        "Closed        status          40h     80.5 %  Round the clock  not active",
        "First answer  first_response  1h 30m  95 %    Office hours",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["09:00-12:30", "13:00-17:00"]', '["9 to 5"]', "schedules 1 (Office hours): hours: monday: 9 to 5 is no"),
        ('["09:00-12:30", "13:00-17:00"]', "8", "schedules 1 (Office hours): hours: monday: Give a list of spans"),
        ("hours: always", "hours: {}", "schedules 2 (Round the clock): hours: A week needs working hours"),
        ("hours: always", "hours: sometimes", "schedules 2 (Round the clock): hours: Give spans by day"),
        ("    hours: always\n", "", "schedules 2 (Round the clock): hours: This field is required."),
        ("Europe/Berlin", "Europe/Atlantis", "schedules 1 (Office hours): time_zone: There is no time zone"),
        ("[2026-12-25,", "[2026-02-30,", "schedules 1 (Office hours): holidays: 2026-02-30 is no date."),
        ("[2026-12-25,", "[2026-12-25 10:00:00,", "holidays: 2026-12-25 10:00:00 is no date."),
        ("name: Closed", "title: Closed", "policies 2: title: There is no such key. The keys are name, objective"),
        ("within: 40h", "within: 5d", "policies 2 (Closed): within: Write working hours and minutes, like 4h"),
        ("within: 40h", "within: 40", "policies 2 (Closed): within: Write working hours"),
        ("within: 40h", "within: 0h", "policies 2 (Closed): within: A promise needs more than no time."),
        ("target: 95", "target: 195", "policies 1 (First answer): target: Give a percentage from 0 to 100."),
        ("target: 95", "target: most", "policies 1 (First answer): target: Give a number."),
        ("repair workshop", "paint shop", "categories: There is no paint shop here. There are: Repair"),
        ("status: Closed", "status: Shut", "policies 2 (Closed): status: There is no Shut here."),
        ("[Waiting]", "Waiting", "policies 1 (First answer): exclusion_statuses: Give a list"),
        ("schedule: Round", "schedule: Around", "policies 2 (Closed): schedule: There is no work schedule named A"),
    ],
)  # fmt: skip
def test_a_file_with_a_problem_changes_nothing(desk, write, old, new, said):
    assert old in FILE
    with pytest.raises(CommandError, match="Nothing was changed") as caught:
        call("import", write(FILE.replace(old, new)))

    assert said in str(caught.value)
    assert not WorkSchedule.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schedules: [", "neither YAML nor JSON"),
        ("[" * 100_000, "neither YAML nor JSON"),
        ("", "needs `schedules`"),
        ("[]", "needs `schedules`"),
        ("rules: []", "needs `schedules`"),
        ("policies: {}\nschedules: 7", "must be a list"),
    ],
)
def test_what_is_no_such_file(desk, write, text, said):
    with pytest.raises(CommandError, match=said):
        call("import", write(text))


def test_a_file_that_is_not_there(db, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call("import", str(tmp_path / "nowhere"))


def test_advance_breaches_what_is_over(desk):
    factories.make_policy(seconds=60)
    ticket = factories.make_ticket(desk.lena, desk.workshop, now=datetime.now(UTC) - timedelta(hours=1))

    assert call("advance") == "1 promised times are over.\n"
    assert call("advance") == "0 promised times are over.\n"
    assert Ticket.objects.get(id=ticket.id).sla_breaches == SlaClock.objects.exclude(breached_at=None).count() == 1
