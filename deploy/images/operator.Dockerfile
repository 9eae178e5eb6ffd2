# Turns AsyncActors into workloads, and brings the runtime of actors in Python. At the top of the repository:
#   npm run build
#   docker build --file deploy/images/operator.Dockerfile --tag asya-operator:0.1.0 .
FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="asya-operator" \
      org.opencontainers.image.description="Turns AsyncActors into workloads" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY packages/operator/package.json /opt/asya/operator/
COPY packages/operator/dist /opt/asya/operator/dist
COPY packages/runtime-python/asya.py /opt/asya/runtime-python/
ENV NODE_ENV=production \
    ASYA_PYTHON_RUNTIME=/opt/asya/runtime-python/asya.py
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "/opt/asya/operator/dist/main.js"]
