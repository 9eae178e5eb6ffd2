# Pipelines as MCP tools and over REST, with jobs in PostgreSQL. At the top of the repository:
#   npm run build
#   docker build --file deploy/images/gateway.Dockerfile --tag asya-gateway:0.1.0 .
FROM node:24-bookworm-slim AS packages
WORKDIR /opt/asya
COPY package.json package-lock.json ./
COPY packages packages
# Of the lockfile only what the gateway does not bundle.
RUN npm ci --omit=dev --omit=optional --omit=peer --workspace packages/gateway \
      --include-workspace-root=false --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="asya-gateway" \
      org.opencontainers.image.description="Offers pipelines as MCP tools and over REST" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/asya
COPY --from=packages /opt/asya/node_modules node_modules
COPY packages/gateway/package.json packages/gateway/
COPY packages/gateway/dist packages/gateway/dist
COPY packages/gateway/migrations packages/gateway/migrations
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["node", "/opt/asya/packages/gateway/dist/main.js"]
