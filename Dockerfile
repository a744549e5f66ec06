# The services of the product, one target each: web, api, session-manager, egress. `docker compose build` makes them
# all; what sessions run in is session-image/Dockerfile.
ARG NODE_IMAGE=node:24-bookworm-slim

# Packages, in a layer that only a change of package files makes anew. No install scripts: see
# docs/adr/0003-install-without-scripts.md, which also says why this is not `npm ci`.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY protocol/package.json protocol/
COPY service/package.json service/
COPY prisma/package.json prisma/
COPY api/package.json api/
COPY session-manager/package.json session-manager/
COPY session-image/agent/package.json session-image/agent/
COPY egress/package.json egress/
COPY web/package.json web/
COPY standalone/package.json standalone/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
RUN --mount=type=cache,target=/root/.npm \
    npm install --no-save --ignore-scripts --include=dev --include-workspace-root \
      --workspace=protocol --workspace=service --workspace=prisma --workspace=api \
      --workspace=session-manager --workspace=egress --workspace=web

# What every service is made from.
FROM packages AS sources
COPY tsconfig.base.json ./
COPY scripts/stage-image.mjs scripts/
COPY scripts/lib/bundle.mjs scripts/lib/http-by-getter.mjs scripts/lib/production-modules.mjs \
     scripts/lib/progress.mjs scripts/lib/run.mjs scripts/lib/
COPY protocol/src protocol/src
COPY service/src service/src

FROM sources AS database
COPY prisma prisma
RUN node prisma/scripts/generate.mjs --force

FROM database AS build-api
COPY api/src api/src
RUN node scripts/stage-image.mjs api /out

FROM sources AS build-session-manager
COPY session-manager/src session-manager/src
RUN node scripts/stage-image.mjs session-manager /out

FROM database AS build-egress
COPY egress/src egress/src
RUN node scripts/stage-image.mjs egress /out

FROM sources AS build-web
COPY web web
RUN node scripts/stage-image.mjs web /out

# What every service runs on. The numbers of users and groups are those of docker-compose.yml.
FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app

FROM runtime AS web
COPY --from=build-web /out ./
WORKDIR /app/web
USER 10011:10011
EXPOSE 3004
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3004/sign-in').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/start-in-image.mjs"]

FROM runtime AS api
COPY --from=build-api /out ./
COPY prisma/migrations prisma/migrations
COPY deploy/init.mjs deploy/sign-in-link.mjs deploy/
WORKDIR /app/api
USER 10012:10001
EXPOSE 3001
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3001/api/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]

FROM runtime AS session-manager
COPY --from=build-session-manager /out ./
WORKDIR /app/session-manager
EXPOSE 3002
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3002/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]

FROM runtime AS egress
COPY --from=build-egress /out ./
WORKDIR /app/egress
# Names are looked up on these, which all sessions share.
ENV UV_THREADPOOL_SIZE=16
USER 10013:10001
EXPOSE 3003
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3003/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
