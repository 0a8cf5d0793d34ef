"""The drawing tools, one file or folder each."""
