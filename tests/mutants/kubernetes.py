"""Mutants of the Kubernetes manifests and of the make targets that apply them."""

from __future__ import annotations

from mutants.mutant import Mutant

DEPLOYMENT = "project/deploy/kubernetes/base/deployment.yaml"
NETWORK = "project/deploy/kubernetes/base/network.yaml"
SCALING = "project/deploy/kubernetes/overlays/production/scaling.yaml"
ROLL_OUT = "project/scripts/roll-out.sh"
TARGETS = "templates/deploy/kubernetes.mk"
TESTS = "bake/test_kubernetes.py::"
TARGET_TESTS = "bake/test_deploy_targets.py::"

MANIFESTS = [
    Mutant(
        name="ingress open",
        file=NETWORK,
        old="    - from:\n        - namespaceSelector: {}\n      ports:\n",
        new="    - ports:\n",
        test=f"{TESTS}test_only_pods_of_the_cluster_may_ask",
        why="any address that reaches a node could ask the service",
    ),
    Mutant(
        name="ingress to every port",
        file=NETWORK,
        old="        - namespaceSelector: {}\n      ports:\n        - port: http\n          protocol: TCP\n",
        new="        - namespaceSelector: {}\n      ports: []\n",
        test=f"{TESTS}test_only_pods_of_the_cluster_may_ask",
        why="an inspector or a metrics port would be open to the cluster",
    ),
    Mutant(
        name="the account mounts a token",
        file=DEPLOYMENT,
        old="  name: {{ cookiecutter.project_slug }}\nautomountServiceAccountToken: false\n",
        new="  name: {{ cookiecutter.project_slug }}\nautomountServiceAccountToken: true\n",
        test=f"{TESTS}test_no_pod_gets_a_token",
        why="who breaks into the service could talk to the cluster",
    ),
    Mutant(
        name="the pod mounts a token",
        file=DEPLOYMENT,
        old="      automountServiceAccountToken: false\n",
        new="      automountServiceAccountToken: true\n",
        test=f"{TESTS}test_no_pod_gets_a_token",
        why="who breaks into the service could talk to the cluster",
    ),
    Mutant(
        name="CPU limit dropped",
        file=DEPLOYMENT,
        old='              cpu: "1"\n',
        new="",
        test=f"{TESTS}test_a_pod_is_bounded",
        why="one replica could starve its neighbours",
    ),
    Mutant(
        name="minReadySeconds dropped",
        file=DEPLOYMENT,
        old="  minReadySeconds: 5\n",
        new="",
        test=f"{TESTS}test_a_rollout_is_patient_with_a_start_and_not_with_a_failure",
        why="a version that fails at its first requests would replace every pod",
    ),
    Mutant(
        name="startup threshold 1",
        file=DEPLOYMENT,
        old="            failureThreshold: 30\n",
        new="            failureThreshold: 1\n",
        test=f"{TESTS}test_a_rollout_is_patient_with_a_start_and_not_with_a_failure",
        why="a service that needs two seconds to start would never start",
    ),
    Mutant(
        name="liveness asks readiness",
        file=DEPLOYMENT,
        old="              path: /livez\n",
        new="              path: /readyz\n",
        test=f"{TESTS}test_names_and_ports_agree",
        why="a database that is away would restart every pod",
    ),
    Mutant(
        name="root in the pod",
        file=DEPLOYMENT,
        old="        runAsNonRoot: true\n",
        new="        runAsNonRoot: false\n",
        test=f"{TESTS}test_pod_security_restricted",
        why="Pod Security restricted refuses it",
    ),
    Mutant(
        name="a writable root file system in the pod",
        file=DEPLOYMENT,
        old="            readOnlyRootFilesystem: true\n",
        new="            readOnlyRootFilesystem: false\n",
        test=f"{TESTS}test_a_container_is_as_hard_as_in_compose",
        why="who breaks in could leave programs behind",
    ),
    Mutant(
        name="the grace period is shorter than the drain",
        file=DEPLOYMENT,
        old="      terminationGracePeriodSeconds: 15\n",
        new="      terminationGracePeriodSeconds: 10\n",
        test=f"{TESTS}test_deadlines_nest",
        why="requests in flight would be cut at every roll-out",
    ),
    Mutant(
        name="a roll-out takes pods away first",
        file=DEPLOYMENT,
        old="      maxUnavailable: 0\n",
        new="      maxUnavailable: 1\n",
        test=f"{TESTS}test_replicas_are_the_autoscalers",
        why="with one replica every roll-out would be an outage",
    ),
    Mutant(
        name="PDB policy dropped",
        file=SCALING,
        old="  unhealthyPodEvictionPolicy: AlwaysAllow\n",
        new="",
        test=f"{TESTS}test_a_pod_that_does_not_work_keeps_no_node_from_being_emptied",
        why="a broken release would block the upgrade of the cluster",
    ),
    Mutant(
        name="the autoscaler scales another deployment",
        file=SCALING,
        old="    kind: Deployment\n    name: {{ cookiecutter.project_slug }}\n",
        new="    kind: Deployment\n    name: app\n",
        test=f"{TESTS}test_replicas_are_the_autoscalers",
        why="there would be one replica under any load",
    ),
    Mutant(
        name="maintenance may take every pod",
        file=SCALING,
        old="  maxUnavailable: 1\n",
        new="  maxUnavailable: 3\n",
        test=f"{TESTS}test_replicas_are_the_autoscalers",
        why="emptying nodes would be an outage",
    ),
    Mutant(
        name="kubernetes: another memory limit",
        file=DEPLOYMENT,
        old="              memory: 1Gi\n",
        new="              memory: 256Mi\n",
        test=f"{TESTS}test_the_same_limits_as_compose",
        why="what runs with `make run` would be killed in the cluster",
    ),
    Mutant(
        name="kubernetes: /tmp on the node's disk",
        file=DEPLOYMENT,
        old="            medium: Memory\n",
        new="",
        test=f"{TESTS}test_the_same_limits_as_compose",
        why="a full /tmp would be an eviction, not an error in the log",
    ),
    Mutant(
        name="kubernetes: no init",
        file=DEPLOYMENT,
        old="      shareProcessNamespace: true\n",
        new="",
        test=f"{TESTS}test_orphans_are_reaped",
        why="zombies fill the pod's limit of processes",
    ),
    Mutant(
        name="kubernetes: DNS egress anywhere",
        file=NETWORK,
        old="            cidr: 169.254.20.10/32\n",
        new="            cidr: 0.0.0.0/0\n",
        test=f"{TESTS}test_names_are_looked_up_in_the_cluster_or_on_the_node",
        why="a tunnel over DNS would leave the cluster",
    ),
    Mutant(
        name="kubernetes: the README's data belongs to root",
        file="templates/deploy/kubernetes.md",
        old="        fsGroup: {{ 65532 if cookiecutter.runtime_image == 'distroless' else 1000 }}\n",
        new="        fsGroup: 0\n",
        test=f"{TESTS}test_the_readmes_lines_for_files_fit",
        why="the service could not write its data",
    ),
]

MAKE = [
    Mutant(
        name="a failed roll-out is not undone",
        file=ROLL_OUT,
        old="  restore\n  exit 1\n",
        new="  exit 1\n",
        test=f"{TARGET_TESTS}test_a_version_that_is_not_ready_is_rolled_back",
        why="half of the pods would stay on a version that does not start",
    ),
    Mutant(
        name="a failed roll-out passes",
        file=ROLL_OUT,
        old="  restore\n  exit 1\n",
        new="  restore\n",
        test=f"{TARGET_TESTS}test_a_version_that_is_not_ready_is_rolled_back",
        why="a pipeline would call it a success",
    ),
    Mutant(
        name="the version that failed is the previous one",
        file=ROLL_OUT,
        old='ask delete replicaset "$replicaset"',
        new=":",
        test=f"{TARGET_TESTS}test_a_version_that_is_not_ready_is_rolled_back",
        why="`make rollback` would go to the version that never became ready",
    ),
    Mutant(
        name="a roll-out of nothing new goes back to an older version",
        file=ROLL_OUT,
        old='"" | "$failed") return',
        new='"") return',
        test=f"{TARGET_TESTS}test_what_ran_before_is_not_left_for_an_older_version",
        why="a lost connection to the cluster would replace what runs well",
    ),
    Mutant(
        name="an overlay's namespace is not looked into",
        file=TARGETS,
        old="NAMESPACED = $(KUBECTL) $(if $(NAMESPACE),--namespace $(NAMESPACE))",
        new="NAMESPACED = $(KUBECTL)",
        test=f"{TARGET_TESTS}test_kubernetes_looks_in_the_namespace_that_an_overlay_names",
        why="production would be waited for, and undone, when something else is deployed",
    ),
    Mutant(
        name="rollback without undo",
        file=ROLL_OUT,
        old='  ask rollout undo "deployment/$name"\n',
        new="  :\n",
        test=f"{TARGET_TESTS}test_kubernetes_rollback_goes_back_and_waits",
        why="`make rollback` would wait for nothing and say that all is well",
    ),
    Mutant(
        name="undeploy ignores OVERLAY",
        file=TARGETS,
        old="delete --ignore-not-found --kustomize deploy/kubernetes/overlays/$(OVERLAY)",
        new="delete --ignore-not-found --kustomize deploy/kubernetes/overlays/production",
        test=f"{TARGET_TESTS}test_kubernetes_undeploy_removes_what_was_deployed",
        why="undeploy of one environment would remove what only another has",
    ),
    Mutant(
        name="deploy without a dry run",
        file=ROLL_OUT,
        old="  apply --dry-run=server >/dev/null\n{% endif %}",
        new="  :\n{% endif %}",
        test=f"{TARGET_TESTS}test_kubernetes_gets_the_digest_after_a_dry_run",
        why="a manifest that the cluster refuses would be applied by half",
    ),
    Mutant(
        name="deploy of a tag",
        file=TARGETS,
        old="s|image: $(NAME)$$|image: $$release|",
        new="s|image: $(NAME)$$|image: $(IMAGE):$(TAG)|",
        test=f"{TARGET_TESTS}test_kubernetes_gets_the_digest_after_a_dry_run",
        why="a tag that moves would be another version on each node",
    ),
]

MUTANTS = [*MANIFESTS, *MAKE]
