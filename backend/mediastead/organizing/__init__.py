"""Puts files where their identity says: naming, a plan, and a journal by which every move is finished or taken back."""
