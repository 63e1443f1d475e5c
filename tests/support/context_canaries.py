"""Files that an owner's folder may hold: secrets that no build may see, and plain files that every build must."""

from __future__ import annotations

from support.baking import BakedProject

SECRETS = (
    ".env",
    ".env.local",
    "apps/web/.env.production",
    "secrets/token",
    "id_rsa",
    "deploy/id_ed25519",
    "tls/server.key",
    "tls/private.pem",
    ".aws/credentials",
    ".ssh/config",
    "infra/terraform.tfstate",
    "infra/prod.tfvars",
    ".git-credentials",
    ".netrc",
    "service-account.json",
    "backup.sql.gz",
    "dump.sql",
    # Beside each, look-alikes that sources import: see ARRIVE.
    ".config/gcloud/credentials.db",
    ".config/gh/hosts.yml",
    ".docker/config.json",
    "db/backup-2026-01-31.sql",
    "db/db_dump.sql",
    "db/dump_20260131.sql",
    "db/mysqldump.sql",
    "db/prod-backup.sql",
    "db/prod.sql.zip",
    "deploy/id_ecdsa_sk",
    "keys/client_secret_123-abc.apps.googleusercontent.com.json",
    "keys/application_default_credentials.json",
    "keys/credentials.json",
    "keys/gcloud-service-key.json",
    "keys/my-app-firebase-adminsdk-x1y2z.json",
    "keys/service_account_key.json",
    "keys/serviceAccountKey.json",
    "kubeconfig",
    "kubeconfig-prod.yaml",
    "src/kubeconfig/.env",
    "config/prod.env",
    "db/shop.bson",
    "db/shop.pgdump",
    "deploy/id_rsa_work",
    "infra/terraform.tfvars.json",
    "keys/gcp-service-account.json",
    "keys/google-credentials.json",
    "keys/rootkey_accessKeys.csv",
    "tls/pubsub.key",
    "tls/republic.key",
    "tls/pubsub-private-key.pem",
    "tls/jwt_private.pem",
    "tls/private-key-2.pem",
    "tls/privkey1.pem",
)
OUTPUTS = (".git/config", "node_modules/x/index.js", "packages/a/node_modules/x/index.js", "dist/server.js")
ARRIVE = (
    ".config/lint.json",
    ".docker/entrypoint.sh",
    ".env.example",
    "deploy/id_ed25519.pub",
    "keys/jwt.pub.pem",
    "keys/public-key.pem",
    "locales/credentials-form.json",
    "locales/de.json",
    "migrations/001.sql",
    "migrations/002_add_backup_codes.sql",
    "migrations/dump_tables.sql",
    "migrations/product_dump.sql",
    "patches/x.patch",
    "prisma/schema.prisma",
    "public/index.html",
    "src/client_secret.schema.json",
    "src/credentials.schema.json",
    "src/gcloud-regions.json",
    "src/kubeconfig.js",
    "src/kubeconfig/index.ts",
    "src/query.sql.ts",
    "src/service-accounts.json",
    "src/service-account-roles.json",
    "src/views/mail.html",
    "tls/ca.pem",
    "tls/keycloak.pem",
    "tls/private-ca.pem",
    "views/page.ejs",
)


def plant(project: BakedProject) -> None:
    """Write every one of these files into a project."""
    for name in (*SECRETS, *OUTPUTS, *ARRIVE):
        path = project.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"canary {name}\n", encoding="utf-8")
