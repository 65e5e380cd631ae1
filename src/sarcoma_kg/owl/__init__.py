"""OWL: documents and their imports, the reasoner, the OWL API, explanations, the class tree."""
