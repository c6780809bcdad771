"""The `reynard` command."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reynard.settings")
    from django.core.management import execute_from_command_line

    from reynard.environment import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"reynard: {error}")


if __name__ == "__main__":
    main()
