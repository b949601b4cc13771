"""Azure's own rules, each stated once: names, ids, regions, prefixes, tags, caches."""
