#!/usr/bin/env bash
# Brings up a real kind cluster from the kit's images, proves that pods talk, and removes it again.
# Usage: verify.sh [ipv6|dual|dual-ipv4|ipv4] [WORKERS]    (`dual` prefers IPv6, `dual-ipv4` IPv4)
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
family=${1:-ipv6} workers=${2:-0}
eval "$(bash "$KIT/build.sh")"

# Names of its own: a cluster somebody is using stays untouched.
name=garden6-verify
export KIND_EXPERIMENTAL_DOCKER_NETWORK=$name
folder=$(mktemp -d)
export KUBECONFIG=$folder/kubeconfig
kubectl() { "$GARDEN6_KUBECTL" "$@"; }
clean() {
  "$GARDEN6_KIND" delete cluster --name "$name" >/dev/null 2>&1 || true
  docker rm -fv "$name-registry" >/dev/null 2>&1 || true
  docker network rm "$name" >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap clean EXIT

pods6=fd00:10:1::/48 services6=fd00:10:2::/112 pods4=10.1.0.0/16 services4=10.2.0.0/20
case $family in
  ipv6) ip_family=ipv6 pods=$pods6 services=$services6 api='::1' ;;
  dual) ip_family=dual pods=$pods6,$pods4 services=$services6,$services4 api='::1' ;;
  dual-ipv4) ip_family=dual pods=$pods4,$pods6 services=$services4,$services6 api=127.0.0.1 ;;
  ipv4) ip_family=ipv4 pods=$pods4 services=$services4 api=127.0.0.1 ;;
  *) die "unknown family $family" ;;
esac
{
  cat <<YAML
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  ipFamily: $ip_family
  disableDefaultCNI: true
  podSubnet: "$pods"
  serviceSubnet: "$services"
  apiServerAddress: "$api"
# The kubelet would tell only every 10 s that it is ready.
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  nodeStatusUpdateFrequency: 1s
nodes:
- role: control-plane
YAML
  for ((i = 0; i < workers; i++)); do echo '- role: worker'; done
} >"$folder/kind.yaml"

step() { say "$family: $* ($SECONDS s)"; }
docker network create --ipv6 --subnet fd00:10:ff::/64 --subnet 172.31.255.0/24 "$name" >/dev/null
"$GARDEN6_KIND" create cluster --name "$name" --image "$GARDEN6_NODE_IMAGE" --config "$folder/kind.yaml" >"$LOGS/verify.log" 2>&1 ||
  die "kind failed, see $LOGS/verify.log"
step "cluster is up"

# The network of pods: a veth per pod, and on every node a route to each other node's pods.
nodes=$(kubectl get nodes -o jsonpath='{.items[*].metadata.name}')
cidrs_of() { kubectl get node "$1" -o jsonpath='{.spec.podCIDRs[*]}'; }
address_of() {
  local kind=GlobalIPv6Address
  [ "$2" = 6 ] || kind=IPAddress
  docker inspect --format "{{(index .NetworkSettings.Networks \"$name\").$kind}}" "$1"
}
family_of() { case $1 in *:*) echo 6 ;; *) echo 4 ;; esac; }
# kind returns before the controller manager has given every node its ranges and every namespace its service account.
until [ "$(kubectl get nodes -o jsonpath='{.items[*].spec.podCIDR}' | wc -w)" -eq "$((workers + 1))" ] &&
  kubectl -n kube-system get serviceaccount default >/dev/null 2>&1; do
  [ "$SECONDS" -lt 180 ] || die "nodes did not get their pod ranges"
  sleep 0.2
done
for node in $nodes; do
  # shellcheck disable=SC2046
  jq -n '{cniVersion: "0.4.0", name: "verify", plugins: [
      {type: "ptp", ipam: {type: "host-local", ranges: [$ARGS.positional[] | [{subnet: .}]],
        routes: [$ARGS.positional[] | {dst: (if test(":") then "::/0" else "0.0.0.0/0" end)}]}},
      {type: "portmap", capabilities: {portMappings: true}}]}' --args $(cidrs_of "$node") |
    docker exec -i "$node" sh -c 'cat >/etc/cni/net.d/10-verify.conflist'
  for other in $nodes; do
    [ "$other" != "$node" ] || continue
    for cidr in $(cidrs_of "$other"); do
      docker exec "$node" ip "-$(family_of "$cidr")" route replace "$cidr" via "$(address_of "$other" "$(family_of "$cidr")")"
    done
  done
done
kubectl wait --for=condition=Ready node --all --timeout=90s >/dev/null
step "nodes are Ready: $(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name}={.status.addresses[?(@.type=="InternalIP")].address} {end}')"

# A registry beside the nodes; one tag travels through it, as an image of the project would.
docker run -d --name "$name-registry" --network "$name" --network-alias registry.verify -p '[::1]::5001' "$GARDEN6_REGISTRY_IMAGE" >/dev/null
port=$(docker port "$name-registry" 5001/tcp | sed -n 's/.*://p' | head -n1)
for ((i = 0; i < 50; i++)); do curl -fs "http://[::1]:$port/v2/" >/dev/null && break; sleep 0.1; done
for node in $nodes; do
  docker exec -i "$node" sh -c 'mkdir -p /etc/containerd/certs.d/registry.verify:5001 && cat >/etc/containerd/certs.d/registry.verify:5001/hosts.toml' <<'TOML'
[host."http://registry.verify:5001"]
  capabilities = ["pull", "resolve", "push"]
TOML
done
docker exec "${nodes%% *}" sh -euc '
  ctr -n k8s.io images tag --force k8s.gcr.io/pause:3.2 registry.verify:5001/pause:pushed
  ctr -n k8s.io images push --plain-http registry.verify:5001/pause:pushed' >"$folder/push.log" 2>&1 || die "push: $(tail -n3 "$folder/push.log")"
step "registry took an image over $(docker exec "${nodes%% *}" getent ahosts registry.verify | awk 'NR == 1 { print $1 }')"

for node in $nodes; do
  kubectl apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $node, namespace: kube-system}
spec:
  nodeName: $node
  terminationGracePeriodSeconds: 0
  tolerations: [{operator: Exists}]
  containers:
  - {name: debug, image: "$DEBUG_IMAGE", imagePullPolicy: Never, command: [sleep, infinity]}
  - {name: pulled, image: "registry.verify:5001/pause:pushed", imagePullPolicy: Always}
YAML
done
# shellcheck disable=SC2046,SC2086
kubectl -n kube-system wait --for=condition=Ready --timeout=90s $(printf 'pod/%s ' $nodes) >/dev/null
for from in $nodes; do
  for to in $nodes; do
    for address in $(kubectl -n kube-system get pod "$to" -o jsonpath='{.status.podIPs[*].ip}') $(kubectl get node "$to" -o jsonpath='{.status.addresses[?(@.type=="InternalIP")].address}'); do
      kubectl -n kube-system exec "$from" -c debug -- ping -c1 -W5 "$address" >/dev/null || die "$from does not reach $address"
      step "pod on $from reaches $address"
    done
  done
  # shellcheck disable=SC2016
  kubectl -n kube-system exec "$from" -c debug -- sh -c 'case $KUBERNETES_SERVICE_HOST in *:*) h="[$KUBERNETES_SERVICE_HOST]" ;; *) h=$KUBERNETES_SERVICE_HOST ;; esac
    curl -fsk "https://$h/version"' | grep -q "$KUBERNETES_VERSION" || die "no ClusterIP from $from"
done
step "ClusterIP $(kubectl get service kubernetes -o jsonpath='{.spec.clusterIP}') answers"
