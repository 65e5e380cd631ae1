"""What everybody stands on: errors, findings, formats, names, places of files.

Comes in: every room.
Never: knows another room, or decides anything.
"""
