"""Every route, grouped by door. Both spellings of a path are served, with and without the last slash."""

from functools import partial

import allauth.account.views
from django.urls import URLPattern, include, path, re_path
from django.views.generic import RedirectView

from reynard.api import (
    assets,
    attachments,
    catalog,
    contact_groups,
    corrections,
    docs_page,
    feed,
    health,
    kb,
    keys,
    mailboxes,
    mails,
    metrics,
    people,
    reports,
    ticket_actions,
    tickets,
    webhooks,
)
from reynard.api.endpoint import View, endpoint, unknown
from reynard.desk.rules.inline_images import UPLOAD_PATH
from reynard.web import (
    account,
    bulk,
    canned_menu,
    elsewhere,
    errors,
    inbox,
    look,
    merging,
    new_ticket,
    sending,
    suggest,
    ticket,
)
from reynard.web import corrections as message_pages
from reynard.web import mails as message_mails
from reynard.web import splitting as message_moves
from reynard.web import ticket_actions as ticket_pages
from reynard.web.manage import canned_actions, everything, held, sections
from reynard.web.manage import keys as api_keys
from reynard.web.manage import mailboxes as mailbox_pages
from reynard.web.manage import webhooks as webhook_pages

_NUMBER = r"(?P<number>#?[A-Za-z]{0,8}[0-9]{1,30})"
_UPDATE = rf"ticket/{_NUMBER}/update/(?P<update_id>[0-9]{{1,18}})"
_ID = r"(?P<id>[0-9]{1,18})"
_DELIVERY = r"(?P<delivery>[0-9]{1,18})"
_EMAIL = r"(?P<email>[^/]*@[^/]*)"

_SIGNATURE = r"(?P<expires>\d{1,12})-(?P<signature>[\w-]{22})/?"
_SIGNED = f"{_ID}/{_SIGNATURE}"
_SIGNED_INLINE = f"{_ID}/inline/{_SIGNATURE}"


def _route(
    path: str,
    names: dict[str, str] | None = None,
    *,
    public_reads: bool = False,
    minds_categories: bool = False,
    **views: View,
) -> URLPattern:
    serve = endpoint(names=names, public_reads=public_reads, minds_categories=minds_categories, **views)
    return re_path(f"^{path}/?$", serve)


# For API keys that are limited to categories, too: they are refused everywhere else.
_scoped = partial(_route, minds_categories=True)


_ACTOR = {"staff": "staff_id"}
_SUBSCRIBERS = _ACTOR | {"others": "data"}
_FORWARD = _ACTOR | {
    "to_contact": "to_include_ticket_contact",
    "cc_contact": "cc_include_ticket_contact",
    "ticket_files": "ticket_attachments",
}
_CORRECTION = _ACTOR | {"update": "update_id", "remove_files": "remove_attachments"}
_MOVE = _ACTOR | {"category": "target_category_id", "assignee": "assign_to"}

api = [
    _scoped(f"ticket/{_NUMBER}", GET=tickets.read_ticket),
    _scoped("tickets", GET=tickets.list_tickets, POST=tickets.create_one_or_many, names={"contact": "client"}),
    _scoped("new_ticket", POST=tickets.create_ticket, names={"contact": "client"}),
    _scoped(f"ticket/{_NUMBER}/staff_update", POST=tickets.add_staff_update),
    _scoped(f"ticket/{_NUMBER}/staff_pvtnote", POST=tickets.add_private_note),
    _scoped(f"ticket/{_NUMBER}/user_reply", POST=tickets.add_user_reply, names={"contact": "user"}),
    _scoped(f"ticket/{_NUMBER}/update_custom_fields", POST=ticket_actions.update_custom_fields),
    _scoped(f"ticket/{_NUMBER}/update_tags", POST=ticket_actions.update_tags, names=_ACTOR),
    _scoped(f"ticket/{_NUMBER}/subscribe", POST=ticket_actions.subscribe, names=_SUBSCRIBERS),
    _scoped(f"ticket/{_NUMBER}/unsubscribe", POST=ticket_actions.unsubscribe, names=_ACTOR),
    _scoped(f"ticket/{_NUMBER}/forward", POST=ticket_actions.forward, names=_FORWARD),
    _scoped(f"ticket/{_NUMBER}/move", POST=ticket_actions.move, names=_MOVE),
    _scoped(f"ticket/{_NUMBER}/delete", POST=ticket_actions.delete, names=_ACTOR),
    _scoped(f"{_UPDATE}/edit", POST=corrections.edit, names=_CORRECTION),
    _scoped(f"{_UPDATE}/delete", POST=corrections.delete, names=_CORRECTION),
    _scoped(f"{_UPDATE}/make_private", POST=corrections.make_private, names=_CORRECTION),
    _scoped(f"{_UPDATE}/revisions", GET=corrections.list_revisions, names=_ACTOR),
    _scoped(f"{_UPDATE}/mail", GET=mails.read_of_update),
    _scoped("held_mails", GET=mails.list_waiting),
    _scoped(f"held_mail/{_ID}", GET=mails.read_waiting),
    _scoped(f"held_mail/{_ID}/release", POST=mails.release, names=_ACTOR | {"ticket": "ticket_id"}),
    _scoped(f"held_mail/{_ID}/ignore", POST=mails.ignore, names=_ACTOR),
    _scoped("ticket-inline-attachment", POST=attachments.upload),
    _scoped(f"attachment/{_ID}", GET=attachments.read),
    _scoped("changes", GET=feed.list_changes),
    _scoped("deleted_tickets", GET=feed.list_deleted_tickets),
    _scoped("users", GET=people.list_contacts, POST=people.save_one_or_many),
    _scoped(f"user/{_ID}", GET=people.read_contact, POST=people.edit_contact),
    _scoped(f"user/{_EMAIL}", GET=people.read_contact_by_email, POST=people.edit_contact_by_email),
    _scoped("contact_groups", GET=contact_groups.list_groups, POST=contact_groups.add_group),
    _scoped(f"contact_group/{_ID}", GET=contact_groups.read_group, POST=contact_groups.edit_group),
    _scoped(f"contact_group/{_ID}/update_contacts", POST=contact_groups.put_members),
    _scoped(f"contact_group/{_ID}/delete_contacts", POST=contact_groups.remove_members),
    _scoped("categories", GET=catalog.list_categories),
    _scoped(f"category/{_ID}", GET=catalog.read_category),
    _scoped("statuses", GET=catalog.list_statuses),
    _scoped(f"status/{_ID}", GET=catalog.read_status),
    _scoped("priorities", GET=catalog.list_priorities),
    _scoped(f"priority/{_ID}", GET=catalog.read_priority),
    _scoped("staff", GET=catalog.list_staff),
    _scoped(f"staff/{_ID}", GET=catalog.read_staff),
    _scoped(f"staff/{_EMAIL}", GET=catalog.read_staff_by_email),
    _scoped("ticket_custom_fields", GET=catalog.list_ticket_fields),
    _scoped(f"ticket_custom_field/{_ID}", GET=catalog.read_ticket_field, PUT=catalog.replace_choices),
    _scoped("user_custom_fields", GET=catalog.list_contact_fields),
    _scoped(f"user_custom_field/{_ID}", GET=catalog.read_contact_field),
    _scoped("reports", GET=reports.list_reports),
    _scoped(f"report/{_ID}", GET=reports.read_summary),
    _scoped(f"report/{_ID}/tabulardata", GET=reports.read_tickets),
    _scoped(f"report/{_ID}/tabularview", GET=reports.read_tickets),
    _scoped(f"report/{_ID}/responsestats", GET=reports.read_response_stats),
    _scoped(f"report/{_ID}/staffperformance", GET=reports.read_staff_performance),
    _scoped(f"report/{_ID}/staffactivity", GET=reports.read_staff_activity),
    _scoped(f"report/{_ID}/customeractivity", GET=reports.read_contact_activity),
    _scoped(f"report/{_ID}/slaentries", GET=reports.read_sla_entries),
    _scoped("assets", GET=assets.list_assets, POST=assets.create_asset),
    _scoped(f"asset/{_ID}", GET=assets.read_asset, PUT=assets.update_asset, DELETE=assets.delete_asset),
    _scoped("asset_custom_fields", GET=assets.list_fields),
    _scoped(f"asset_custom_fields/{_ID}", GET=assets.read_field),
    _scoped(f"asset_custom_field/{_ID}", GET=assets.read_field),
    _scoped("asset_types", GET=assets.list_types),
    _scoped(f"asset_type/{_ID}", GET=assets.read_type),
    _scoped("me", GET=keys.read_me),
    _scoped("kb/articles", GET=kb.list_articles, public_reads=True),
    _scoped("kb/internal-articles", GET=kb.list_internal_articles),
    _scoped("kb/sections", GET=kb.list_sections, public_reads=True),
    _scoped(f"kb/article/{_ID}", GET=kb.read_article, public_reads=True),
    _scoped(f"kb/section/{_ID}", GET=kb.read_section, public_reads=True),
    _route("mailboxes", GET=mailboxes.list_mailboxes),
    _route("webhooks", GET=webhooks.list_webhooks),
    _route(f"webhook/{_ID}/deliveries", GET=webhooks.list_deliveries),
    _route(f"webhook/{_ID}/delivery/{_DELIVERY}", GET=webhooks.read_delivery),
    _route(f"webhook/{_ID}/delivery/{_DELIVERY}/redeliver", POST=webhooks.redeliver),
]

_MESSAGE = "inbox/ticket/<int:number>/message/<int:update_id>"

pages = [
    path("", RedirectView.as_view(url="/inbox/")),
    path("inbox/", inbox.list_tickets, name="inbox"),
    path("inbox/new/", new_ticket.new_ticket),
    path("inbox/contacts/", new_ticket.suggest_contacts),
    path("inbox/suggest/", suggest.suggest),
    path("inbox/elsewhere/", elsewhere.read),
    path("inbox/preview/", sending.preview),
    path("inbox/bulk/", bulk.change),
    path("inbox/undo/", bulk.undo),
    path("inbox/run/", bulk.go_on),
    path("inbox/look/", look.choose),
    path("inbox/merge/", merging.merge),
    path("inbox/views/", inbox.views),
    path("inbox/views/<int:id>/", inbox.change_view),
    path("inbox/views/<int:id>/delete/", inbox.delete_view),
    path("inbox/ticket/<int:number>/", ticket.read_ticket, name="ticket"),
    path("inbox/ticket/<int:number>/news/", ticket.read_news),
    path("inbox/ticket/<int:number>/send/", sending.send),
    path("inbox/ticket/<int:number>/draft/", sending.keep_draft),
    path("inbox/ticket/<int:number>/withdraw/", sending.withdraw),
    path("inbox/ticket/<int:number>/send-now/", sending.send_now),
    path("inbox/ticket/<int:number>/canned/", canned_menu.choose),
    path("inbox/ticket/<int:number>/change/", ticket.change),
    path("inbox/ticket/<int:number>/forward/", ticket_pages.forward),
    path("inbox/ticket/<int:number>/subscribe/", ticket_pages.subscribe),
    path("inbox/ticket/<int:number>/unmerge/", merging.unmerge),
    path(f"{_MESSAGE}/", message_mails.read),
    path(f"{_MESSAGE}/raw/", message_mails.download),
    path(f"{_MESSAGE}/again/", message_mails.send_again),
    path(f"{_MESSAGE}/edit/", message_pages.edit),
    path(f"{_MESSAGE}/delete/", message_pages.delete),
    path(f"{_MESSAGE}/private/", message_pages.make_private),
    path(f"{_MESSAGE}/images/", ticket_pages.trust_images),
    path(f"{_MESSAGE}/split/", message_moves.split),
    path(f"{_MESSAGE}/move/", message_moves.move),
    path(f"{_MESSAGE}/earlier/", message_pages.read_earlier),
    path("inbox/file/<int:id>/", ticket.download),
    path("manage/", sections.start),
    path("manage/keys/", api_keys.list_and_create),
    path("manage/keys/<int:id>/disable/", api_keys.disable),
    path("manage/keys/<int:id>/enable/", api_keys.enable),
    path("manage/keys/<int:id>/revoke/", api_keys.revoke),
    path("manage/canned/", canned_actions.list_all),
    path("manage/canned/new/", canned_actions.create),
    path("manage/canned/<int:id>/", canned_actions.edit),
    path("manage/canned/<int:id>/delete/", canned_actions.delete),
    path("manage/webhooks/", webhook_pages.list_all),
    path("manage/webhooks/new/", webhook_pages.create),
    path("manage/webhooks/<int:id>/", webhook_pages.edit),
    path("manage/webhooks/<int:id>/switch/", webhook_pages.switch),
    path("manage/webhooks/<int:id>/delete/", webhook_pages.delete),
    path("manage/webhooks/<int:id>/deliveries/", webhook_pages.list_deliveries),
    path("manage/webhooks/<int:id>/deliveries/<int:delivery>/", webhook_pages.read_delivery),
    path("manage/webhooks/<int:id>/deliveries/<int:delivery>/again/", webhook_pages.send_again),
    path("manage/mailboxes/", mailbox_pages.list_all),
    path("manage/mailboxes/new/", mailbox_pages.create),
    path("manage/mailboxes/<int:id>/", mailbox_pages.edit),
    path("manage/mailboxes/<int:id>/switch/", mailbox_pages.switch),
    path("manage/held/", held.list_all),
    path("manage/held/<int:id>/", held.read),
    path("manage/held/<int:id>/raw/", held.download),
    path("manage/held/<int:id>/decide/", held.decide),
    path("manage/all/", everything.site.urls),
    path("account/", account.settings, name="account"),
    path("account/end-session/", account.end_session),
    path("account/email/", errors.not_found),  # instead of allauth's: account admins keep addresses, and add staff
    path("account/signup/", errors.not_found),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("account/sso/", include("allauth.socialaccount.urls")),
    path("login/", allauth.account.views.login, name="account_login"),
    path("logout/", allauth.account.views.logout, name="account_logout"),
]

handler403 = "reynard.web.errors.not_allowed"
handler404 = "reynard.web.errors.not_found"
handler500 = "reynard.web.errors.broken"

urlpatterns = [
    re_path(r"^api/1\.[01]/(?P<fmt>json|yaml|xml)/", include(api)),
    re_path(rf"^attachments/{_SIGNED}$", attachments.download),
    re_path(rf"^attachments/{_SIGNED_INLINE}$", attachments.download_inline),
    re_path(rf"^{UPLOAD_PATH}/{_ID}/?$", attachments.download_upload),
    re_path(rf"^attachments/kb/{_SIGNED}$", attachments.download_of_article),
    re_path(r"^healthz/?$", health.healthz),
    re_path(r"^metrics/?$", metrics.read_metrics),
    re_path(r"^api/openapi\.json/?$", docs_page.document),
    re_path(r"^api/docs/?$", docs_page.page),
    re_path(r"^api/(?P<path>(?s:.*))$", unknown),
    path("", include(pages)),
]
