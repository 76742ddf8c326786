# One image for all five services: the command chooses which, as in `docker run polyreel services/renderer/dist/main.js`.
# Debian 12, whose ffmpeg (5.1) the tests run with: the same recipe must give the same bytes everywhere.
# `--target full` adds Chinese, Japanese and Korean fonts, and festival as a program for POLYREEL_VOICE_COMMAND.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY . .
# npm ci builds (`prepare`); what only building and testing need goes again.
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# What services never read goes, too: files for compilers, debuggers, browsers and readers. Of onnxruntime-web they load three.
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils \
 && strip /usr/local/bin/node \
 && rm -rf packages/*/src services/*/src node_modules/fluent-ffmpeg/coverage \
 && find node_modules packages services -type f \
      \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' -o -path '*/dist/*.test.js' \) -delete \
 && find node_modules/onnxruntime-web/dist -type f \
      ! -name ort.wasm.bundle.min.mjs ! -name ort-wasm-simd-threaded.mjs ! -name ort-wasm-simd-threaded.wasm -delete

FROM debian:12.13-slim AS runtime
# What ffmpeg's packages depend on and its program never loads, a fifth of a gigabyte: drivers of displays, and their compiler.
RUN printf 'path-exclude=/usr/%s\n' 'lib/*/dri/*' 'lib/*/libLLVM*' 'lib/*/libz3*' 'lib/*/mfx/*' 'share/X11/*' \
      > /etc/dpkg/dpkg.cfg.d/not-loaded \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates ffmpeg libheif-examples espeak-ng flite fonts-noto-core fonts-noto-color-emoji fonts-dejavu-core \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages packages
COPY --from=build /app/services services
# A volume takes its owner from here when it is first mounted. Nothing else is written.
RUN groupadd --gid 1000 polyreel \
 && useradd --uid 1000 --gid polyreel --home-dir /data --shell /usr/sbin/nologin polyreel \
 && install -d -o polyreel -g polyreel /data /data/store /data/cache /data/work /videos
ENV NODE_ENV=production \
    POLYREEL_STORE=/data/store \
    POLYREEL_CACHE=/data/cache \
    POLYREEL_OUTPUT=/videos \
    TMPDIR=/data/work
USER polyreel
VOLUME ["/data", "/videos"]
ENTRYPOINT ["node"]
CMD ["services/gateway/dist/main.js"]

FROM runtime AS full
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk festival festvox-us-slt-hts \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/*
USER polyreel

FROM runtime AS core
