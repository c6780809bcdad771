"""Answers as the published document shows them: one bicycle workshop, in the structs that encode real answers."""

from typing import Any

import msgspec

from reynard.api import shapes
from reynard.api.formats import WireDate, WireDateTime, WireInstant

_ASKED = WireDateTime("2026-03-09 08:41:17")
_ANSWERED = WireDateTime("2026-03-09 09:20:55")

STATUS = shapes.Status(id=2, name="Waiting", color="F2A900", order=2, default=False, behavior="pending")
PRIORITY = shapes.Priority(id=2, name="Normal", order=2, default=True)
CATEGORY = shapes.Category(
    id=12, name="Repair workshop", description="", public=True, time_spent_mandatory=False, prepopulate_cc="AR"
)
STAFF = shapes.Staff(
    id=7,
    name="Priya Raman",
    email="priya@rollwerk.example",
    active=True,
    is_active=True,
    is_account_admin=False,
    role=shapes.Role(id=3, name="Workshop"),
    categories=[12, 14],
    permissions=["web_reply", "close_tickets"],
)
TICKET_FIELD = shapes.TicketField(
    id=9,
    name="Services",
    type="multiple_choice",
    required=False,
    compulsory_on_completed=True,
    compulsory_on_move=False,
    depends_on_choice=None,
    visible_to_staff_only=False,
    categories=[shapes.FieldPlace(category=12, order=1)],
    choices=[
        shapes.Choice(id=4, text="Tune-up", dependant_fields=[]),
        shapes.Choice(id=6, text="Wheel truing", dependant_fields=[11]),
    ],
)
CONTACT_FIELD = shapes.ContactField(
    id=3,
    name="Customer number",
    type="text",
    required=False,
    depends_on_choice=None,
    visible_to_staff_only=True,
    order=0,
    choices=None,
)
_PHONE = shapes.Phone(id=51, type="mo", number="+49 30 5550142", is_primary=True)
CONTACT = shapes.Contact(
    id=981,
    name="Noor Haddad",
    email="noor.haddad@example.org",
    primary_phone=_PHONE,
    phones=[_PHONE],
    contact_groups=[],
    custom_fields=[
        shapes.ContactFieldValue(
            id=3, name="Customer number", type="text", value="K-2207", value_id=None, visible_to_staff_only=True
        )
    ],
    tickets_count=4,
    pending_tickets_count=1,
    created_at=WireDateTime("2025-11-02 10:00:03"),
    updated_at=_ASKED,
    is_login_enabled=True,
)
GROUP = shapes.Group(
    id=31,
    name="Stadtwerke Erlenau",
    description="Meter readers on e-bikes.",
    tagged_domains="stadtwerke-erlenau.example",
    contacts=[
        shapes.GroupMember(id=981, name="Noor Haddad", email="noor.haddad@example.org", view_tickets_in_group=True)
    ],
)
_UNKNOWN_CONTACT = shapes.FieldError(
    field="contact", errors=["Select a valid choice. That choice is not one of the available choices."]
)
_OPENING = shapes.Update(
    update_id=20911,
    timestamp=_ASKED,
    by=shapes.By(type="user", id=981, name="Noor Haddad", email="noor.haddad@example.org"),
    message=shapes.Message(
        id=20911,
        text="Since Monday the hub jumps out of third gear when I climb.\n\n",
        html="<p>Since Monday the hub jumps out of third gear when I climb.</p>",
        subject="",
        cc_list="",
        bcc_list="",
        forward_list=None,
        message_type=None,
        customer_updated=False,
        attachments=[
            shapes.Attachment(
                id=640,
                filename="hub.jpg",
                url="https://desk.example.org/attachments/640/1773045955-b5l0Yx6pWm2cQe9TtUo1Aw/",
                size=184220,
                content_type="image/jpeg",
                expires_at=WireDateTime("2026-03-09 08:45:55"),
            )
        ],
    ),
    status_change=shapes.Change(old=None, new=1, old_name=None, new_name="New"),
    priority_change=shapes.Change(old=None, new=2, old_name=None, new_name="Normal"),
    assignee_change=None,
    category_change=None,
    due_date_change=None,
    custom_field_change=None,
    time_spent=None,
    satisfaction_survey=None,
)
_REPLY = shapes.Update(
    update_id=20934,
    timestamp=_ANSWERED,
    by=shapes.By(type="staff", id=7, name="Priya Raman", email="priya@rollwerk.example"),
    message=shapes.Message(
        id=20934,
        text="The shifter cable was too long. Please try it again on a hill.\n\n",
        html="<p>The shifter cable was too long. Please try it again on a hill.</p>",
        subject="",
        cc_list="",
        bcc_list="",
        forward_list=None,
        message_type=None,
        customer_updated=True,
        attachments=[],
    ),
    status_change=shapes.Change(old=1, new=2, old_name="New", new_name="Waiting"),
    priority_change=None,
    assignee_change=shapes.Change(old=None, new=7, old_name=None, new_name="Priya Raman"),
    category_change=None,
    due_date_change=shapes.DateChange(old=None, new=WireDate("2026-03-20")),
    custom_field_change=None,
    time_spent=25,
    satisfaction_survey=None,
)
TICKET = shapes.Ticket(
    id=4127,
    display_id="#RW00004127",
    subject="Hub gear slips in third",
    first_message="Since Monday the hub jumps out of third gear when I climb.\n\n",
    status=STATUS,
    priority=PRIORITY,
    category=CATEGORY,
    assigned_to=STAFF,
    user=CONTACT,
    subscribers=[shapes.Subscriber(id=9, first_name="Jonas", last_name="Beck", email="jonas@rollwerk.example")],
    tags="warranty,hub",
    due_date=WireDate("2026-03-20"),
    time_spent=25,
    custom_fields=[
        shapes.TicketFieldValue(
            id=9,
            name="Services",
            type="multiple_choice",
            value=["Tune-up"],
            value_id=[4],
            visible_to_staff_only=False,
            compulsory_on_complete=True,
        )
    ],
    messages_count=2,
    attachments_count=1,
    sla_breaches=0,
    unresponded=False,
    visible_only_staff=None,
    source="TKT_CREATION_API",
    created_at=_ASKED,
    last_user_reply_at=_ASKED,
    last_staff_reply_at=_ANSWERED,
    last_updated_at=_ANSWERED,
    last_modified=_ANSWERED,
    merged_tickets=[],
    merged_to=None,
    jira_issue_id=None,
    updates=[_OPENING, _REPLY],
)
_PAGE_INFO = shapes.PageInfo(count=1, start_index=1, end_index=1, last_index=1, page_count=1, next=None, total=1)

_TYPE_NAME = shapes.AssetTypeName(id=2, name="Cargo bike")
ASSET_TYPE = shapes.AssetType(
    id=2,
    name="Cargo bike",
    description="Bicycles of fleets that we maintain.",
    settings=shapes.AssetSettings(
        enable_ticket_association=True, enable_contact_association=True, enable_asset_quantity_for_ticket=False
    ),
)
ASSET_FIELD = shapes.AssetField(
    id=23,
    name="Motor",
    type="dropdown",
    asset_type=_TYPE_NAME,
    choices=[shapes.AssetChoice(id=5, text="Voltkern Mid"), shapes.AssetChoice(id=6, text="None")],
)
ASSET = shapes.Asset(
    id=659,
    name="Cargo bike 4",
    display_id="CB-004",
    asset_type=_TYPE_NAME,
    contacts=[shapes.LinkedContact(id=981, name="Noor Haddad", email="noor.haddad@example.org")],
    contact_groups=[shapes.LinkedGroup(id=12, name="Nordlicht Logistik")],
    custom_fields=[
        shapes.AssetFieldValue(id=21, name="Frame number", type="text", value="FR-2207", order=0),
        shapes.AssetFieldValue(id=23, name="Motor", type="dropdown", value=5, order=1),
        shapes.AssetFieldValue(id=24, name="Next inspection", type="date", value=None, order=2),
    ],
    created_by=7,
    updated_by=None,
    created_at=WireInstant("2026-03-09T08:41:17Z"),
    updated_at=WireInstant("2026-03-09T08:41:17Z"),
)
ARTICLE = shapes.Article(
    id=41,
    title="Checking brake pads",
    contents="<p>Look for the wear line.</p>",
    slug="checking-brake-pads",
    full_url="https://desk.example.org/kb/article/41-checking-brake-pads/",
    section_id=3,
    section_name="Maintenance",
    tags=["brakes"],
    language=shapes.Language(id=1, name="English", enabled=True, visible=True),
    views=12,
    last_updated_at=WireDateTime("2026-02-20 09:12:44"),
    attachments=[
        shapes.Attachment(
            id=12,
            filename="brake-pads.pdf",
            url="https://desk.example.org/attachments/kb/12/1773045955-b5l0Yx6pWm2cQe9TtUo1Aw/",
            size=90112,
            content_type="application/pdf",
            expires_at=WireDateTime("2026-03-09 08:45:55"),
        )
    ],
    related_articles=[
        shapes.RelatedArticle(
            id=42, title="Oiling the chain", full_url="https://desk.example.org/kb/article/42-oiling-the-chain/"
        )
    ],
)
SECTION = shapes.Section(
    id=3,
    name="Maintenance",
    description="What everybody can do at home.",
    parent_section_id=None,
    parent_section_name=None,
    categories=[CATEGORY],
    articles=[ARTICLE],
)
WEBHOOK = shapes.Webhook(
    id=2,
    name="hooks.example.org",
    url="https://hooks.example.org/desk",
    events=["ticket.created", "ticket.updated"],
    categories=[12],
    active=True,
    off_because="",
    failing_since=None,
    show_cf_changes=False,
    envelope=False,
    signature_encoding="hex",
    created_at=WireDateTime("2026-02-20 09:12:44"),
)
MAILBOX = shapes.Mailbox(
    id=1,
    name="support",
    address="support@example.org",
    category=12,
    active=True,
    fetched=True,
    last_success_at=_ANSWERED,
    lag_seconds=12,
    failing_since=None,
    last_error="",
    credentials_expire_at=WireDateTime("2027-06-30 00:00:00"),
    waiting=0,
    held=2,
    failed=0,
    folders=[shapes.MailboxFolder(name="INBOX", server_count=4127, our_count=4127, checked_at=_ANSWERED)],
)
DELIVERY = shapes.WebhookDelivery(
    id=318,
    delivery_id="3f7e0c1a-6e0b-5c39-9f6e-0d9a3f5b7c21",
    event="ticket.updated",
    ticket=4127,
    update_id=20411,
    state="waiting",
    attempts=1,
    created_at=_ANSWERED,
    next_try_at=WireDateTime("2026-03-09 09:21:06"),
    ended_at=None,
    last_status=503,
    last_error="The receiver answered 503.",
)
RECEIVED_MAIL = shapes.ReceivedMail(
    id=5120,
    mailbox="support",
    received_at=_ASKED,
    sender="noor.haddad@example.org",
    subject="Re: Brake cable frayed [#RW00004127]",
    message_id="b1f7@mail.example.org",
    size=18244,
    state="held",
    reason="It was sent to the reply address of ticket #RW00004127, and is forged. "
    "mx.rollwerk.example says: this mail is not from example.org (dmarc=fail).",
    error="",
    verdict=shapes.MailVerdict(
        result="fail",
        reason="mx.rollwerk.example says: this mail is not from example.org (dmarc=fail).",
        server="mx.rollwerk.example",
        dmarc="fail",
        dkim="none",
        spf="softfail",
    ),
    ticket_id=None,
    update_id=None,
    suggested_ticket_id=4127,
)
_WEBHOOK_REQUEST = shapes.WebhookRequest(
    started_at=_ANSWERED,
    duration_ms=184,
    headers=[shapes.Header(name="X-Webhook-Event", value="ticket.updated")],
    body_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    body_bytes=3411,
    response_status=503,
    response_headers=[shapes.Header(name="Content-Type", value="text/plain")],
    response_body="Back in a minute",
    error="The receiver answered 503.",
)

REVISION = shapes.Revision(
    update_id=20951,
    kind="edited",
    timestamp=WireDateTime("2026-03-09 09:31:40"),
    by=shapes.By(type="staff", id=7, name="Priya Raman", email="priya@rollwerk.example"),
    message=shapes.RevisedMessage(
        text="The shifter cable was too long. Please try it again on a hill.",
        html="<p>The shifter cable was too long. Please try it again on a hill.</p>",
        subject="",
        cc_list="",
        bcc_list="",
        forward_list=None,
        message_type=None,
        attachments=[
            shapes.RevisionFile(
                id=640,
                filename="hub.jpg",
                content_type="image/jpeg",
                size=184220,
                sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            )
        ],
    ),
)


def _shares(after: float, within: float, first: float) -> list[str]:
    return [
        f"{after}% responded after 24 hours",
        f"{within}% responded within 24 hours",
        f"{first}% responded within first 2 hours",
    ]


_REPORT_PAGE = {"start_index": 1, "end_index": 1, "last_index": 1, "page_count": 1}

# By the shape of the answer, as the table of operations names it.
_ANSWERS: dict[Any, Any] = {
    shapes.Ticket: TICKET,
    shapes.TicketPage: shapes.TicketPage(page_info=_PAGE_INFO, data=[TICKET]),
    shapes.RevisionPage: shapes.RevisionPage(page_info=_PAGE_INFO, data=[REVISION]),
    shapes.ChangePage: shapes.ChangePage(
        data=[
            shapes.TicketChange(
                id=20934, ticket_id=4127, display_id="#RW00004127", ticket_deleted=False, update=_REPLY
            ),
            shapes.TicketChange(id=20935, ticket_id=4098, display_id="#RW00004098", ticket_deleted=True, update=None),
        ],
        next=20935,
        more=False,
    ),
    shapes.DeletedTicketPage: shapes.DeletedTicketPage(
        data=[shapes.DeletedTicket(id=4098, display_id="#RW00004098", deleted_at=_ANSWERED, update_id=20951)],
        next=20951,
        more=False,
    ),
    shapes.Contact: CONTACT,
    shapes.ContactPage: shapes.ContactPage(page_info=_PAGE_INFO, data=[CONTACT]),
    list[shapes.SavedContact]: [
        shapes.SavedContact(index=0, success=True, email="noor.haddad@example.org", id=981),
        shapes.SavedContact(
            index=1,
            success=False,
            email="no-at-sign",
            error=[shapes.FieldError(field="email", errors=["Enter a valid email address."])],
        ),
    ],
    shapes.Group: GROUP,
    list[shapes.GroupSummary]: [
        shapes.GroupSummary(
            id=GROUP.id, name=GROUP.name, description=GROUP.description, tagged_domains=GROUP.tagged_domains
        )
    ],
    list[shapes.SavedMember]: [
        shapes.SavedMember(success=True, data=shapes.Membership(contact=981, access_tickets=True)),
        shapes.SavedMember(success=False, errors=[_UNKNOWN_CONTACT]),
    ],
    list[shapes.RemovedMember]: [
        shapes.RemovedMember(
            success=True, data=shapes.RemovedContact(contact=981, message="Successfully removed contact from group")
        ),
        shapes.RemovedMember(
            success=False, data=shapes.RemovedContact(contact=982, message="Contact not part of the contact group")
        ),
    ],
    shapes.Category: CATEGORY,
    shapes.Status: STATUS,
    shapes.Priority: PRIORITY,
    shapes.Staff: STAFF,
    shapes.TicketField: TICKET_FIELD,
    shapes.ContactField: CONTACT_FIELD,
    shapes.AttachmentDetails: shapes.AttachmentDetails(
        id=640,
        filename="hub.jpg",
        url="https://desk.example.org/attachments/640/1773045955-b5l0Yx6pWm2cQe9TtUo1Aw/",
        size=184220,
        content_type="image/jpeg",
        expires_at=WireDateTime("2026-03-09 08:45:55"),
        ticket_id=4127,
        update_id=20911,
    ),
    shapes.Me: shapes.Me(
        name="Dashboard in the workshop",
        read_only=True,
        categories=[12],
        staff=None,
        limits=shapes.Limits(
            reads_per_minute=500, writes_per_minute=300, body_bytes=10_485_760, attachments_bytes=26_214_400
        ),
        version="0.1.0",
        now=WireDateTime("2026-03-09 08:41:17"),
    ),
    shapes.InlineAttachment: shapes.InlineAttachment(
        url="https://desk.example.org/get_hdp_temporarily_attachment/417025512280914533/"
    ),
    list[shapes.CreatedTicket]: [
        shapes.CreatedTicket(index=0, success=True, id=4127, display_id="#RW00004127"),
        shapes.CreatedTicket(
            index=1, success=False, error=[shapes.FieldError(field="subject", errors=["This field is required."])]
        ),
    ],
    list[shapes.Category]: [CATEGORY],
    list[shapes.Status]: [STATUS],
    list[shapes.Priority]: [PRIORITY],
    list[shapes.Staff]: [STAFF],
    list[shapes.TicketField]: [TICKET_FIELD],
    list[shapes.ContactField]: [CONTACT_FIELD],
    shapes.Done: shapes.Done(message="Jonas Beck unsubscribed"),
    shapes.Moved: shapes.Moved(status_code=200, message="moved ticket to Bike leasing"),
    shapes.Deleted: shapes.Deleted(deleted_ticket="#RW00004127"),
    shapes.ReportPage: shapes.ReportPage(
        rows=[shapes.Report(id=7, name="Brakes this month", description="For the Monday meeting.")], **_REPORT_PAGE
    ),
    shapes.ReportSummary: shapes.ReportSummary(
        ticket_count=42, completed_count=30, pending_count=12, assigned_count=35, unassigned_count=7
    ),
    shapes.ReportTicketPage: shapes.ReportTicketPage(
        rows=[
            shapes.ReportTicket(
                id=4127,
                display_id="#RW00004127",
                subject="Brake cable frayed",
                status_id=STATUS.id,
                status_name=STATUS.name,
                assignee=STAFF.name,
                due_date="20 Mar 2026",
            )
        ],
        sort_key="duedate",
        sort_order="a",
        **_REPORT_PAGE,
    ),
    list[shapes.ResponseStats]: [
        shapes.ResponseStats(avg=avg, unit="Responses", **{name: _shares(*percents)})
        for name, avg, percents in (
            ("average_first_response_time", 5400, (12.5, 25.0, 62.5)),
            ("average_response_time", 7260, (10.0, 30.0, 60.0)),
            ("average_no_of_replies", 2, (33.33, 16.67, 50.0)),
            ("average_no_of_response_to_completed_state", 1, (50.0, 50.0, 0.0)),
        )
    ],
    shapes.StaffPerformancePage: shapes.StaffPerformancePage(
        staff_performance=[
            shapes.StaffPerformance(
                staff_id=STAFF.id,
                name=STAFF.name,
                average_first_response_time=2378.5,
                average_response_time=3012.25,
                average_no_of_responses=1.5,
                average_no_of_responses_for_completion=2.0,
                average_time_to_ticket_complete=86400,
                average_time_spent=12.5,
            )
        ],
        sort_key="name",
        sort_order="a",
        **_REPORT_PAGE,
    ),
    shapes.StaffActivityPage: shapes.StaffActivityPage(
        staff_activity=[
            shapes.StaffActivity(
                staff_id=STAFF.id,
                name=STAFF.name,
                assigned=12,
                completed=9,
                pending=3,
                participated=15,
                no_of_replies=22,
                private_notes=4,
                time_spent=185,
            )
        ],
        sort_key="name",
        sort_order="a",
        **_REPORT_PAGE,
    ),
    shapes.ContactActivityPage: shapes.ContactActivityPage(
        customer_activity=[
            shapes.ContactActivity(
                contact_id=CONTACT.id,
                name=CONTACT.name,
                email=CONTACT.email,
                no_of_tickets=2,
                completed_tickets=1,
                pending_tickets=1,
                no_of_replies=3,
                time_spent=45,
            )
        ],
        sort_key="name",
        sort_order="a",
        **_REPORT_PAGE,
    ),
    list[shapes.SlaEntry]: [
        shapes.SlaEntry(
            name="First answer in two hours", target=90, achieved=93.75, ticketsChecked=16, ticketsBreached=1
        )
    ],
    shapes.Asset: ASSET,
    shapes.AssetPage: shapes.AssetPage(page_info=_PAGE_INFO, data=[ASSET]),
    shapes.AssetType: ASSET_TYPE,
    shapes.AssetTypePage: shapes.AssetTypePage(page_info=_PAGE_INFO, data=[ASSET_TYPE]),
    shapes.AssetField: ASSET_FIELD,
    shapes.AssetFieldPage: shapes.AssetFieldPage(page_info=_PAGE_INFO, data=[ASSET_FIELD]),
    shapes.DeletedAsset: shapes.DeletedAsset(message="Asset deleted", id=659),
    shapes.Article: ARTICLE,
    shapes.Section: SECTION,
    list[shapes.Article]: [ARTICLE],
    list[shapes.Section]: [SECTION],
    list[shapes.Webhook]: [WEBHOOK],
    list[shapes.Mailbox]: [MAILBOX],
    shapes.WebhookDelivery: DELIVERY,
    shapes.WebhookDeliveryPage: shapes.WebhookDeliveryPage(data=[DELIVERY], next=318),
    shapes.WebhookDeliveryLog: shapes.WebhookDeliveryLog(
        **msgspec.structs.asdict(DELIVERY), requests=[_WEBHOOK_REQUEST]
    ),
    shapes.ReceivedMail: RECEIVED_MAIL,
    shapes.ReceivedMailPage: shapes.ReceivedMailPage(data=[RECEIVED_MAIL], next=None),
    shapes.ReceivedMailDetails: shapes.ReceivedMailDetails(
        **msgspec.structs.asdict(RECEIVED_MAIL),
        headers=[shapes.MailHeader(name="From", value="Noor Haddad <noor.haddad@example.org>")],
        problems=[],
    ),
    shapes.AssetErrors: shapes.AssetErrors(
        error={
            "display_id": ["This field is required."],
            "contact_ids": "Enter a list of values.",
            "custom_fields": {"23": "Provide a valid choice. 9 is not one of the available choices."},
        }
    ),
    shapes.ErrorList: shapes.ErrorList(
        error=[
            shapes.FieldError(field="category", errors=["This field is required."]),
            shapes.FieldError(field="t-cf-8", errors=["This field is required"]),
        ]
    ),
    shapes.ErrorMap: shapes.ErrorMap(
        error={"t-cf-9": "This field should be filled before marking this ticket as completed"}
    ),
    shapes.ErrorText: shapes.ErrorText(error="Nothing to update"),
}


def of(shape: Any) -> Any:
    """The example answer of a shape, as plain values."""
    return msgspec.to_builtins(_ANSWERS[shape], enc_hook=str)
