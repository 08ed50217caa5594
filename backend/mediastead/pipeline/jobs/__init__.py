"""Stage jobs and the attempts at them: handed to hosts, watched, stopped, tried again, with one effect however often."""
