"""The command that brings a newer version of the template into a project: `node-multi-stage update`."""
