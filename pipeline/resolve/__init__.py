"""One organisation or person of many articles is one entity: block, compare, cluster."""
