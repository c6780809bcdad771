"""The folder of mails that others collected: MAIL_CORPUS, or `shared/mail-corpus` beside the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MAIL_CORPUS") or ROOT.parent / "shared/mail-corpus")
