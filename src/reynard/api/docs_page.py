"""The API's description over HTTP: as the OpenAPI document, and as a page for people made from that same document.

Both are public, hold nothing of the desk but its address, and are made once per process. The page has no script.
"""

import base64
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template import Context, Engine
from django.utils.safestring import SafeString

from reynard.api import openapi
from reynard.api.operations import Json

# --- over HTTP


def document(request: HttpRequest) -> HttpResponse:
    return _respond(request, openapi.encoded(_base_url(request)), "application/json; charset=utf-8")


def page(request: HttpRequest) -> HttpResponse:
    body, style_hash = _page()
    content = body.replace(openapi.BASE_URL.encode(), escape(_base_url(request)).encode())
    response = _respond(request, content, "text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return response


def _base_url(request: HttpRequest) -> str:
    return settings.REYNARD_BASE_URL or f"{request.scheme}://{request.get_host()}"


def _respond(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        refusal = HttpResponse("Only GET is possible here.\n", status=405, content_type="text/plain; charset=utf-8")
        refusal.headers["Allow"] = "GET, HEAD"
        return refusal
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    response: HttpResponse
    if known & {etag, "*"}:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@lru_cache(maxsize=1)
def _page() -> tuple[bytes, str]:
    """The page of a desk at openapi.BASE_URL, and the hash of its style for the content security policy."""
    source = resources.files("reynard.api").joinpath("templates/api_docs.html").read_text(encoding="utf-8")
    html = Engine().from_string(source).render(Context(_view(openapi.document())))
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = sha256(style[1].encode()).digest()
    return html.encode(), base64.b64encode(digest).decode()


# --- what the page says


def _view(document: Json) -> Json:
    """The document as the template needs it: resolved, in reading order, texts as HTML."""
    reader = _Reader(document)
    groups = [
        {
            "name": tag["name"],
            "anchor": _anchor(tag["name"]),
            "text": markdown(tag["description"]),
            "operations": [operation for operation in reader.operations() if operation["tag"] == tag["name"]],
        }
        for tag in document["tags"]
    ]
    introduction, chapters = _chapters(document["info"]["description"])
    return {
        "info": document["info"],
        "base_url": openapi.BASE_URL,
        "introduction": introduction,
        "chapters": chapters,
        "groups": groups,
        "shapes": [reader.shape(name) for name in document["components"]["schemas"]],
    }


# Answers every operation may give, told once.
_EVERYWHERE = {f"#/components/responses/{name}" for name in ("BadAddress", "Unauthorized", "NoSuchFormat", "Throttled")}


class _Reader:
    """Reads one document."""

    def __init__(self, document: Json) -> None:
        self.root = document

    def resolve(self, node: Json) -> Json:
        while "$ref" in node:
            found: Any = self.root
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def operations(self) -> Iterable[Json]:
        for path, item in self.root["paths"].items():
            for method in ("get", "post", "put", "delete"):
                if method in item:
                    yield self._operation(method.upper(), path, item, item[method])

    def _operation(self, method: str, path: str, item: Json, operation: Json) -> Json:
        parameters = [self.resolve(parameter) for parameter in operation.get("parameters", ())]
        samples = operation.get("x-codeSamples", ())
        ok = operation["responses"]["200"]
        return {
            "id": operation["operationId"],
            "method": method,
            "path": _shown_path(path if "servers" in item else f"/api/1.1{path}"),
            "tag": operation["tags"][0],
            "summary": operation["summary"],
            "deprecated": operation.get("deprecated", False),
            "text": markdown(operation.get("description", "")),
            "parameters": [
                self._parameter(parameter)
                for parameter in parameters
                if parameter["in"] != "header" and parameter["name"] != "format"  # told once, at the top
            ],
            "headers": [self._parameter(parameter) for parameter in parameters if parameter["in"] == "header"],
            "body": self._body(operation.get("requestBody")),
            "responses": [
                self._response(status, found)
                for status, found in operation["responses"].items()
                if found.get("$ref") not in _EVERYWHERE
            ],
            "everywhere": any(found.get("$ref") in _EVERYWHERE for found in operation["responses"].values()),
            "curl": _breakable(samples[0]["source"]) if samples else "",
            "example": self._example(ok),
            "answer_fields": self._answer_fields(ok),
        }

    def _parameter(self, parameter: Json) -> Json:
        schema = parameter["schema"]
        return {
            "name": parameter["name"],
            "required": parameter.get("required", False) and parameter["in"] != "path",
            "type": self.type(schema),
            "text": markdown(parameter["description"]),
            "notes": _notes(schema),
        }

    def _body(self, body: Json | None) -> Json | None:
        if body is None:
            return None
        types = list(body["content"])
        schema = body["content"][types[0]]["schema"]
        schema = self.resolve(schema.get("anyOf", [schema])[0])
        rows = self._fields(schema)
        for key in schema.get("patternProperties", ()):
            prefix = key.lstrip("^").partition("-[")[0]
            field = {"t-cf": "ticket", "a-cf": "asset"}.get(prefix, "contact")
            more = " (another spelling)" if prefix == "ccf" else ""
            rows.append(
                {
                    "name": f"{prefix}-<id>",
                    "type": self.type({"$ref": "#/components/schemas/CustomValue"}),
                    "text": markdown(f"The custom field of the {field} with this id{more}."),
                }
            )
        with_files = body["content"]["multipart/form-data"]["schema"]
        if "allOf" in with_files:
            files = with_files["allOf"][1]["properties"]["attachments"]
            rows.append(
                {"name": "attachments", "type": "files", "text": markdown(f"Multipart only. {files['description']}")}
            )
        return {
            "fields": rows,
            "types": types,
            "groups": [[choice["required"][0] for choice in group["anyOf"]] for group in schema.get("allOf", ())],
        }

    def _response(self, status: str, found: Json) -> Json:
        response = self.resolve(found)
        types = list(response.get("content", {}))
        schema = response["content"][types[0]]["schema"] if types else None
        return {
            "status": status,
            "ok": status.startswith("2"),
            "text": markdown(response["description"]),
            "type": self.type(schema) if schema and "$ref" in str(schema) else "",
        }

    def _example(self, response: Json) -> str:
        content = response["content"].get("application/json", {})
        return highlighted_json(content["example"]) if "example" in content else SafeString("")

    def _answer_fields(self, response: Json) -> Json | None:
        """The fields of what is answered, or of one element of it."""
        schema = response["content"].get("application/json", {}).get("schema", {})
        schema = schema.get("anyOf", [schema])[0]
        element = self.resolve(schema.get("items", schema))
        if "items" in element.get("properties", {}).get("data", {}):
            element = self.resolve(element["properties"]["data"]["items"])
        if "properties" not in element:
            return None
        return {"name": element["title"], "fields": self._fields(element)}

    def shape(self, name: str) -> Json:
        schema = self.root["components"]["schemas"][name]
        partial = name.startswith("Partial")  # the fields of another shape, none of them required
        return {
            "name": name,
            "text": markdown(schema.get("description", "")),
            "type": "" if "properties" in schema else self.type(schema),
            "notes": _notes(schema),
            "fields": [] if partial else self._fields(schema),
        }

    def _fields(self, schema: Json) -> list[Json]:
        required = schema.get("required", ())
        return [
            {
                "name": name,
                "required": name in required,
                "type": self.type(field),
                "text": markdown(field.get("description") or self.resolve(field).get("description", "")),
                "notes": _notes(field),
            }
            for name, field in schema.get("properties", {}).items()
        ]

    def type(self, schema: Json) -> SafeString:
        """A schema in words, shapes as links."""
        return SafeString(self._type(schema))

    def _type(self, schema: Json) -> str:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f'<a href="#shape-{name}">{name}</a>'
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._type(choice) for choice in schema["anyOf"]))
        if "enum" in schema:
            return "one of " + ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
        if schema.get("type") == "array":
            return f"list of {self._type(schema['items'])}"
        if isinstance(schema.get("type"), list):
            return " or ".join(schema["type"])
        if schema.get("type") == "object" and "additionalProperties" in schema:
            return "object"
        return str(schema.get("type", "anything"))


def _notes(schema: Json) -> str:
    """Limits of a value, in a few words."""
    words = []
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None and high < 10**9:
        words.append(f"{low:,} to {high:,}")
    elif low is not None and low > 1:
        words.append(f"at least {low:,}")
    if schema.get("maxLength"):
        words.append(f"at most {schema['maxLength']:,} characters")
    if "default" in schema:
        words.append(f"default {msgspec.json.encode(schema['default']).decode().strip(chr(34))}")
    return ", ".join(words)


# --- texts as HTML


def markdown(text: str) -> SafeString:
    """The little Markdown our descriptions use: paragraphs, lists, `code` and **strong**."""
    html = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if block.startswith("- "):
            items = re.split(r"\n- ", block[2:])
            html.append("<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>")
        elif "\n- " in block:
            head, _, rest = block.partition("\n- ")
            html += [f"<p>{_inline(head)}</p>", markdown("- " + rest)]
        elif block:
            html.append(f"<p>{_inline(block)}</p>")
    return SafeString("\n".join(html))


def _inline(text: str) -> str:
    html = escape(" ".join(text.split()), quote=False)
    html = re.sub(r"`([^`]+)`", _code, html)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", html)


def _code(found: re.Match[str]) -> str:
    """Code; what is short stays on one line."""
    kind = ' class="short"' if len(found[1]) <= 28 else ""
    return f"<code{kind}>{found[1]}</code>"


def _chapters(description: str) -> tuple[str, list[Json]]:
    introduction, *rest = re.split(r"^## ", description, flags=re.MULTILINE)
    chapters = []
    for chapter in rest:
        title, _, text = chapter.partition("\n")
        chapters.append({"title": title, "anchor": _anchor(title), "text": markdown(text)})
    return markdown(introduction), chapters


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _shown_path(path: str) -> SafeString:
    """Places stand out, and long paths may break after a slash."""
    return SafeString(re.sub(r"\{(\w+)\}", r"<var>{\1}</var>", _breakable(path)))


def _breakable(text: str) -> SafeString:
    """Addresses in it break after a slash or a parameter, rather than anywhere."""
    return SafeString(re.sub(r"(?<=\w)(/|&amp;)(?=.)", r"\1<wbr>", escape(text, quote=False)))


_TOKEN = re.compile(r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>\b(?:true|false|null)\b)')


def highlighted_json(value: Any) -> SafeString:
    text = openapi.readable(value)
    parts, end = [], 0
    for token in _TOKEN.finditer(text):
        parts.append(escape(text[end : token.start()], quote=False))
        parts.append(f'<span class="j-{token.lastgroup}">{escape(token[0], quote=False)}</span>')
        end = token.end()
    parts.append(escape(text[end:], quote=False))
    return SafeString("".join(parts))
