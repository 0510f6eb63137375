"""A collection for Postman (also read by Bruno, Insomnia and Hoppscotch), made from the OpenAPI document."""

import json
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from panelsim.api.samples import Operation, Schema, body_example, operations_of, places_of, query_of

FORM = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection_of(document: Schema) -> dict[str, Any]:
    """The collection, in form 2.1. Address and key are its variables `url` and `key`."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for operation in operations_of(document):
        tag = (operation.told.get("tags") or ["service"])[0]
        folders.setdefault(tag, []).append(_item(document, operation))
    info = document["info"]
    return {
        "info": {
            "_postman_id": str(uuid5(NAMESPACE_URL, f"panelsim {info['version']}")),
            "name": f"{info['title']} {info['version']}",
            "description": info.get("description", ""),
            "schema": FORM,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{key}}", "type": "string"}]},
        "variable": [
            {"key": "url", "value": "http://127.0.0.1:8000", "type": "string"},
            {"key": "key", "value": "", "type": "string"},
        ],
        "item": [{"name": tag, "item": items} for tag, items in folders.items()],
    }


def _item(document: Schema, operation: Operation) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": operation.method,
        "description": operation.told.get("description", ""),
        "header": [{"key": name, "value": value} for name, value in _headers(operation)],
        "url": _address(document, operation),
    }
    if not operation.needs_key:
        request["auth"] = {"type": "noauth"}
    body = body_example(document, operation)
    if operation.body is not None:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
        request["body"] = {"mode": "raw", "raw": text}
    return {"name": operation.told.get("summary", operation.id), "id": operation.id, "request": request}


def _headers(operation: Operation) -> list[tuple[str, str]]:
    found = []
    if operation.body is not None:
        found.append(("Content-Type", operation.body[0]))
    if operation.takes_key:
        found.append(("Idempotency-Key", "{{$guid}}"))
    return found


def _address(document: Schema, operation: Operation) -> dict[str, Any]:
    parts = operation.path.strip("/").split("/")
    path = [f":{part[1:-1]}" if part.startswith("{") else part for part in parts]
    told = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
    needed = query_of(document, operation)
    query = [
        {
            "key": name,
            "value": str(needed.get(name, "")),
            "description": one.get("description", ""),
            "disabled": name not in needed,
        }
        for name, one in told.items()
    ]
    variables = [{"key": name, "value": value} for name, value in places_of(document, operation).items()]
    return {
        "raw": "{{url}}/" + "/".join(path),
        "host": ["{{url}}"],
        "path": path,
        "query": query,
        "variable": variables,
    }
