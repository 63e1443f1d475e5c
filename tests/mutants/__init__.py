"""Mutants: single changes for the worse, each with the test that must fail because of it (`make mutants`)."""
