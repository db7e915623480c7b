"""光荣在党50年: who reaches fifty years and when, the list of a year, its review, the hand-over."""
