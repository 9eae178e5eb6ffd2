# A base for actors in Python. It holds no runtime: the operator mounts asya.py into their pods, so that it
# is always the one of the operator's version. At the top of the repository:
#   docker build --file deploy/images/runtime-python.Dockerfile --tag asya-runtime-python:0.1.0 .
FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="asya-runtime-python" \
      org.opencontainers.image.description="A base for actors in Python" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 65532:65532
