"""T-SQL text to syntax trees. Knows grammar only: no catalog, no types beyond their spelling."""
