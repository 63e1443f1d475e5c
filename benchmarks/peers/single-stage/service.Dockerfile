# The first Dockerfile that most people write: everything in one image, npm as the first process.
FROM node:26-trixie
WORKDIR /app
COPY . .
RUN npm install && npm run build
EXPOSE 3000
CMD ["npm", "start"]
