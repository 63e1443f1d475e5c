"""Applications of the kinds people have, and how the tests move them into generated projects."""
