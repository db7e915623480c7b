"""Policy as data: packs, clauses, rules, adoption and the reach derived from them."""
