"""Applications that exist already, each moved into a new project by docs/bring-your-app.md, built, run and asked."""
