"""What was replaced or taken back waits here, on its own disk, until it is put back or its time has come."""
