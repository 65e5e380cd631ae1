"""What changed between two states of the graph, by meaning."""
