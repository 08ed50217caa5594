"""What every controller shares: problem details, paging, permissions, limits."""
