# The base of every image of a TypeScript actor: Node, and Asya's runtime. At the top of the repository:
#   npm run build
#   docker build --file deploy/images/runtime-node.Dockerfile --tag asya-runtime-node:0.1.0 .
FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="asya-runtime-node" \
      org.opencontainers.image.description="Serves a TypeScript actor to its sidecar" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY packages/runtime-node/package.json /opt/asya/runtime/
COPY packages/runtime-node/dist /opt/asya/runtime/dist
ENV NODE_ENV=production
WORKDIR /app
# A number, since Kubernetes cannot tell of a name that it is not root.
USER 65532:65532
ENTRYPOINT ["node", "/opt/asya/runtime/dist/main.js"]
