"""The access log: one line of JSON a request, and nothing by which people are known.

A line holds the time, method, path, status, bytes, seconds, and of a query its hash: neither
addresses, nor texts of queries or other parameters, nor header fields.
"""

import contextlib
import json
import sys
from datetime import UTC, datetime
from typing import TextIO

from starlette.requests import Request

from sarcoma_kg.serving.documents import query_hash

__all__ = ["Log"]

_LONGEST = 200


class Log:
    """Writes lines about requests.

    Args:
        out: Where to; None for nowhere.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out, self._failing = out, False

    def request(self, request: Request, status: int, size: int, seconds: float) -> None:
        """Write the line of a request.

        Args:
            request: The request.
            status: Status code of the answer.
            size: Bytes of its body.
            seconds: How long it took.
        """
        if self._out is None:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": request.method[:20], "path": request.scope["path"][:_LONGEST],
            "status": status, "bytes": size, "seconds": round(seconds, 4),
        }  # fmt: skip
        if query := getattr(request.state, "query", ""):
            line["query"] = query_hash(query)
        self._write(line)

    def event(self, words: str) -> None:
        """Write a line about the server itself."""
        self._write({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": words})

    def _write(self, line: dict[str, object]) -> None:
        if self._out is None:
            return
        try:
            # In ASCII, so that no character of a request ends a line or colours a terminal.
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()
            self._failing = False
        except ValueError:
            self._out = None  # somebody has closed it
        except OSError as error:
            # A full disk ends no answer; the next line is tried again.
            if not self._failing:
                said = f"the access log cannot be written: {error.strerror or error}"
                with contextlib.suppress(OSError):
                    sys.stderr.write(f"{said}; requests are answered all the same\n")
            self._failing = True
