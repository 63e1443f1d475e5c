"""How the generated service behaves in its real container, the same for every framework."""
