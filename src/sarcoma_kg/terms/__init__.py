"""From what people type to terms of the graph: labels, synonyms, codes, the nearest names.

Comes in: questions, owl, sources and all above.
Never: guesses: what is ambiguous is told.
"""
