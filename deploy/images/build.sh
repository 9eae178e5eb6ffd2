#!/usr/bin/env bash
# Builds all images: deploy/images/build.sh [REGISTRY]. With a registry they are pushed there too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
registry=${1:+${1%/}/}
version=0.1.0

npm run build
# runtime-node first: end-actors stands on it.
for name in runtime-node runtime-python sidecar end-actors operator gateway; do
  image=${registry}asya-$name:$version
  docker build --file "deploy/images/$name.Dockerfile" --tag "$image" \
    --build-arg "RUNTIME_IMAGE=${registry}asya-runtime-node:$version" .
  if [[ -n $registry ]]; then docker push "$image"; fi
done
