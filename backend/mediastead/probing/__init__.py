"""What a file's content says, read by mediainfo in a process that can be killed."""
