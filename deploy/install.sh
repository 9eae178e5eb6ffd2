#!/usr/bin/env bash
# Installs Asya into the cluster that kubectl speaks to; run it again to upgrade.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'USAGE'
deploy/install.sh minimal|standard|full [--registry REGISTRY] [--tag TAG]
  KEDA if there is none, secrets if there are none, then the configuration.
deploy/install.sh namespace NAME
  Prepares a namespace for actors: copies into it what sidecars need of the secrets.

KEDA_MANIFEST is a file or a URL to install KEDA from, where the cluster cannot be reached from outside.
USAGE
}

system=asya-system
keda_version=2.20.2
keda_manifest=${KEDA_MANIFEST:-https://github.com/kedacore/keda/releases/download/v$keda_version/keda-$keda_version.yaml}
version=0.1.0

has() { kubectl get "$@" --output name >/dev/null 2>&1; }

random() { openssl rand -hex 32; }

# Applied only if it is not there: what is yours is never written again.
secret() {
  local namespace=$1 name=$2
  shift 2
  has --namespace "$namespace" secret "$name" && return
  kubectl --namespace "$namespace" create secret generic "$name" "$@"
}

make_namespace() {
  has namespace "$1" || kubectl create namespace "$1"
}

install_keda() {
  has crd scaledobjects.keda.sh && return
  echo "installing KEDA $keda_version"
  kubectl apply --server-side --filename "$keda_manifest"
}

make_secrets() {
  secret "$system" asya-rabbitmq --from-literal=password="$(random)"
  [[ $1 == minimal ]] && return
  local password token hash
  password=$(random)
  secret "$system" asya-postgresql --from-literal=password="$password" \
    --from-literal=url="postgres://asya:$password@asya-postgresql.$system.svc:5432/asya"
  secret "$system" asya-sidecar-token --from-literal=token="$(random)"
  if ! has --namespace "$system" secret asya-gateway-tokens; then
    token=asya_$(random)
    hash=$(printf %s "$token" | openssl dgst -sha256 -r | cut -d' ' -f1)
    secret "$system" asya-gateway-tokens \
      --from-literal=tokens.yaml="tokens: [{ principal: admin, hash: 'sha256:$hash' }]"
    echo "a token of the gateway, for the principal admin, shown this once: $token"
  fi
  has --namespace "$system" configmap asya-tools ||
    kubectl --namespace "$system" create configmap asya-tools \
      --from-literal=tools.json='{"catalog":1,"tools":[]}'
}

# Images of ours, in manifests and in settings, from another place or of another version.
name_images() {
  sed --regexp-extended "s#\basya-(sidecar|operator|gateway|end-actors):$version\b#${1:+${1%/}/}asya-\1:$2#"
}

install() {
  local configuration=$1 registry='' tag=$version
  shift
  while (($# > 0)); do
    case $1 in
      --registry) registry=$2 ;;
      --tag) tag=$2 ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift 2
  done
  if [[ $configuration == full ]] && ! has crd podmonitors.monitoring.coreos.com; then
    echo 'full needs the Prometheus operator, which is not in this cluster: docs/install.md says how to get it' >&2
    exit 1
  fi
  install_keda
  kubectl apply --server-side --force-conflicts --kustomize crd
  kubectl wait --for=condition=Established --timeout=60s crd/asyncactors.asya.io
  make_namespace "$system"
  make_secrets "$configuration"
  kubectl kustomize "kustomize/$configuration" | name_images "$registry" "$tag" |
    kubectl apply --server-side --force-conflicts --filename -
  kubectl --namespace "$system" rollout status deployment/asya-operator --timeout=300s
  kubectl --namespace "$system" wait --for=condition=Ready --timeout=300s asyncactors --all
}

prepare_namespace() {
  make_namespace "$1"
  local name key value
  for name in asya-rabbitmq/password asya-sidecar-token/token; do
    key=${name#*/} name=${name%/*}
    has --namespace "$system" secret "$name" || continue
    value=$(kubectl --namespace "$system" get secret "$name" --output "jsonpath={.data.$key}" | base64 --decode)
    secret "$1" "$name" --from-literal="$key=$value"
  done
}

case ${1:-} in
  minimal | standard | full) install "$@" ;;
  namespace) prepare_namespace "${2:?the name of a namespace}" ;;
  *) usage && exit 2 ;;
esac
