"""Mutants of the answer metrics: what is measured, where it can be read, and until when."""

from __future__ import annotations

from mutants.mutant import Mutant

SERVICE = "templates/typescript/shared/src/service/metrics.ts"
BAKE = "bake/test_metrics.py::"
# Those of the service's half, too: its projects have metrics.
OWN = "bake/test_pages.py::test_the_projects_own_checks_pass[http---run-test]"
DOCKER = "docker/metrics/test_metrics.py::"
DEPLOY = "project/deploy"

MUTANTS = [
    Mutant(
        name="the label of a route is the path that a client sent",
        file="templates/typescript/http/src/app.ts",
        old="    req.route = routes.has(req.url) ? req.url : req.url.split('?', 1)[0];\n",
        new="    req.route = req.url;\n",
        test=f"{BAKE}test_a_process_says_how_its_routes_went[http]",
        why="any client could fill the memory of the service and of Prometheus with queries",
    ),
    Mutant(
        name="what no route takes is labelled by its path",
        file="templates/typescript/fastify/src/service/route.ts",
        old="patterns.get(req) ?? 'other'",
        new="patterns.get(req) ?? String(req.url)",
        test=f"{BAKE}test_a_process_says_how_its_routes_went[fastify]",
        why="any client could fill the memory of the service and of Prometheus with paths",
    ),
    Mutant(
        name="the label of a route lacks what its router is mounted at",
        file="templates/typescript/express/src/service/route.ts",
        old="note(handle.stack, rawPath === '/' ? base : `${base}${rawPath}`)",
        new="note(handle.stack, base)",
        test=OWN.replace("http", "express"),
        why="/users/:id and /orders/:id would be one series",
    ),
    Mutant(
        name="probes are measured",
        file=SERVICE,
        old="  if (PROBES.includes(String(req.url))) return;\n",
        new="  if (!req.url) return;\n",
        test=OWN,
        why="the checks of every ten seconds would hide how slow real requests are",
    ),
    Mutant(
        name="a request stays in flight for ever",
        file=SERVICE,
        old="    inFlight.dec();\n",
        new="",
        test=OWN,
        why="the gauge would only rise",
    ),
    Mutant(
        name="a client that left is counted as a success",
        file=SERVICE,
        old="res.headersSent ? res.statusCode : 499",
        new="res.statusCode",
        test=OWN,
        why="a service that answers too late for its clients would look well",
    ),
    Mutant(
        name="a metric that cannot be read ends the service",
        file=SERVICE,
        old="    } catch (err) {\n",
        new="    } catch (err) {\n      setImmediate(() => Promise.reject(err));\n",
        test=OWN,
        why="a database that does not answer its gauge would take the service down at the next scrape",
    ),
    Mutant(
        name="a mute client of the metrics holds up a stop",
        file=SERVICE,
        old="  setTimeout(() => metrics.closeAllConnections(), CLOSE_MS).unref();\n",
        new="",
        test=OWN,
        why="a scraper that hangs would turn each stop into a kill",
    ),
    Mutant(
        name="METRICS_PORT is not read",
        file="templates/typescript/shared/src/service/settings.ts",
        old="integer('METRICS_PORT', 9464, 1, 65535)",
        new="integer('METRICS_PORTS', 9464, 1, 65535)",
        test=f"{BAKE}test_a_process_says_how_its_routes_went[http]",
        why="two services in one network namespace could not both have metrics",
    ),
    Mutant(
        name="the service may have the port of its metrics",
        file="extension/rules.py",
        old='    if value == METRICS_PORT and answers.get("metrics") == "prometheus":\n',
        new='    if value == METRICS_PORT and answers.get("metrics") == "none":\n',
        test=f"{BAKE}test_the_port_of_the_metrics_is_not_the_services",
        why="the service would not start",
    ),
    Mutant(
        name="kubernetes opens the metrics to every pod",
        file=f"{DEPLOY}/kubernetes/base/network.yaml",
        old="          podSelector:\n            matchLabels:\n              app.kubernetes.io/name: prometheus\n",
        new="",
        test=f"{BAKE}test_kubernetes_opens_the_port_to_prometheus_alone",
        why="every pod of the cluster could read what the service does",
    ),
    Mutant(
        name="kubernetes annotates another port",
        file=f"{DEPLOY}/kubernetes/base/deployment.yaml",
        old='        prometheus.io/port: "9464"\n',
        new='        prometheus.io/port: "3000"\n',
        test=f"{BAKE}test_kubernetes_opens_the_port_to_prometheus_alone",
        why="Prometheus would read 404s",
    ),
    Mutant(
        name="swarm's label names another port",
        file=f"{DEPLOY}/stack.yaml",
        old='        prometheus.io/port: "9464"\n',
        new='        prometheus.io/port: "3000"\n',
        test=f"{BAKE}test_swarm_says_by_labels_where_and_publishes_nothing",
        why="Prometheus would read 404s",
    ),
    Mutant(
        name="the image exposes the port of the metrics",
        file="project/Dockerfile",
        old="EXPOSE {{ cookiecutter.port }}\n",
        new="EXPOSE {{ cookiecutter.port }} 9464\n",
        test=f"{DOCKER}test_the_port_is_not_published_and_the_services_own_has_no_metrics[express-javascript]",
        why="docker run --publish-all would show the metrics to everybody",
    ),
    Mutant(
        name="a query of the dashboard names no metric",
        file="docs/metrics.md",
        old="max by (instance) (nodejs_eventloop_lag_p99_seconds)",
        new="max by (instance) (nodejs_event_loop_lag_p99_seconds)",
        test=f"{DOCKER}test_every_query_of_the_page_has_a_value",
        why="a panel of the dashboard would stay empty",
    ),
]
