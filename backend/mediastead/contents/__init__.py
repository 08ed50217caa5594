"""What lies in the files is read in the background, bit by bit, so that a file is known again wherever it goes."""
