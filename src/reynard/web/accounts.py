"""Signing in: django-allauth does it; here is what this desk says about it.

Staff are added by administrators (`reynard staff create`, set-up pages), so nobody signs up. An inactive member of
staff cannot sign in, and is signed out at their next request (web/access).
"""

import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reynard.desk import sealing

logger = logging.getLogger("reynard.accounts")


class LoginForm(AllauthLoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Keep me signed in on this computer")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR", ""))

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.REYNARD_DESK_NAME}: {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Never by the host that the request names: whoever asks for the mail would decide where its link leads."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "0", "key": "0"})
        return f"{settings.OWN_ORIGIN}{path.removesuffix('0-0/')}{key}/"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails name the desk as it calls itself, and its own address."""
        if not settings.OWN_ORIGIN and template_prefix in _WITH_LINKS:
            logger.error("A mail with a link was not sent: REYNARD_BASE_URL does not say where this desk is.")
            return
        site = SimpleNamespace(name=settings.REYNARD_DESK_NAME, domain=urlsplit(settings.OWN_ORIGIN).netloc)
        super().send_mail(template_prefix, email, {**context, "current_site": site})


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted by a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, _SECOND_FACTORS)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text, _SECOND_FACTORS)


_SECOND_FACTORS = "second factors"
_WITH_LINKS = {"account/email/password_reset_key", "account/email/unknown_account"}
