"""Commands of a release: publish."""

import argparse

from sarcoma_kg import console
from sarcoma_kg.console import Command

__all__ = ["COMMANDS"]


def _publish(args: argparse.Namespace) -> int:
    import signal
    from pathlib import Path

    from sarcoma_kg.publishing import publish

    # A stopped run cleans up behind itself, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    build = console.built()
    folder = Path(args.folder or f"sarcoma-kg-{publish.version(build)}")
    release = publish.publish(build, folder, console.step, without=args.without)
    count = sum(1 for path in release.folder.rglob("*") if path.is_file())
    console.say(f"{release.folder}: release {release.version}, {count:,} files")
    return 0


def _publish_options(sub: argparse.ArgumentParser) -> None:
    from sarcoma_kg.publishing import PARTS

    sub.add_argument(
        "folder", nargs="?", metavar="DIR",
        help="a new folder, or an empty one (default: sarcoma-kg-DATE, the date of the data)",
    )  # fmt: skip
    sub.add_argument(
        "--without", nargs="+", default=[], choices=PARTS, metavar="PART",
        help=f"leave parts out: {', '.join(PARTS)}",
    )  # fmt: skip


COMMANDS = {
    "publish": Command(
        _publish, "write a release: all formats, tables, self-description, checksums",
        "dist/sarcoma-kg", [_publish_options],
    ),
}  # fmt: skip
