"""Runs Regorus in a process of its own; `embedded.py` starts it, by its path.

Regorus lets no other thread run while it evaluates, not even one that handles Ctrl-C, and a value
that is nested too deeply ends its whole process. Here that process is this one.

A message is eight bytes with the length of what follows. The first that arrives is JSON,
`{"sys_path": […], "policies": [[source, text, package], …], "answer_bytes": …}`, and is answered by
`{"loading": [message, source] | null, "compiling": [[message, package], …]}`. Each further one is
the name of a package, a zero byte and a request. It is answered by `A` and the answer as JSON, by
`E` and an error's message, or by `L` and the length of an answer longer than `answer_bytes`.

Regorus evaluates every package that `data.lakewarden.tables[…]` might mean, so that an error in one
policy is an error of each. Where a package is named, no other policy is there.
"""

import json
import sys
from typing import Any, BinaryIO

_RULE = "data.lakewarden.main.decisions"
_POLICIES = "lakewarden.tables."
_LENGTH_BYTES = 8


def receive(stream: BinaryIO) -> bytes | None:
    """Return the next message, or None at the end."""
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "big")
    message = stream.read(size)
    return message if len(message) == size else None


def send(stream: BinaryIO, *parts: bytes) -> None:
    """Send a message."""
    stream.write(sum(map(len, parts)).to_bytes(_LENGTH_BYTES, "big"))
    stream.writelines(parts)
    stream.flush()


def _load(engine: Any, policies: list[tuple[str, str, str]]) -> dict[str, Any]:  # noqa: ANN401 -- Regorus ships no types
    """Load the policies and evaluate everything about an empty input, which compiles everything."""
    for source, text, _ in policies:
        try:
            engine.add_policy(source, text)
        except RuntimeError as error:
            return {"loading": [str(error), source], "compiling": []}
    engine.set_input_json("{}")
    errors = []
    for package in sorted({package for _, _, package in policies}):
        try:
            engine.eval_query_as_json(f"data.{package}")
        except RuntimeError as error:
            errors.append([str(error), package])
    return {"loading": None, "compiling": errors}


def _alone(regorus: Any, policies: list[tuple[str, str, str]], package: str) -> Any:  # noqa: ANN401 -- as above
    """Return an engine with one policy: its package, and the others that its text names."""
    text = "\n".join(text for _, text, each in policies if _belongs(each, package))
    engine = regorus.Engine()
    for source, module, each in policies:
        if not each.startswith(_POLICIES) or _belongs(each, package) or each in text:
            engine.add_policy(source, module)
    return engine


def _belongs(package: str, to: str) -> bool:
    return package == to or package.startswith(f"{to}.")


def _answer(engine: Any, request: bytes, longest: int) -> tuple[bytes, bytes]:  # noqa: ANN401 -- as above
    try:
        engine.set_input_json(request.decode())
        answer: bytes = engine.eval_rule_as_json(_RULE).encode()
    except (RuntimeError, UnicodeDecodeError) as error:
        return b"E", str(error).encode(errors="replace")
    return (b"L", str(len(answer)).encode()) if len(answer) > longest else (b"A", answer)


def main() -> None:
    """Serve until the other end closes."""
    with open(int(sys.argv[1]), "rb") as requests, open(int(sys.argv[2]), "wb") as answers:  # noqa: PTH123 -- descriptors
        first = receive(requests)
        if first is None:
            return
        start = json.loads(first)
        sys.path[:] = start["sys_path"]
        import regorus  # noqa: PLC0415 -- the path has just been set

        engine = regorus.Engine()
        send(answers, json.dumps(_load(engine, start["policies"])).encode())
        engines = {b"": engine}
        while (message := receive(requests)) is not None:
            package, _, request = message.partition(b"\0")
            if package not in engines:
                engines[package] = _alone(regorus, start["policies"], package.decode())
            send(answers, *_answer(engines[package], request, start["answer_bytes"]))


if __name__ == "__main__":
    main()
