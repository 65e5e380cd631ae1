"""The release: a folder that other people's tools load without set-up.

Each part is a module with a function `write`; `publish` puts them together. The same input gives
the same bytes on any machine.
"""

__all__ = ["PARTS"]

#: Parts that may be left out.
PARTS = ("nanopubs", "site", "tables")
