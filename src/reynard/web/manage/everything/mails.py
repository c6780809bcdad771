"""Words of mails that are the operator's own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reynard.desk.actions import mail_templates
from reynard.desk.models import (
    MailTemplate,
)
from reynard.desk.rules import mail_templates as template_rules
from reynard.web.manage.everything.base import ActionAdmin, ActionForm, column, lines, site


class MailTemplateForm(ActionForm):
    NAMES = {"template": "text"}
    FIXED = ("kind",)

    kind = forms.ChoiceField(label=gettext_lazy("Mail"), choices=[(kind, kind) for kind in template_rules.DEFAULTS])
    text = forms.CharField(label=gettext_lazy("Words"), widget=lines(18), strip=False)

    class Meta:
        model = MailTemplate
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.initial.get("kind")
        if kind in template_rules.FIELDS:
            fields = ", ".join(f"{{{{{name}}}}}" for name in template_rules.FIELDS[kind])
            self.fields["text"].help_text = _("It may name: %(fields)s") % {"fields": fields}
            self.initial.setdefault("text", template_rules.DEFAULTS[kind])
        else:
            links = format_html_join(
                ", ", '<a class="linkish" href="?kind={}">{}</a>', ((k, k) for k in template_rules.FIELDS)
            )
            self.fields["kind"].help_text = format_html("{} {}", _("Begin with the default words of"), links)

    def act(self) -> str:
        mail_templates.set_template(self.cleaned_data["kind"], self.cleaned_data["text"].replace("\r\n", "\n"))
        return str(self.cleaned_data["kind"])


@admin.register(MailTemplate, site=site)
class MailTemplateAdmin(ActionAdmin):
    form = MailTemplateForm
    title = gettext_lazy("Words of mails that are your own")
    one = gettext_lazy("wording")
    list_display = (column("kind", gettext_lazy("Mail")),)
    ordering = ("kind",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return [template.kind for template in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: MailTemplate) -> None:
        mail_templates.reset_template(obj.kind)
