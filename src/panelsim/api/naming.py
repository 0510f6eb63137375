"""What operations are called in the Python client: a rule, so that documentation and client agree."""

from keyword import iskeyword

READING = ("get", "list", "stream")


def client_method(operation_id: str, path: str) -> str:
    """The client's method of an operation, such as `runs.cancel` for `cancel_run` below `/v1/runs`.

    The resource is the first part of the path. The method is the operation without the resource's own name;
    of what is read, also without the verb: `get_run_summary` is `runs.summary`.
    """
    parts = path.strip("/").split("/")
    first = parts[1] if parts[0] == "v1" else parts[0] if len(parts) > 1 else "service"
    resource = first.replace("-", "_")
    verb, *words = operation_id.split("_")
    rest = "_".join(words)
    for own in (resource, _singular(resource)):
        if rest == own or rest.startswith(f"{own}_"):
            rest = rest[len(own) + 1 :]
            break
    name = rest if rest and verb in READING else "_".join(part for part in (verb, rest) if part)
    return f"{resource}.{name}_" if iskeyword(name) else f"{resource}.{name}"


def _singular(word: str) -> str:
    return f"{word.removesuffix('ses')}sis" if word.endswith("heses") else word.removesuffix("s")
