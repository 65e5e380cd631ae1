"""Where triples are: embedded, behind an endpoint, in a process with limits.

Comes in: shacl, terms, vocabularies and all above.
Never: knows what the triples are about.
"""
