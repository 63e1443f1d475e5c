##@ Deploy
.PHONY: deploy status rollback undeploy cluster{{ ' secret' if cookiecutter.database == 'postgres' }} undo-roll-out
# The pushed image by digest, so that every node runs the same bytes even if the tag is moved.
RELEASE = release=$$($(DOCKER) image inspect \
    --format '{{ "{{range .RepoDigests}}{{println .}}{{end}}" }}' $(IMAGE):$(TAG) \
    | grep -m 1 '^$(IMAGE:docker.io/%=%)@') \
  || { echo 'The engine knows no digest of $(IMAGE)' >&2; exit 1; };
KUBECTL ?= kubectl
OVERLAY ?= production
# An overlay's manifests with the image by digest; the files stay as they are.
MANIFESTS = $(KUBECTL) kustomize deploy/kubernetes/overlays/$(OVERLAY) \
  | sed "s|image: $(NAME)$$|image: $$release|"

{% if cookiecutter.database == 'postgres' %}
deploy: cluster secret ## Migrate, roll out; a failure rolls back (IMAGE=registry/name, OVERLAY=dev)
	@$(MAKE) --no-print-directory push
	@$(RELEASE) manifests=$$($(MANIFESTS)) \
	  && printf '%s\n' "$$manifests" | KUBECTL='$(KUBECTL)' sh scripts/roll-out.sh
{% else %}
deploy: cluster ## Roll out; a failure rolls back (IMAGE=registry/name, OVERLAY=dev)
	@$(MAKE) --no-print-directory push
	@$(RELEASE) manifests=$$($(MANIFESTS)) \
	  && printf '%s\n' "$$manifests" | $(KUBECTL) apply --dry-run=server --filename - >/dev/null \
	  && printf '%s\n' "$$manifests" | $(KUBECTL) apply --filename -
{% endif %}
	@$(KUBECTL) rollout status deployment/$(NAME) \
	  || $(MAKE) --no-print-directory undo-roll-out

status: cluster ## Show what runs in the cluster
	@$(KUBECTL) get deployments,pods,horizontalpodautoscalers \
	  --selector app.kubernetes.io/name=$(NAME) --output wide

rollback: cluster ## Go back to the previous version
	@$(KUBECTL) rollout undo deployment/$(NAME)
	@$(KUBECTL) rollout status deployment/$(NAME)

undeploy: cluster ## Remove it from the cluster
	@$(KUBECTL) delete --ignore-not-found --kustomize deploy/kubernetes/overlays/$(OVERLAY)

cluster:
	@$(KUBECTL) version --request-timeout 10s >/dev/null 2>&1 \
	  || { echo 'No Kubernetes cluster answers: $(KUBECTL) config use-context NAME' >&2; exit 1; }

{% if cookiecutter.database == 'postgres' %}
secret:
	@$(KUBECTL) get secret $(NAME)-database >/dev/null 2>&1 \
	  || { echo 'The cluster has no secret $(NAME)-database: README.md says how to create it' >&2; \
	    exit 1; }

{% endif %}
undo-roll-out:
	@echo '$(NAME) does not become ready' >&2
	@$(KUBECTL) rollout undo deployment/$(NAME)
	@exit 1
