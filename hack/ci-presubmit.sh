#!/usr/bin/env bash
# The kind run that CI makes: for each family list a real kind cluster from the offline kit, the
# stack pulled from the local registry, Gardener's example Shoot, the e2e lane, and nothing left.
#
#   hack/ci-presubmit.sh GARDEN6 [FAMILY...]      default: ipv6 dual ipv4
#
# The IPv6 cluster has two nodes, so that packets between pods of different nodes are seen too.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
garden6="$(realpath "${1:?usage: $0 GARDEN6 [FAMILY...]}")"
shift
families=("$@")
[ "${#families[@]}" -gt 0 ] || families=(ipv6 dual ipv4)

"$here/offline-kit/engine.sh"
kit="$("$here/offline-kit/build.sh")"
eval "$kit"
kubectl="$GARDEN6_KUBECTL"
data="${GARDEN6_DATA:-$here/../../shared/data}"

export GARDEN6_STATE_DIR="${GARDEN6_STATE_DIR:-$(mktemp -d)}"
artifacts="${ARTIFACTS:-$here/../artifacts}"
mkdir -p "$artifacts"
artifacts="$(realpath "$artifacts")"
unset ARTIFACTS
name=presubmit
passed=0
skipped=0

say() { printf -- '--- %s\n' "$*"; }
die() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

# What a failed run leaves is kept as artifacts, then removed, so that the next run starts clean.
cleanup() {
  local code=$?
  if [ "$code" -ne 0 ]; then
    "$garden6" status --name "$name" -o json >"$artifacts/status.json" 2>&1 || true
    "$GARDEN6_KIND" export logs --name "$name" "$artifacts/kind-logs" >/dev/null 2>&1 || true
    "$garden6" down --name "$name" || true
  fi
  exit "$code"
}
trap cleanup EXIT

# What must be the same before and after: docker objects, packet filter rules.
host_state() {
  docker network ls --format '{{.Name}}' | sort
  docker ps -a --format '{{.Names}}' | sort
  docker volume ls -q | sort
  ip6tables-save -t nat 2>/dev/null | grep -v '^[#:]' | sort || true
}

workers_of() {
  case "$1" in
    ipv6) echo 1 ;;
    *) echo 0 ;;
  esac
}

shoot_of() {
  case "$1" in
    ipv6) echo "$data/gardener/shoot-ipv6.yaml" ;;
    ipv4) echo "$data/gardener/shoot.yaml" ;;
  esac
}

# Every address of nodes and pods has the family of the cluster.
check_addresses() {
  local kubeconfig=$1 pattern=$2 addresses
  addresses="$("$kubectl" --kubeconfig "$kubeconfig" get nodes -o \
    jsonpath='{range .items[*].status.addresses[?(@.type=="InternalIP")]}{.address}{"\n"}{end}')"
  addresses+=$'\n'"$("$kubectl" --kubeconfig "$kubeconfig" get pods -A -o \
    jsonpath='{range .items[*].status.podIPs[*]}{.ip}{"\n"}{end}')"
  [ "$(grep -c . <<<"$addresses")" -ge 2 ] || die "no addresses were found"
  if grep . <<<"$addresses" | grep -vq "$pattern"; then
    die "addresses of another family: $(grep . <<<"$addresses" | grep -v "$pattern" | tr '\n' ' ')"
  fi
  say "all $(grep -c . <<<"$addresses") node and pod addresses match $pattern"
}

# The stack's pods run an image of the local registry, and the registry served it over IPv6.
check_registry() {
  local kubeconfig=$1 image
  image="$("$kubectl" --kubeconfig "$kubeconfig" -n garden6-system get pods -o \
    jsonpath='{.items[0].spec.containers[0].image}')"
  case "$image" in
    registry.local.gardener.cloud:5001/*) say "the stack runs $image" ;;
    *) die "the stack runs $image, which is not from the local registry" ;;
  esac
  docker logs "$name-registry" 2>&1 | grep -E '"GET /v2/[^"]*/blobs/' | grep -Eq '(http\.request\.remoteaddr="\[fd|^fd)' ||
    die "the registry saw no pull over IPv6"
  say "the registry served the stack's image over IPv6"
}

check_shoot() {
  local kubeconfig=$1 file=$2
  if [ ! -f "$file" ]; then
    say "skipped: Gardener's example Shoot is not at hand ($file)"
    skipped=$((skipped + 1))
    return
  fi
  "$kubectl" --kubeconfig "$kubeconfig" apply -f "$file"
  "$kubectl" --kubeconfig "$kubeconfig" -n garden-local wait shoot/local \
    --for=jsonpath='{.status.lastOperation.state}'=Succeeded --timeout=120s
  "$kubectl" --kubeconfig "$kubeconfig" -n garden-local get shoot local
  "$kubectl" --kubeconfig "$kubeconfig" -n garden-local delete shoot local --timeout=120s
}

for family in "${families[@]}"; do
  say "kind, $family"
  before="$(host_state)"
  "$garden6" up --name "$name" --backend kind --ip-family "$family" --cni ptp \
    --workers "$(workers_of "$family")" \
    --node-image "$GARDEN6_NODE_IMAGE" --registry-image "$GARDEN6_REGISTRY_IMAGE" --kind "$GARDEN6_KIND"
  kubeconfig="$("$garden6" kubeconfig --name "$name" --path)"
  "$kubectl" --kubeconfig "$kubeconfig" get nodes -o wide
  case "$family" in
    ipv6)
      check_addresses "$kubeconfig" ':'
      check_registry "$kubeconfig"
      ;;
    ipv4) check_addresses "$kubeconfig" '^[0-9.]*$' ;;
  esac
  shoot="$(shoot_of "$family")"
  [ -z "$shoot" ] || check_shoot "$kubeconfig" "$shoot"
  "$garden6" e2e run --name "$name" --jobs 8 --artifacts "$artifacts/${family//,/-}"
  "$garden6" down --name "$name"
  [ "$before" = "$(host_state)" ] ||
    die "down left something: $(diff <(echo "$before") <(host_state) | tr '\n' ' ')"
  passed=$((passed + 1))
done

echo
echo "presubmit: $passed passed, 0 failed, $skipped skipped"
