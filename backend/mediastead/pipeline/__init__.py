"""Discs, and files that are to be made anew, become files of a library, stage by stage, on one or several machines."""
