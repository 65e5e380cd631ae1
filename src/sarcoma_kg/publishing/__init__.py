"""The release: a folder that other people's tools load without set-up.

Comes in: the doors.
Never: writes into a folder that is there, or other bytes for the same input.

Each part is a module with a function `write`; `publish` puts them together.
"""

__all__ = ["PARTS"]

#: Parts that may be left out.
PARTS = ("nanopubs", "site", "tables")
