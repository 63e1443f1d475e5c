"""Recipes of docs/recipes, each followed in new projects that are built, tested, started and asked."""
