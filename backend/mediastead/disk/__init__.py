"""Safe operations on files; the only room that changes anything in a user's folders."""
