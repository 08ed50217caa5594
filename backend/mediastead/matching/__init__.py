"""Which item is this file? Candidates are asked for, weighed by named evidence, and one is chosen or the question is put into words."""
