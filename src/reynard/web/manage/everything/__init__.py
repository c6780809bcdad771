"""All that is set up once, through Django's admin at `/manage/all/`, for account admins.

Each model saves through an action of the desk. A form tries its action out, and leaves nothing behind, before it
counts as valid: so what the action refuses is said beside the fields, and the rules stand in one place.
"""

from reynard.web.manage.everything import custom_fields, mails, people, promises, tickets
from reynard.web.manage.everything.base import site

__all__ = ["custom_fields", "mails", "people", "promises", "site", "tickets"]
