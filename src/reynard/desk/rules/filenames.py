"""Names of files that people and programs send."""

FILENAME_LIMIT = 255  # characters


def clean_filename(name: str) -> str:
    """The last part of a name, without control characters, at most 255 characters with its ending kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip()
    if not printable.strip("."):
        return "attachment"
    stem, dot, ending = printable.rpartition(".")
    if len(printable) <= FILENAME_LIMIT or not dot or len(ending) > 20:
        return printable[:FILENAME_LIMIT]
    return stem[: FILENAME_LIMIT - len(ending) - 1] + dot + ending
