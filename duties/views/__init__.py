"""Pages that show only duties, facts and records: workbench, board, members, events, clauses."""
