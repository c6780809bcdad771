"""What Rollwerk lends out, knows and counts: bicycles of its fleet customers, articles to read first, reports."""

from datetime import datetime, timedelta
from typing import Any

from reynard.desk.actions import assets, knowledge_base, reports
from reynard.desk.actions.assets import NewAsset
from reynard.desk.actions.reports import GivenReport
from reynard.desk.models import Article, AssetField, ContactGroup, Section
from reynard.desk.rules.periods import Period
from reynard.desk.selectors import reference
from reynard.ops.demo.shop import Desk

_TYPE = AssetField.Type
MOTORS = ("Voltkern Mid", "Voltkern Rear", "None")
EXTRAS = ("Rain cover", "Child seats", "Parcel box", "GPS tracker")

# label | name | contact | group | frame number | motor | extras (positions) | last inspection, days ago
_BIKES = """
CB-001 | Cargo bike 1, Long Hauler | Ingrid Solheim | Nordlicht Logistik | LH-20931 | 0 | 2 3 | 41
CB-004 | Cargo bike 4, Long Hauler | Ingrid Solheim | Nordlicht Logistik | LH-20934 | 0 | 2 | 12
CB-007 | Cargo bike 7, Long Hauler | Bilal Chaudhry | Nordlicht Logistik | LH-20944 | 1 | 2 3 | 88
MB-003 | Meter bike 3 | Renate Vogt | Stadtwerke Erlenau | ME-1103 | 1 | 0 | 63
MB-009 | Meter bike 9 | Arne Kolbe | Stadtwerke Erlenau | ME-1109 | 1 | 0 3 | 7
"""

_BRAKES = """
<h2>How much is left?</h2>
<p>Look at the pads from the side. A pad of a rim brake has <b>grooves</b>: when they are gone, so is the pad. A pad of
a disc brake needs more than one millimetre of lining.</p>
<ol><li>Turn the wheel and listen. Scraping means metal on metal: stop riding.</li>
<li>Pull the lever. It should stop well before the handlebar.</li>
<li>Look at both pads. They wear evenly or the brake needs adjusting.</li></ol>
<p>New pads want thirty firm stops from walking pace before they bite.</p>
"""
_CHAIN = """
<p>Every 200 kilometres, and after each ride in the rain:</p>
<ul><li>Wipe the chain with a dry cloth until the cloth stays clean.</li>
<li>One small drop of oil on each link, from the inside.</li>
<li>Turn the cranks for a minute, wait ten, wipe off what is outside.</li></ul>
<p>Oil on the outside of a chain only collects sand.</p>
"""
_LEASING = """
<p>Your employer leases the bicycle, you ride it, also at weekends. After 36 months you may buy it.</p>
<p>We need from you: the <em>approval number</em> of the leasing partner, the size of the frame, and the day you would
like to collect it. The yearly inspection is included: just write to us.</p>
"""
_FLEET_PRICES = """
<p>For members of a fleet contract, valid until the end of the year.</p>
<table><tr><th>Service</th><th>EUR</th></tr><tr><td>Inspection</td><td>49</td></tr>
<tr><td>Brake pads, both</td><td>38</td></tr><tr><td>Call-out within the ring road</td><td>25</td></tr></table>
"""
_TORQUE = """
<table><tr><th>Bolt</th><th>Nm</th></tr><tr><td>Stem</td><td>5</td></tr><tr><td>Seat clamp</td><td>6</td></tr>
<tr><td>Brake caliper</td><td>7</td></tr><tr><td>Crank, square taper</td><td>38</td></tr></table>
<p>Carbon parts: paste, and never more than is printed on them.</p>
"""


def add(desk: Desk, end: datetime) -> None:
    """Assets, articles and reports as they stand at `end`."""
    _add_bikes(desk, end)
    _add_articles(desk, end)
    _add_reports(desk, end)


def _add_bikes(desk: Desk, end: datetime) -> None:
    bikes = assets.add_asset_type(name="Fleet bicycle", description="Bicycles that we maintain under contract.")
    fields = {
        name: assets.add_asset_field(asset_type=bikes, name=name, type=type, choices=choices, order=order)
        for order, (name, type, choices) in enumerate(
            (
                ("Frame number", _TYPE.TEXT, ()),
                ("Motor", _TYPE.DROPDOWN, MOTORS),
                ("Extras", _TYPE.MULTIPLE_OPTION, EXTRAS),
                ("Last inspection", _TYPE.DATE, ()),
            ),
            start=1,
        )
    }
    motors, extras = (list(fields[name].choices.order_by("order")) for name in ("Motor", "Extras"))
    groups = dict(ContactGroup.objects.values_list("name", "id"))
    for line in _BIKES.strip().splitlines():
        label, name, contact, group, frame, motor, wanted, days = (cell.strip() for cell in line.split("|"))
        inspected = end - timedelta(days=int(days))
        bike = NewAsset(
            created_by=desk.staff["Jonas"],
            asset_type=bikes.id,
            name=name,
            display_id=label,
            contact_ids=[desk.contacts[contact]],
            contact_group_ids=[groups[group]],
            custom_values={
                fields["Frame number"].id: frame,
                fields["Motor"].id: motors[int(motor)].id,
                fields["Extras"].id: [extras[int(position)].id for position in wanted.split()],
                fields["Last inspection"].id: inspected.date(),
            },
        )
        assets.add_asset(bike, reference=reference.current(), now=inspected)


def _add_articles(desk: Desk, end: datetime) -> None:
    english = knowledge_base.add_language(name="English")
    categories = desk.reference.categories
    care = knowledge_base.add_section(
        name="Care at home",
        description="What everybody can do with a cloth and ten minutes.",
        categories=[categories[desk.categories["workshop"]]],
    )
    leasing = knowledge_base.add_section(
        name="Leasing and fleets",
        description="For employers and those who ride for them.",
        categories=[categories[desk.categories["service"]]],
    )

    def add(section: Section, title: str, html: str, days_ago: int, tags: str, **values: Any) -> Article:
        return knowledge_base.add_article(
            section=section,
            language=english,
            title=title,
            contents=html.strip(),
            tags=tags.split(),
            now=end - timedelta(days=days_ago),
            **values,
        )

    torque = add(care, "Torque table", _TORQUE, 88, "workshop", internal=True)
    chain = add(care, "Oiling the chain", _CHAIN, 60, "chain care")
    add(care, "Checking brake pads", _BRAKES, 17, "brakes safety", related=[chain, torque])
    how = add(leasing, "How leasing works", _LEASING, 80, "leasing")
    add(leasing, "Prices for fleets", _FLEET_PRICES, 30, "fleet prices", needs_login=True, related=[how])


def _add_reports(desk: Desk, end: datetime) -> None:
    workshop = desk.reference.categories[desk.categories["workshop"]].name
    for given in (
        GivenReport(name="All tickets", description="Since the desk was opened."),
        GivenReport(
            name="Workshop this month",
            description="What came in for the workshop since the first.",
            query=f'category:"{workshop}"',
            period=Period("cr", "mtd"),
        ),
        GivenReport(
            name="Completed last week",
            description="For the Monday meeting.",
            period=Period("cl", "l7d"),
        ),
    ):
        reports.add_report(given, reference=desk.reference, now=end)
