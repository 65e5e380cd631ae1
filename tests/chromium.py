"""Chromium as a person has it, driven through the pipe of its DevTools protocol.

The protocol (https://chromedevtools.github.io/devtools-protocol/) over a pipe takes nothing but the
browser: no driver program, no port, no library. All names but loopback addresses lead nowhere.
"""

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests import machine

__all__ = ["MISSING", "Browser", "dumped", "found"]

MISSING = "needs Chromium (Debian: chromium)"
#: Nothing but loopback can be reached, and the browser asks nothing of its makers.
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
Message = dict[str, Any]


def found() -> str | None:
    """Return where Chromium is; None without it."""
    return machine.program("chromium", "chromium-browser", "google-chrome")


def dumped(address: str, profile: Path, *flags: str, budget: int = 5000) -> str:
    """Return a page as it stands after so many milliseconds of its own time.

    Args:
        address: Of the page; names lead nowhere here too.
        profile: A folder for what the browser keeps.
        flags: More of its options.
        budget: Milliseconds.
    """
    program = found()
    assert program, MISSING
    done = subprocess.run(
        [program, *_FLAGS, "--dump-dom", f"--user-data-dir={profile}",
         f"--virtual-time-budget={budget}", *flags, address],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


class Browser:
    """A browser with one page.

    Args:
        program: Where Chromium is.

    Attributes:
        errors: What the console calls an error, and what no script caught.
        requests: Addresses that pages asked for.
    """

    def __init__(self, program: str) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._loaded = False
        self._number = 0
        self._bytes = b""
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()

        def ends() -> None:
            # The protocol reads from 3 and writes to 4; moved away first, lest one be the other.
            ends = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self._process = subprocess.Popen(
            [program, *_FLAGS, "--remote-debugging-pipe",
             f"--user-data-dir={self._profile.name}", "about:blank"],
            preexec_fn=ends, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._session = ""
        pages = self._call("Target.getTargets")["targetInfos"]
        page = next(target for target in pages if target["type"] == "page")
        self._session = self._call(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._in)
        os.close(self._out)
        self._profile.cleanup()

    def _call(self, method: str, **parameters: Any) -> Message:
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        number = self._number
        deadline = time.monotonic() + 60
        while (reply := self._read(deadline)).get("id") != number:
            pass
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']['message']}")
        result: Message = reply["result"]
        return result

    def _read(self, deadline: float) -> Message:
        while b"\0" not in self._bytes:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise TimeoutError("Chromium does not answer")
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium has ended")
            self._bytes += piece
        first, _, self._bytes = self._bytes.partition(b"\0")
        message: Message = json.loads(first)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, told: Message) -> None:
        if method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("value", "")) for a in told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loaded = True

    def open(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self._call("Page.navigate", url="about:blank")
        self._loaded = False
        told = self._call("Page.navigate", url=address)
        if told.get("errorText"):
            raise RuntimeError(f"{address}: {told['errorText']}")
        deadline = time.monotonic() + 60
        while not self._loaded or self.run("document.readyState") != "complete":
            if not self._loaded:
                self._read(deadline)

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page, awaited if it is a promise."""
        told = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"].get("exception", {}).get("description"))
        return told["result"].get("value")

    def wait(self, script: str, seconds: float = 20) -> Any:
        """Return the value of an expression as soon as it is true."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"not true after {seconds} s: {script}")
            time.sleep(0.02)
        return value

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """Give the page a size in pixels, and a colour scheme."""
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write what the page shows as a PNG."""
        told = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))
