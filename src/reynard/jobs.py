"""Every job of the worker, and how often it is done.

A job is a function that takes the present moment, does a bounded amount of work and returns whether there is more.
"""

import math
from functools import partial

from reynard.desk.actions import sla
from reynard.mail import fetching, inbound
from reynard.mail import sending as mail
from reynard.ops import housekeeping
from reynard.webhooks import sending as webhooks
from reynard.worker import Job

MINUTE = 60
HOUR = 60 * MINUTE

JOBS = (
    Job("mail out, first line", 1, mail.send_due),
    Job("mail out, second line", 1, mail.send_due),
    Job("mail in", 1, inbound.take_due, limit_seconds=inbound.LIMIT_SECONDS),
    Job("mailboxes", 2, fetching.fetch_due, limit_seconds=math.inf),  # each step has its own limit
    Job("webhooks", 0.5, webhooks.send_due),
    Job("promised times", 5, partial(sla.advance_due, limit=5_000)),
    Job("late deliveries", 10 * MINUTE, housekeeping.give_up_late_deliveries),
    Job("warnings", 10 * MINUTE, housekeeping.warn_of_given_up_deliveries),
    Job("old answers", HOUR, housekeeping.forget_answers),
    Job("old sessions", HOUR, housekeeping.forget_sessions),
    Job("old uploads", HOUR, housekeeping.forget_uploads),
    Job("old deliveries", HOUR, housekeeping.forget_deliveries),
    Job("old webhook deliveries", HOUR, housekeeping.forget_webhook_deliveries),
    Job("unused files", HOUR, housekeeping.remove_unused_files),
)
