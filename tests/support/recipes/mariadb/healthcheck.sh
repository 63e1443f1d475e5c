#!/bin/sh
# The official image's test --connect: whether it answers over TCP, which it does after its initialization alone.
exec mariadb --defaults-extra-file=/var/lib/mysql/.my-healthcheck.cnf --skip-ssl --protocol=tcp --host=127.0.0.1 \
  --execute 'SELECT 1'
