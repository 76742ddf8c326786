# syntax=docker/dockerfile:1
# One image for all five services: the command chooses which, as in `docker run polyreel services/renderer/dist/main.js`.
# Debian 12, whose ffmpeg (5.1) the tests run with: the same recipe must give the same bytes everywhere.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# npm ci builds (`prepare`); what only building and testing need goes again.
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ffmpeg libheif-examples espeak-ng flite fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
      fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages packages
COPY --from=build /app/services services
# A volume takes its owner from here when it is first mounted.
RUN install -d -o node -g node /data /data/store /data/output
USER node
ENV NODE_ENV=production \
    POLYREEL_STORE=/data/store \
    POLYREEL_CACHE=/data/cache \
    POLYREEL_OUTPUT=/data/output
VOLUME /data
ENTRYPOINT ["node"]
CMD ["services/gateway/dist/main.js"]
