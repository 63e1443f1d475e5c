##@ Deploy
.PHONY: deploy status rollback undeploy swarm{{ ' migrated' if cookiecutter.database == 'postgres' }}
# The pushed image by digest, so that every node runs the same bytes even if the tag is moved.
RELEASE = release=$$($(DOCKER) image inspect \
    --format '{{ "{{range .RepoDigests}}{{println .}}{{end}}" }}' $(IMAGE):$(TAG) \
    | grep -m 1 '^$(IMAGE:docker.io/%=%)@') \
  || { echo 'The engine knows no digest of $(IMAGE)' >&2; exit 1; };
# For deploy/stack.yaml: the name of HAProxy's configuration changes with its content.
export CONFIG_SUM := $(shell cksum < deploy/haproxy.cfg | cut -d ' ' -f 1)
STACK := --compose-file deploy/stack.yaml
STACK_DEPLOY = $(DOCKER) stack deploy --detach=false --prune --with-registry-auth $(STACK)
# The last update of the service: `docker stack deploy` succeeds even if Swarm rolled that back.
UPDATE = $(DOCKER) service inspect $(NAME)_app --format '{{ "{{json .UpdateStatus}}" }}' 2>/dev/null

deploy: export APP_PORT := $(PORT)
{% if cookiecutter.database == 'postgres' %}
deploy: swarm migrated ## Migrate, roll out; Swarm rolls back what fails (IMAGE=registry/name)
{% else %}
deploy: swarm ## Roll out; Swarm rolls back what fails (IMAGE=registry/name)
	@$(MAKE) --no-print-directory push
	@$(RELEASE) RELEASE=$$release $(DOCKER) stack config $(STACK) >/dev/null
{% endif %}
	@$(RELEASE) before=$$($(UPDATE)); \
	  RELEASE=$$release $(STACK_DEPLOY) $(NAME) || exit; \
	  [ "$$($(UPDATE))" = "$$before" ] || ! $(UPDATE) | grep -q rollback \
	  || { echo '$(NAME) does not become healthy: rolled back' >&2; exit 1; }

status: swarm ## Show what runs in the swarm
	@$(DOCKER) stack services $(NAME)
	@$(DOCKER) stack ps $(NAME)

rollback: swarm ## Go back to the previous version
	@$(DOCKER) service rollback $(NAME)_app

undeploy: swarm ## Remove it from the swarm
	@$(DOCKER) stack rm --detach=false $(NAME)

{% if cookiecutter.database == 'postgres' %}
migrated: swarm
	@$(DOCKER) secret inspect $(NAME)_database_url $(NAME)_database_ca >/dev/null 2>&1 \
	  || { echo 'Missing secret: $(NAME)_database_url or $(NAME)_database_ca, see README' >&2; \
	    exit 1; }
	@$(MAKE) --no-print-directory push
	@$(RELEASE) RELEASE=$$release $(DOCKER) stack config $(STACK) >/dev/null
	@$(RELEASE) RELEASE=$$release sh scripts/migrate-once.sh

{% endif %}
swarm:
	@[ "$$($(DOCKER) info --format '{{ "{{.Swarm.ControlAvailable}}" }}' 2>/dev/null)" = true ] \
	  || { echo 'This engine manages no swarm.' \
	    'Start one: $(DOCKER) swarm init; or choose: DOCKER_HOST=' >&2; \
	    exit 1; }
