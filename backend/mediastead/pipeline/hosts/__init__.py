"""The machines that do stage jobs: invited, known by what they can do, heard from, set aside."""
