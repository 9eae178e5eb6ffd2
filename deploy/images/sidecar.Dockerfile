# Consumes an actor's queue. The operator adds it to each pod. At the top of the repository:
#   npm run build
#   docker build --file deploy/images/sidecar.Dockerfile --tag asya-sidecar:0.1.0 .
FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="asya-sidecar" \
      org.opencontainers.image.description="Consumes an actor's queue and calls its runtime" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY packages/sidecar/package.json /opt/asya/sidecar/
COPY packages/sidecar/dist /opt/asya/sidecar/dist
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "/opt/asya/sidecar/dist/main.js"]
