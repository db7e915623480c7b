"""What the pages say about duties and which they list: words, lists, the desk, a member's time line. No http here."""
