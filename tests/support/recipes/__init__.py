"""Recipes: the pages of docs/recipes/, and how they are tried in generated projects."""
