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
# Without a threshold, memory of large messages that was freed is kept by the C library.
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=1048576
USER 65532:65532
EXPOSE 8080
# Messages are garbage as soon as they have passed: of a larger room for new objects only the memory is felt.
ENTRYPOINT ["node", "--max-semi-space-size=2", "/opt/asya/sidecar/dist/main.js"]
