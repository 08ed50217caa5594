"""What changes in the folders of libraries is heard, and becomes a scan of those folders."""
