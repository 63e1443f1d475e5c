# In the style of distroless' own example: build on Node's image, run on the image without a shell.
FROM node:26-trixie AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM gcr.io/distroless/nodejs26-debian13:nonroot
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production
EXPOSE 3000
CMD ["dist/server.js"]
