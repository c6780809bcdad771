"""Whether this process can take work."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from reynard.desk.selectors import reference


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, 503 with a reason otherwise; no credentials."""
    try:
        reference.current()
    except (DatabaseError, IndexError) as error:
        return HttpResponse(
            f"The database is not ready: {type(error).__name__}\n", status=503, content_type="text/plain"
        )
    return HttpResponse("ok\n", content_type="text/plain")
