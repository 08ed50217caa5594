"""What is there, while disks come and go, and with everything that a file system can hold."""
