##@ Database
.PHONY: migrate db backup
migrate: one-checkout build ## Bring the schema up to date, as `make run` does first
	@sh scripts/migrate.sh

db: one-checkout running ## Ask the database in SQL; it cannot be changed there
	@sh scripts/sqlite.sh shell

backup: one-checkout running ## Copy the database, while it serves, to a file in backup/
	@sh scripts/sqlite.sh backup
