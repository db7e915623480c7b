"""Pages of floor 1: signing in, invitations, organisations, posts, the roster import."""
