"""What a page shows of a term, claim or question, and how it looks.

Comes in: publishing and the doors.
Never: writes a file, or shows text of the graph unescaped.
"""
