"""Spreadsheets of curators: rows to statements and back, each fault at its cell.

Comes in: documents of the owl room, the doors.
Never: changes what a sheet has no column for.
"""

from sarcoma_kg.sheets.documents import read
from sarcoma_kg.sheets.grid import is_sheet

__all__ = ["is_sheet", "read"]
