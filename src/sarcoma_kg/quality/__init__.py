"""Findings: rules, shapes, a second opinion, and reports of them.

Comes in: building, sources and all above.
Never: repairs what it finds.
"""
