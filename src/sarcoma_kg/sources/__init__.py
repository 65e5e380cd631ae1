"""What others wrote, held against what the graph says of it.

Comes in: the doors.
Never: stores a sentence of a source.
"""
