"""Who works at Rollwerk and who writes to it. Everybody is invented."""

import msgspec

DOMAIN = "rollwerk.example"


class Login(msgspec.Struct, frozen=True):
    """A member of staff, with a password that everybody knows."""

    first_name: str
    last_name: str
    role: str
    categories: tuple[str, ...]
    is_account_admin: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.first_name.lower()}@{DOMAIN}"

    @property
    def password(self) -> str:
        return f"{self.first_name.lower()}-at-rollwerk"


LOGINS = (
    Login("Amara", "Okafor", "Administrator", ("service", "workshop", "office"), is_account_admin=True),
    Login("Jonas", "Beck", "Workshop", ("workshop", "service")),
    Login("Priya", "Raman", "Workshop", ("workshop",)),
    Login("Lucie", "Marchand", "Sales", ("service",)),
    Login("Tomasz", "Zielinski", "Office", ("office", "service")),
    Login("Emil", "Lindqvist", "Workshop", ("workshop",)),
)

_WORKING = (
    "web_reply email_reply add_tags add_existing_tags set_due_date close_tickets assign_tickets reassign_tickets "
    "act_on_closed edit_own_reply edit_own_note add_call_notes view_contacts_tab view_contact_groups_tab "
    "manage_personal_views view_subscribed_tickets_in_all_categories"
).split()
_SELLING = (
    "create_contacts edit_contacts manage_contacts manage_contact_groups move_tickets forward_tickets merge_tickets "
    "split_tickets relate_tickets create_and_add_tags delete_tags change_ticket_contact edit_subject send_sms "
    "create_ticket_in_any_category view_created_tickets_in_all_categories bulk_edit_50_tickets_or_fewer"
).split()
_ACCOUNTING = (
    "move_ticket_to_any_category all_tickets export_contacts view_reports export_reports view_time_spent_reports "
    "view_contact_group_reports view_inflow_reports add_available_time_for_contact_group "
    "reduce_available_time_for_contact_group export_asset_info manage_canned_actions"
).split()
PERMISSIONS_OF_ROLES = {
    "Workshop": [*_WORKING, "manage_assets", "manage_inventory", "edit_ticket_asset_info"],
    "Sales": [*_WORKING, *_SELLING],
    "Office": [*_WORKING, *_SELLING, *_ACCOUNTING],
}


class Person(msgspec.Struct, frozen=True):
    """A contact. `circle` says which stories are theirs, `ends` how their mails end."""

    name: str
    email: str | None
    phones: tuple[str, ...]
    bike: str
    circle: str
    greeting: str
    ends: str
    writes_html: bool

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


# name → domains, description
GROUPS = {
    "Nordlicht Logistik": ("nordlicht-logistik.example,nordlicht.example", "Parcels by bike. Eleven cargo bikes."),
    "Stadtwerke Erlenau": ("stadtwerke-erlenau.example", "Meter readers on e-bikes. Invoices by cost centre."),
    "Radclub Milan 04": ("milan04.example", "Ten per cent on parts for members."),
}
CLUB_MEMBERS = ("Henrik Aas", "Noor Haddad", "Callum Reid")  # with an address of their own


# name | e-mail | phones | bicycle
#     circle | how their mails begin | how they end (/ for a new line) | "html" when they write it
_PEOPLE = """
Mara Lindholm | mara.lindholm@post.example | +49 151 5550 1001 | Brisk Tour 7
    private | Hi, | Thanks! / Mara
Henrik Aas | henrik@aas-family.example | +47 412 55 012, +49 40 5550 2212 | Falke Gravel Two
    private | Hello Rollwerk, | Best regards / Henrik Aas
Noor Haddad | noor.haddad@mailbox.example | +49 160 5550 1003 | Falke Randonneur
    private | Hi all, | Noor
Callum Reid | callum.reid@post.example | +44 7700 900104 | steel singlespeed
    private | Good morning, | Cheers, Callum
Beatriz Solano | bea.solano@mailbox.example | +34 600 555 105 | Brisk City E
    private | Hello! | Un saludo / Bea
Oskar Winther | oskar@winther.example | +45 20 55 51 06 | Brisk Cargo Mini
    private |  | Oskar
Imogen Hale | imogen.hale@post.example | +44 7700 900107, +49 40 5550 2217 | Pashmina Roadster
    private | Dear Rollwerk team, | Kind regards / Imogen Hale | html
Davi Moreira | davi.m@quickmail.example | +49 151 5550 1008 | Falke Trail 29
    private | hey guys, | sent from my phone
Sunniva Berg | sunniva.berg@quickmail.example | +47 412 55 019 | Brisk Tour 9 E
    private | Hello, | Greetings / Sunniva
Anil Deshpande | anil.deshpande@mailbox.example | +49 170 5550 1010 | Trekker 500
    private | Dear Sir or Madam, | With best regards, / Anil Deshpande
Greta Falkenhain | greta@falkenhain.example | +49 40 5550 1011 | Brisk Lady 3
    private | Hello Jonas, | Greta
Mateusz Wrona | m.wrona@post.example | +48 600 555 112 | Falke Gravel One
    private | Hi, | Mateusz
Eleni Stavrou | eleni.stavrou@mailbox.example | +30 690 555 5113 | folding bike
    private | Hello everybody, | Eleni 🙂
Theo van Rijn | theo@vanrijn.example | +31 6 5550 1114, +31 20 555 0114 | Oma 28
    private | Hello, | Groeten, Theo
Rosalind Achebe | rosalind.achebe@post.example | +49 151 5550 1015 | Brisk Tour 7 E
    private | Good evening, | Thank you and kind regards / R. Achebe | html
Piet Janssens | piet.janssens@quickmail.example | +32 470 55 51 16 | Falke Cross
    private |  | Piet
Yara Nasser | yara.nasser@mailbox.example | +49 160 5550 1017 | Brisk City Nexus
    private | Hi there, | Yara
Finn Oakley | finn.oakley@quickmail.example | +44 7700 900118 | Falke Enduro
    private | Hiya, | Finn / --  / sent from the train
Ludmila Horak | ludmila.horak@post.example | +420 601 555 119 | Trekker 700 E
    private | Good day, | Ludmila Horak
Samir Benali | samir.benali@mailbox.example | +49 176 5550 1020 | Brisk Messenger
    private | Hello team, | Best, / Samir
Jens-Peter Hollmann | jp.hollmann@post.example | +49 40 5550 1021 | Trekker 500
    de | Guten Tag, | Mit freundlichen Grüßen / Jens-Peter Hollmann
Katrin Öztürk | katrin.oeztuerk@mailbox.example | +49 151 5550 1022 | Brisk Tour 9 E
    de | Hallo zusammen, | Liebe Grüße / Katrin
Uwe Strahl | uwe@strahl.example | +49 170 5550 1023 | Falke Gravel One
    de | Moin, | Uwe
Dr. Annegret Pfeiffer | praxis@pfeiffer.example | +49 40 5550 1024, +49 171 5550 1024 | Pashmina Roadster
    de | Sehr geehrte Damen und Herren, | Mit freundlichen Grüßen / Dr. A. Pfeiffer
Wiebke Thomsen | wiebke.thomsen@quickmail.example | +49 160 5550 1025 | Ottokar, Lastenrad
    de | Liebes Rollwerk-Team, | Eure Wiebke
Camille Roussel | camille.roussel@courriel.example | +33 6 55 50 10 26 | Randonneuse
    fr | Bonjour, | Cordialement, / Camille Roussel
Étienne Garnier | etienne.garnier@courriel.example | +33 6 55 50 10 27 | VTC Trekker
    fr | Bonjour à tous, | Bien à vous / Étienne
Solène Masson | solene@masson.example | +33 1 55 50 10 28 | Brisk City
    fr | Bonjour, | Merci d'avance, / Solène
林 恵子 Hayashi | k.hayashi@post.example | +81 90 5550 1029 | 水色のシティバイク
    ja | ロルヴェルクの皆様 | 林 恵子
Wendelin Krause | - | 040 5550130 | tricycle
    phone |  |
Ingrid Solheim | i.solheim@nordlicht-logistik.example | +49 40 5550 3031, +49 151 5550 3031 | Long Hauler no. 4
    fleet | Good morning, | Ingrid Solheim / Fleet, Nordlicht Logistik
Bilal Chaudhry | dispatch@nordlicht.example | +49 40 5550 3032 | Long Hauler no. 7
    fleet | Hello, | Bilal (dispatch)
Renate Vogt | renate.vogt@stadtwerke-erlenau.example | +49 4123 5550 33 | Meter bike 3
    fleet | Dear team, | Kind regards / Renate Vogt / Stadtwerke Erlenau, Fuhrpark | html
Arne Kolbe | arne.kolbe@stadtwerke-erlenau.example | +49 4123 5550 34 | Meter bike 9
    fleet | Hello Rollwerk, | A. Kolbe
Valentina Corsi | president@milan04.example | +49 151 5550 4035 | Falke Race
    club | Dear friends, | Sporty greetings / Valentina
Mikkel Dahl | rides@milan04.example | +45 20 55 51 36 | Falke Race Disc
    club | Hi, | Mikkel
Brisk Bicycles Dealer Desk | dealers@brisk-bicycles.example | +31 20 555 0137, +31 20 555 0138 | city bike
    supplier | Dear partner, | Your Brisk dealer desk
Falke Frames Accounting | accounting@falke-frames.example | +49 89 5550 137 | city bike
    supplier | Dear Sir or Madam, | Falke Frames GmbH / Accounting
Joost Verhagen | joost@parts-and-spokes.example | +31 6 5550 1139 | city bike
    supplier | Hi Tomasz, | Joost / Parts & Spokes
Voltkern Battery Service | claims@voltkern.example | +49 711 5550 140 | city bike
    supplier | Hello, | Voltkern claims team | html
"""


def _read_people(table: str) -> tuple[Person, ...]:
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return tuple(
        Person(
            name=name,
            email=None if email == "-" else email,
            phones=tuple(phones.split(", ")),
            bike=bike,
            circle=circle,
            greeting=greeting,
            ends=ends.replace(" / ", "\n"),
            writes_html="html" in more,
        )
        for (name, email, phones, bike), (circle, greeting, ends, *more) in zip(lines[::2], lines[1::2], strict=True)
    )


PEOPLE = _read_people(_PEOPLE)
