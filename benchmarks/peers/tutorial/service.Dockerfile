# The two stages that tutorials teach: build on the full image, copy the whole folder to the slim one.
FROM node:26-trixie AS build
WORKDIR /app
COPY package.json ./
RUN npm install
COPY . .
RUN npm run build

FROM node:26-trixie-slim
WORKDIR /app
COPY --from=build /app /app
EXPOSE 3000
CMD ["npm", "start"]
