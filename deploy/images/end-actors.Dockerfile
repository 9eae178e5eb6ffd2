# happy-end and error-end, on the Node runtime: ASYA_HANDLER says which. At the top of the repository:
#   npm run build
#   docker build --file deploy/images/end-actors.Dockerfile --tag asya-end-actors:0.1.0 .
ARG RUNTIME_IMAGE=asya-runtime-node:0.1.0
FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="asya-end-actors" \
      org.opencontainers.image.description="Keeps results and what failed" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY packages/sdk/package.json /app/node_modules/@asya/sdk/
COPY packages/sdk/dist /app/node_modules/@asya/sdk/dist
COPY packages/end-actors/package.json /app/
COPY packages/end-actors/dist /app/dist
USER 65532:65532
