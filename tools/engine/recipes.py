"""The stand-ins' recipes: what each image is made of. Versions of Node and npm are here only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

SUITE = "trixie"


@dataclass(frozen=True)
class NodeLine:
    """One Node line: the npm package node-linux-<arch> of this version, and an npm of the major that comes with it."""

    node: str
    npm: str


NODE = {
    "26": NodeLine("26.10.0", "11.19.1"),
    "24": NodeLine("24.21.0", "11.19.0"),
    "22": NodeLine("22.23.3", "10.9.9"),
}
# Node's name of the architecture by the machine's.
NODE_ARCH = {"x86_64": "x64", "aarch64": "arm64"}
OPENSSL_ARCH = {"x86_64": "linux-x86_64", "aarch64": "linux-aarch64"}

SLIM_PACKAGES = "libatomic1 libstdc++6"
FULL_PACKAGES = f"{SLIM_PACKAGES} ca-certificates curl git python3 make g++"
DISTROLESS_PACKAGES = "base-files netbase tzdata ca-certificates libc6 libgcc-s1 libstdc++6 libatomic1 libssl3t64"

# As debuerreotype makes the slim variant: /usr/share/doc only with licences, and so for what comes later.
DEBIAN_FILES = {
    "etc/dpkg/dpkg.cfg.d/docker": """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
""",
    "etc/dpkg/dpkg.cfg.d/docker-apt-speedup": "force-unsafe-io\n",
    "etc/apt/apt.conf.d/docker": """\
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Apt::AutoRemove::SuggestsImportant "false";
""",
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
}

ENTRYPOINT = """\
#!/bin/sh
set -e
# As in the official image: an option, or a word that is no command, is for node.
if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
"""

# Secret extra_ca: for an https mirror behind a private CA.
APT = """\
RUN --mount=type=secret,id=extra_ca \\
    if [ -f /run/secrets/extra_ca ]; then set -- -o Acquire::https::CAInfo=/run/secrets/extra_ca; fi; \\
    apt-get "$@" update -qq \\
"""

NODE_DOCKERFILE = f"""\
FROM debian:{SUITE}-slim
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
{APT} && DEBIAN_FRONTEND=noninteractive apt-get "$@" install -y -qq --no-install-recommends @PACKAGES@ \\
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/apt /var/log/*.log
ENV NODE_VERSION=@NODE@
COPY docker-entrypoint.sh /usr/local/bin/
COPY node /usr/local
RUN ln -s node /usr/local/bin/nodejs && node --version && npm --version
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
"""

DISTROLESS_DOCKERFILE = f"""\
FROM debian:{SUITE}-slim AS packages
WORKDIR /packages
{APT} && apt-get "$@" install -y -qq --no-install-recommends ca-certificates \\
    && apt-get "$@" download -qq {DISTROLESS_PACKAGES} \\
    && mkdir -p /rootfs/var/lib/dpkg/status.d \\
    && for deb in *.deb; do \\
         dpkg-deb --extract "$deb" /rootfs \\
         && dpkg-deb --field "$deb" > "/rootfs/var/lib/dpkg/status.d/$(dpkg-deb --field "$deb" Package)"; \\
       done
RUN cd /rootfs \\
    && find usr/share/doc -type f ! -name copyright -delete \\
    && rm -rf usr/share/man usr/share/info usr/share/lintian usr/share/locale usr/share/bug \\
    && install -D /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt \\
    && printf 'root:x:0:0:root:/root:/sbin/nologin\\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\\n' > etc/passwd \\
    && printf 'root:x:0:\\nnobody:x:65534:\\ntty:x:5:\\nstaff:x:50:\\nnonroot:x:65532:\\n' > etc/group \\
    && printf 'passwd: files\\ngroup: files\\nhosts: files dns\\n' > etc/nsswitch.conf \\
    && install -d -o 65532 -g 65532 -m 0700 home/nonroot && install -d -m 1777 tmp
FROM scratch
COPY --from=packages /rootfs /
COPY node/bin/node /nodejs/bin/
COPY node/LICENSE /nodejs/
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 65532
WORKDIR /home/nonroot
ENTRYPOINT ["/nodejs/bin/node"]
"""  # noqa: E501 (three accounts are three lines of one file)


@dataclass(frozen=True)
class Recipe:
    """How one stand-in is made; `line` is None for the Debian image, which comes from debootstrap."""

    image: str
    line: NodeLine | None
    dockerfile: str

    @property
    def hash(self) -> str:
        """Changes whenever the stand-in would come out different."""
        steps = Path(__file__).with_name("base_images.py").read_text(encoding="utf-8")
        parts = [self.image, repr(self.line), self.dockerfile, ENTRYPOINT, repr(DEBIAN_FILES), steps]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def mark(self) -> str:
        """A second tag of the stand-in. A label would be inherited by every image that is built on it."""
        name = self.image.replace(":", "_").rsplit("/", 1)[-1]
        return f"node-multi-stage-stand-in/{name}:{self.hash}"


def recipes() -> dict[str, Recipe]:
    """Every base image that the template can name, each after those it is built on."""
    debian = f"debian:{SUITE}-slim"
    found = {debian: Recipe(debian, None, "")}
    for major, line in NODE.items():
        for image, packages in (
            (f"node:{major}-{SUITE}-slim", SLIM_PACKAGES),
            (f"node:{major}-{SUITE}", FULL_PACKAGES),
        ):
            text = NODE_DOCKERFILE.replace("@PACKAGES@", packages).replace("@NODE@", line.node)
            found[image] = Recipe(image, line, text)
        image = f"gcr.io/distroless/nodejs{major}-debian13:nonroot"
        found[image] = Recipe(image, line, DISTROLESS_DOCKERFILE)
    return found
