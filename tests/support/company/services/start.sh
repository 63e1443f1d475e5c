# Makes a CA and a certificate for this container's own addresses, then serves packages and the proxy.
set -eu
umask 077
cd /services
key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'
# shellcheck disable=SC2086
openssl req -x509 $key -subj '/CN=Private test CA' -keyout ca.key -out ca.pem
# shellcheck disable=SC2086
openssl req -x509 $key -subj /CN=packages.test -CA ca.pem -CAkey ca.key -keyout tls.key -out tls.pem \
  -addext "subjectAltName=DNS:packages.test,DNS:localhost,IP:127.0.0.1,IP:$(hostname -i)" \
  -addext basicConstraints=CA:FALSE
python3 proxy.py 3128 "$PROXY_LOGIN" &
# One process listens on one address; both serve the same storage. The first makes up the secret that tokens are
# made with and keeps it there: the second must come later, or makes up its own and refuses them.
node_modules/.bin/verdaccio --config config.yaml --listen http://0.0.0.0:4873 &
until curl --silent --fail --output /dev/null http://127.0.0.1:4873/-/ping; do sleep 0.1; done
exec node_modules/.bin/verdaccio --config config.yaml --listen https://0.0.0.0:4874
