"""Updating: a generated project by our own command and by cruft, and the pins of the template."""
