# The portal and its workers, one image. Nothing is downloaded but packages from npm; install scripts run as package.json's allowScripts says.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without scripts: what "prepare" makes needs the sources, which change more often than the packages.
RUN npm ci --ignore-scripts
COPY . .
RUN npm rebuild esbuild && npm run prepare && npm run --silent bom bom.cdx.json && npm prune --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 ISS_DEMO=0 ISS_DATA_DIR=/data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 4000
# Signals come to node itself, not to npm.
CMD ["node", "--import", "tsx", "api/main.ts"]
