"""Any order of what can happen to two libraries, against a model of the disk and of the books."""
