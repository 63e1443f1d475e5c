"""The build context is the project less secrets and outputs; production holds what the last stage names."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path

import docker

from support.company.traces import image_traces
from support.planted import write
from support.running import Service, files_of, project_of

# Each at the top, in src (which production copies whole) and deeper.
SECRETS = """
.env .env.production .env.local .aws/credentials .azure/accessTokens.json .config/gcloud/credentials.db
.docker/config.json .kube/config .ssh/id_ed25519 .gnupg/secring.gpg .netrc .pgpass .git-credentials .git/config
.terraform/state kubeconfig.yaml prod.kubeconfig terraform.tfstate terraform.tfstate.backup prod.tfvars
application_default_credentials.json credentials.json gcloud-key.json service-account.json client_secret_1.json
id_rsa id_ed25519 id_ecdsa id_dsa server.key private.pem server-key.pem privkey.pem store.jks app.keystore app.p12
app.pfx AuthKey.p8 putty.ppk node_modules/planted.js
prod.dump dump.sql prod_dump.sql prod-backup.sql prod.sql.gz prod.sql.zst redis.rdb before.bak
serviceAccountKey.json client_secret_123-abc.apps.googleusercontent.com.json privkey1.pem id_ecdsa_sk
"""
ONLY_AT_THE_TOP = "kubeconfig secrets/token dist/old.js coverage/index.html sbom.cdx.json"
PUBLIC = """
.env.example certs/ca.pem certs/ca.crt certs/server-cert.pem keys/public.pem keys/jwt_public.key id_rsa.pub
migrations/001-users.sql locales/keys.json data/credentials.js tsconfig.tools.json
query.sql.ts kubeconfig.js lib/kubeconfig/index.js credentials.schema.json gcloud-regions.json service-accounts.json
client_secret.schema.json migrations/dump_tables.sql migrations/002-backup-codes.sql certs/private-ca.pem
certs/keycloak.pem id_ed25519.pub .config/lint.json .docker/entrypoint.sh
"""


def test_secrets_stay_outside_and_the_project_arrives(client: docker.DockerClient, tmp_path: Path) -> None:
    canary = f"canary-{secrets.token_hex(8)}"
    with project_of(tmp_path, client) as service:
        own = set(service.project.files)
        hidden = [*SECRETS.split(), *ONLY_AT_THE_TOP.split()]
        hidden += [f"{folder}/{path}" for folder in ("src", "src/a/b", "other") for path in SECRETS.split()]
        for path in hidden:
            write(service.project, path, f"{canary}\n")
        shown = [f"{folder}{path}" for folder in ("", "src/", "other/") for path in PUBLIC.split()]
        for path in shown:
            write(service.project, path, "public\n")
        for target in ("image-dev", "build"):
            result = service.project.make(target)
            assert result.returncode == 0, result.stderr
        # The other stages copy what `dev` does.
        development = f"{service.project.slug}:dev"
        search = f"grep -rl --exclude-dir=node_modules {canary} /app; find . -path ./node_modules -prune -o -print"
        listed = client.containers.run(development, ["bash", "-c", search], remove=True).decode().splitlines()
        assert [path for path in listed if path.startswith("/")] == []
        assert own | set(shown) <= {path.removeprefix("./") for path in listed}
        assert image_traces([service.tag], canary) == []
        produced = {path.removeprefix("app/") for path, m in files_of(client, service.tag).items() if m.isfile()}
        assert {path for path in shown if path.startswith("src/")} <= produced
        assert not [path for path in produced if path.startswith(("other/", "certs/", "migrations/", "test/"))]


MAIL = """import { readFileSync } from 'node:fs';
const file = new URL('./views/mail.html', import.meta.url);
export const mail = readFileSync(file, 'utf8');
"""
WORKER = """import { parentPort } from 'node:worker_threads';

parentPort?.postMessage('from the worker' satisfies string);
"""
STARTER = """import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('./worker.ts', import.meta.url));
const [message] = await once(worker, 'message');
const here = import.meta.dirname;
const paths = [join(here, 'jobs', 'job.ts'), `${here}/worker.ts`, here + '/worker.ts', join(here, 'worker.ts')];
for (const path of paths) await once(new Worker(path), 'message');
export const resolved: string = import.meta.resolve("./worker.ts");
export const said: string = message;
"""
ENTRY = """import { fail } from './broken.ts';
import { mail } from './mail.ts';
import { resolved, said } from './starter.ts';

console.log(mail, said, resolved);
fail();
"""
BROKEN = """
interface Many {
  a: string;
  b: string;
}

export function fail(): Many {
  throw new Error('planted');
}
"""


def image_id(service: Service) -> str:
    """Build, and return the layers of the production image as one text."""
    result = service.project.make("build")
    assert result.returncode == 0, result.stderr
    return json.dumps(service.image.attrs["RootFS"]["Layers"])


def test_assets_traces_and_times_of_typescript(client: docker.DockerClient, tmp_path: Path) -> None:
    with project_of(tmp_path, client, language="typescript", framework="http") as service:
        project = service.project
        for path in ("src/views/mail.html", "src/data.json", "src/app.wasm", "src/plain.js"):
            write(project, path, "<p>one</p>\n" if path.endswith("html") else "{}\n")
        write(project, "src/mail.ts", MAIL)
        write(project, "src/broken.ts", BROKEN)
        write(project, "src/worker.ts", WORKER)
        write(project, "src/jobs/job.ts", WORKER)
        write(project, "shared/page.html", "<p>shared</p>\n")
        (project.path / "src/shared").symlink_to("../shared")
        (project.path / "src/jobs/page.html").symlink_to("../../shared/page.html")
        write(project, "src/starter.ts", STARTER)
        write(project, "src/entry.ts", ENTRY)
        before = image_id(service)
        options = json.loads(json.dumps(service.image.attrs["Config"]["Cmd"]))[1:-1]
        container = client.containers.create(service.tag, ["node", *options, "dist/entry.js"])
        try:
            container.start()
            container.wait()
            log = container.logs().decode()
        finally:
            container.remove(force=True)
        assert "<p>one</p>" in log
        assert "from the worker file:///app/dist/worker.js" in log, log
        assert re.search(r"at \S*fail \(/app/src/broken\.ts:8:", log), log
        files = files_of(client, service.tag)
        assert {"app/dist/data.json", "app/dist/app.wasm", "app/dist/plain.js"} <= set(files)
        assert files["app/dist/shared/page.html"].isfile()
        assert files["app/dist/jobs/page.html"].isfile()
        assert image_id(service) == before
        # Another release of equal length: what makes up its validators is not the same.
        write(project, "src/views/mail.html", "<p>two</p>\n")
        assert image_id(service) != before
        mails = [files_of(client, service.tag)["app/dist/views/mail.html"], files["app/dist/views/mail.html"]]
        assert mails[0].size == mails[1].size
        assert mails[0].mtime > mails[1].mtime
