"""What a file is taken for is written beside it, and read back, so that decisions outlive the database."""
