"""What error reporters and debuggers show of an object: attributes and containers."""


def everything_in(thing, depth=12, seen=None):
    """Walk through attributes and containers; Secret objects keep what they hold."""
    seen = set() if seen is None else seen
    if depth == 0 or id(thing) in seen:
        return ""
    seen.add(id(thing))
    if isinstance(thing, str | bytes | int | float | None):
        return str(thing)
    parts = [repr(thing)]
    if isinstance(thing, dict):
        parts += [everything_in(x, depth - 1, seen) for x in (*thing, *thing.values())]
    elif isinstance(thing, list | tuple | set):
        parts += [everything_in(x, depth - 1, seen) for x in thing]
    held = dict(getattr(thing, "__dict__", {}))
    for slot in getattr(type(thing), "__slots__", ()):
        held[slot] = getattr(thing, slot, None)
    module = type(thing).__module__.partition(".")[0]
    if module in {"httpx", "httpcore", "h11", "conn_core", "builtins"}:
        parts += [everything_in(x, depth - 1, seen) for x in held.values()]
    return " ".join(parts)
