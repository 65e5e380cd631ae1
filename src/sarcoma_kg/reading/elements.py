"""The members of a list in a JSON document, decoded one by one as its text arrives."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["members"]

_SPACE = " \t\r\n"


def members(
    chunks: Iterable[str], fail: Callable[[str, str, str], Exception]
) -> Iterator[tuple[int, Any]]:
    """Yield the members with their numbers, from 1.

    Args:
        chunks: The text in pieces.
        fail: Makes the error from place, message and hint.

    Raises:
        Exception: what `fail` makes, where the text is no list or no JSON.
    """
    decoder = json.JSONDecoder()
    buffer, number, begun = "", 0, False
    for chunk in itertools.chain(chunks, [""]):
        buffer = (buffer + chunk).lstrip(_SPACE)
        if not begun:
            if not buffer:
                continue
            if buffer[0] != "[":
                raise fail(
                    "", "the document is no list of objects",
                    "name where the rows are: table: {rows: data.records}; or format: jsonl",
                )  # fmt: skip
            buffer, begun = buffer[1:], True
        at = 0
        while True:
            while at < len(buffer) and buffer[at] in _SPACE + ",":
                at += 1
            if at >= len(buffer) or buffer[at] == "]":
                break
            try:
                one, end = decoder.raw_decode(buffer, at)
            except (ValueError, RecursionError) as error:
                if chunk and isinstance(error, ValueError):
                    break  # the rest of it comes
                raise fail(f"element {number + 1}", f"no JSON: {error}", "") from error
            if chunk and end == len(buffer):
                break  # a number may go on
            number, at = number + 1, end
            yield number, one
        buffer = buffer[at:]
    if begun and not buffer.startswith("]"):
        raise fail(f"element {number + 1}", "the list does not end", "is the file whole?")
