"""Updating a generated project with cruft."""
