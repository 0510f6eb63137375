"""Reports: built as data, then written in one of several formats."""
