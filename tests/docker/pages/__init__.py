"""The answer pages=static: the files of a running container, and its page in a real browser."""
