"""What people look at across rooms: libraries with their counts, items with their files and gaps."""
