"""Predicted documents beside gold documents: who goes with whom, what it counts, where it went wrong, how sure that is."""
