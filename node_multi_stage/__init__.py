"""The command that looks after a generated project: `node-multi-stage update` and `node-multi-stage lockfile`."""
