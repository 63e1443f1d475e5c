"""Mutants of the answer metrics: what is measured, where it can be read, and until when."""

from __future__ import annotations

from mutants.mutant import Mutant

SERVICE = "templates/typescript/shared/src/service/metrics.ts"
BAKE = "bake/test_metrics.py::"
# Those of the service's half, too: its projects have metrics.
OWN = "bake/test_pages.py::test_the_projects_own_tests_pass[http]"
DOCKER = "docker/metrics/test_metrics.py::"
DEPLOY = "project/deploy"
POSTGRES = "templates/typescript/postgres/src/database.ts"

MUTANTS = [
    Mutant(
        name="the label of a route is the path that a client sent",
        file="templates/typescript/http/src/app.ts",
        old="    req.route = path;\n",
        new="    req.route = req.url;\n",
        test=f"{BAKE}test_a_process_says_how_its_routes_went[http]",
        why="any client could fill the memory of the service and of Prometheus with queries",
    ),
    Mutant(
        name="what no route takes is labelled by its path",
        file="templates/typescript/fastify/src/service/route.ts",
        old="req[pattern] ?? 'other'",
        new="req[pattern] ?? String(req.url)",
        test=f"{BAKE}test_a_process_says_how_its_routes_went[fastify]",
        why="any client could fill the memory of the service and of Prometheus with paths",
    ),
    Mutant(
        name="fastify: a request that a plugin refuses has no route",
        file="templates/typescript/fastify/src/service/route.ts",
        old="addHook('onRequest',",
        new="addHook('preHandler',",
        test=OWN.replace("http", "fastify"),
        why="401 and 429 would be counted as what no route took",
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
        name="what has ended waits until Prometheus asks",
        file=SERVICE,
        old="    if (methods.length >= BATCH) observeEnded();\n",
        new="",
        test=OWN,
        why="a service that nobody scrapes would fill its memory",
    ),
    Mutant(
        name="what was handed to the histogram is handed on again",
        file=SERVICE,
        old="  for (const column of [methods, routes, statuses, durations]) column.length = 0;\n",
        new="",
        test=OWN,
        why="each scrape would count all earlier requests once more",
    ),
    Mutant(
        name="a scrape lacks the requests since the last batch",
        file=SERVICE,
        old="  collect: observeEnded,\n",
        new="",
        test=OWN,
        why="a service with few requests would show none",
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
        old="  setTimeout(() => metricsServer.closeAllConnections(), CLOSE_MS).unref();\n",
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
    Mutant(
        name="connections that nobody uses count as busy",
        file=POSTGRES,
        old="this.set({ state: 'busy' }, totalCount - idleCount);",
        new="this.set({ state: 'busy' }, totalCount);",
        test=f"{DOCKER}test_the_pool_is_measured[express-javascript]",
        why="a pool would look used up by a service that has nothing to do",
    ),
    Mutant(
        name="what waits for a connection is not counted",
        file=POSTGRES,
        old="this.set(pool?.waitingCount ?? 0);",
        new="this.set(pool ? 0 : 0);",
        test=f"{DOCKER}test_the_pool_is_measured[express-javascript]",
        why="nothing would say that the pool is too small",
    ),
    Mutant(
        name="a scrape before the pool is there fails",
        file=POSTGRES,
        old="this.set(pool?.waitingCount ?? 0);",
        new="this.set(pool.waitingCount);",
        test="docker/data/test_own_tests.py::test_the_tests_of_a_project_with_postgres[http]",
        why="a slow start would have no metrics, and a line in the log for each scrape",
    ),
]
