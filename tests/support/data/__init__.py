"""What the tests of a project's database share."""
