"""The work itself: rip, remux, transcode, organize, each from an input to a checked result in a folder of its own."""
