"""Bad and odd answers: what is refused, what is kept, and by which way they come."""
