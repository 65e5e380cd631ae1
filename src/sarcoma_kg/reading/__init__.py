"""A user's file, read safely: RDF, mapping tables, and the line at which a thing stands.

Comes in: quality, owl, vocabularies, sources and all above.
Never: fetches anything, or judges what it has read.
"""
