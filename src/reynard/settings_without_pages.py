"""The settings of a process that serves no pages and ends soon: without what pages need, which takes time to load."""

import logging.config

from reynard.settings import *  # noqa: F403
from reynard.settings import LOGGING

INSTALLED_APPS = ["reynard.desk", "reynard.ops"]
MIDDLEWARE = []
LOGGING_CONFIG = None  # Django would set its own handlers up first, one of which writes mails and renders pages
logging.config.dictConfig(LOGGING)
