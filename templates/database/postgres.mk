##@ Database
.PHONY: migrate db
migrate: one-checkout build image-database ## Bring the schema up to date, as `make run` does first
	@sh scripts/migrate.sh

db: one-checkout ## Open psql in the running database
	@$(DOCKER) container inspect $(NAME)_database >/dev/null 2>&1 \
	  || { echo 'The database is not running: make run' >&2; exit 1; }
	@$(DOCKER) exec --interactive $$([ ! -t 0 ] || echo --tty) $(NAME)_database \
	  psql --username app
