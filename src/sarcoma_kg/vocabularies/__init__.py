"""Local copies of NCIt and ChEBI: slim imports from them, and where their trees differ.

Comes in: the doors.
Never: changes a mapping: a curator does.
"""
