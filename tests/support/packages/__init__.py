"""Real packages of the registry in generated projects: which, how they are loaded, and what of them is foreign."""
