##@ Deploy
.PHONY: deploy status rollback undeploy cluster{{ ' secret' if cookiecutter.database == 'postgres' }}
# The pushed image by digest, so that every node runs the same bytes even if the tag is moved.
RELEASE = release=$$($(DOCKER) image inspect \
    --format '{{ "{{range .RepoDigests}}{{println .}}{{end}}" }}' $(IMAGE):$(TAG) \
    | grep -m 1 '^$(IMAGE:docker.io/%=%)@') \
  || { echo 'The engine knows no digest of $(IMAGE)' >&2; exit 1; };
KUBECTL ?= kubectl
OVERLAY := production
KUSTOMIZATIONS = $(wildcard deploy/kubernetes/overlays/$(OVERLAY)/kustomization.yaml \
  deploy/kubernetes/base/kustomization.yaml)
# That of the overlay or its base, if one of them names one.
NAMESPACE = $(firstword $(shell \
  sed -n "s/^namespace: *[\"']*\([a-z0-9-]*\).*/\1/p" /dev/null $(KUSTOMIZATIONS)))
NAMESPACED = $(KUBECTL) $(if $(NAMESPACE),--namespace $(NAMESPACE))
# An overlay's manifests with the image by digest; the files stay as they are.
MANIFESTS = $(KUBECTL) kustomize deploy/kubernetes/overlays/$(OVERLAY) \
  | sed "s|image: $(NAME)$$|image: $$release|"

deploy: cluster{{ ' secret' if cookiecutter.database == 'postgres' }} ## {{ 'Migrate, roll' if cookiecutter.database == 'postgres' else 'Roll' }} out; a failure rolls back (IMAGE=registry/name, OVERLAY=dev)
	@$(MAKE) --no-print-directory push
	@$(RELEASE) manifests=$$($(MANIFESTS)) \
	  && printf '%s\n' "$$manifests" | KUBECTL='$(NAMESPACED)' sh scripts/roll-out.sh

status: cluster ## Show what runs in the cluster
	@$(NAMESPACED) get deployments,pods,horizontalpodautoscalers \
	  --selector app.kubernetes.io/name=$(NAME) --output wide

rollback: cluster ## Go back to the previous version
	@KUBECTL='$(NAMESPACED)' sh scripts/roll-out.sh back

undeploy: cluster ## Remove it from the cluster
	@$(NAMESPACED) delete --ignore-not-found --kustomize deploy/kubernetes/overlays/$(OVERLAY)

cluster:
	@$(KUBECTL) version --request-timeout 10s >/dev/null 2>&1 \
	  || { echo 'No Kubernetes cluster answers: $(KUBECTL) config use-context NAME' >&2; exit 1; }
{% if cookiecutter.database == 'postgres' %}

secret:
	@$(NAMESPACED) get secret $(NAME)-database >/dev/null 2>&1 \
	  || { echo 'The cluster has no secret $(NAME)-database: README.md says how to create it' >&2; \
	    exit 1; }
{% endif %}
