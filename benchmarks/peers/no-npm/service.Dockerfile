# In the style of docker-node's "smaller images without npm": the node binary on plain Debian, below an init.
FROM node:26-trixie-slim AS builder
WORKDIR /build-stage
COPY package*.json ./
RUN npm ci
COPY . ./
RUN npm run build

FROM debian:trixie-slim
WORKDIR /usr/src/app
RUN apt-get update && apt-get install --yes --no-install-recommends dumb-init libatomic1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node && chown node:node ./
COPY --from=builder /usr/local/bin/node /usr/local/bin/
USER node
COPY --from=builder /build-stage/node_modules ./node_modules
COPY --from=builder /build-stage/package.json ./
COPY --from=builder /build-stage/dist ./dist
COPY --from=builder /build-stage/views ./views
COPY --from=builder /build-stage/public ./public
ENV NODE_ENV=production
EXPOSE 3000
CMD ["dumb-init", "node", "dist/server.js"]
