"""What is served outside /api/1.1/, without credentials."""

from reynard.api.operations.operation import Json
from reynard.api.operations.parameters import PARAMETERS


def _plain(description: str, media_type: str = "text/plain") -> Json:
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def _image(description: str) -> Json:
    return {
        "description": description,
        "headers": {
            "Content-Disposition": {"description": "`inline`, with the file's name.", "schema": {"type": "string"}}
        },
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }


SERVICE: dict[str, Json] = {
    "/attachments/{id}/{expires}-{signature}/": {
        "get": {
            "operationId": "downloadAttachment",
            "tags": ["Service"],
            "summary": "Download a file",
            "description": (
                "The address stands in a message's `attachments`, signed and complete; take it as it is. It may be "
                "used several times until it ends, five minutes after the answer it stood in. The file always comes "
                "as a download and never runs as a page."
            ),
            "parameters": [PARAMETERS["attachment"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": {
                    "description": "The file. A type that a browser might run comes as `application/octet-stream`.",
                    "headers": {
                        "Content-Disposition": {
                            "description": "`attachment`, with the file's name.",
                            "schema": {"type": "string"},
                        }
                    },
                    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                },
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/attachments/{id}/inline/{expires}-{signature}/": {
        "get": {
            "operationId": "showAttachment",
            "tags": ["Service"],
            "summary": "Show an image in a message",
            "description": (
                "The address stands in the `src` of an image in a message's `html`, fresh in every answer. Only images "
                "that cannot run anything are shown in place; all else comes as a download."
            ),
            "parameters": [PARAMETERS["attachment"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": _image("The image."),
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/get_hdp_temporarily_attachment/{id}/": {
        "get": {
            "operationId": "showInlineAttachment",
            "tags": ["Service"],
            "summary": "Show an uploaded image",
            "description": "The address that the upload of an inline attachment was answered with.",
            "parameters": [PARAMETERS["upload"]],
            "responses": {"200": _image("The image."), "404": _plain("There is none, or its time is over.")},
        }
    },
    "/attachments/kb/{id}/{expires}-{signature}/": {
        "get": {
            "operationId": "downloadArticleAttachment",
            "tags": ["Service"],
            "summary": "Download a file of the knowledge base",
            "description": (
                "The address stands in an article's `attachments`, signed and complete; take it as it is. It may be "
                "used several times until it ends, five minutes after the answer it stood in. The file always comes "
                "as a download and never runs as a page."
            ),
            "parameters": [PARAMETERS["article_file"], PARAMETERS["expires"], PARAMETERS["signature"]],
            "responses": {
                "200": {
                    "description": "The file. A type that a browser might run comes as `application/octet-stream`.",
                    "headers": {
                        "Content-Disposition": {
                            "description": "`attachment`, with the file's name.",
                            "schema": {"type": "string"},
                        }
                    },
                    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                },
                "403": _plain("The address has ended, or is not one of the desk's."),
                "404": _plain("The file is gone."),
            },
        }
    },
    "/healthz": {
        "get": {
            "operationId": "health",
            "tags": ["Service"],
            "summary": "Ask whether the server can work",
            "description": "For load balancers and supervisors.",
            "responses": {"200": _plain("It can."), "503": _plain("It cannot; the text says why.")},
        }
    },
    "/metrics": {
        "get": {
            "operationId": "readMetrics",
            "tags": ["Service"],
            "summary": "Read what the desk has done",
            "description": "For Prometheus: to this machine, or with the token of `REYNARD_METRICS_TOKEN`.",
            "responses": {"200": _plain("Metrics."), "403": _plain("Not to this caller.")},
        }
    },
    "/api/openapi.json": {
        "get": {
            "operationId": "readDescription",
            "tags": ["Service"],
            "summary": "Read this document",
            "responses": {
                "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                }
            },
        }
    },
    "/api/docs": {
        "get": {
            "operationId": "readDescriptionAsPage",
            "tags": ["Service"],
            "summary": "Read this document as a page",
            "responses": {"200": _plain("The page.", "text/html")},
        }
    },
}
