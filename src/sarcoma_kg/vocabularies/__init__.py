"""Local copies of NCIt and ChEBI: slim imports from them, and where their trees differ."""
