#!/usr/bin/env bash
# Breaks a host for real, one fault at a time, and holds `garden6 doctor` against it: every fault has
# to be found; what can be repaired has to be repaired, by a second run of nothing, and put back byte
# for byte.
#
#   hack/doctor-faults.sh GARDEN6 [FAULT...]
#
# Faults of the network and of /etc happen in namespaces of their own, in which /etc is a copy. Docker
# networks have names that begin with `garden6-fault-` and are removed. Needs root, Docker, jq and
# python3; the limits of inotify are raised for a moment where they are low.
set -euo pipefail
garden6="$(realpath "${1:?usage: $0 GARDEN6 [FAULT...]}")"
shift
only=("$@")
script="$(realpath "${BASH_SOURCE[0]}")"
work="${DOCTOR_FAULTS_WORK:-$(mktemp -d)}"
export DOCTOR_FAULTS_WORK="$work"
network=garden6-fault-kind

# --- inside the namespaces ---------------------------------------------------------------------

doctor() { "$garden6" doctor --state-dir "$work/state" "$@"; }

status_of() { # CHECK ARGS...
  local check=$1
  shift
  { doctor -o json --only "$check" "$@" || [ $? -eq 1 ]; } | jq -r --arg id "$check" '.items[] | select(.id == $id) | .status'
}

# Everything that a repair here may touch, as text.
fingerprint() {
  (
    cd /
    find etc/hosts etc/docker etc/sysctl.d etc/modules-load.d -printf '%p %y %m %U:%G\n' 2>/dev/null | sort
    find etc/hosts etc/docker etc/sysctl.d etc/modules-load.d -type f -exec sha256sum {} + 2>/dev/null | sort
    grep -r . proc/sys/net/ipv6/conf/*/{disable_ipv6,forwarding,accept_ra} proc/sys/net/ipv4/ip_forward \
      proc/sys/net/ipv4/conf/*/{forwarding,accept_redirects} proc/sys/net/ipv6/bindv6only proc/sys/fs/inotify 2>/dev/null | sort
    ip -6 address show dev lo scope host 2>/dev/null | grep -o 'inet6 [^ ]*' || true
    docker network inspect "$network" 2>/dev/null | jq -c '.[] | del(.Id, .Created)' || true
  )
}

row() { printf '%-34s %-28s %-8s %-8s %-8s %6s  %s\n' "$@"; }

# fault NAME CHECK WANTED FIX? [ARGS...]: WANTED is the status to be found; FIX? is `fix`, `restart` or `-`.
judge() {
  local name=$1 check=$2 wanted=$3 repair=$4
  shift 4
  local found fixed=- undone=- started took verdict=ok before after again flags=()
  started=$(date +%s%N)
  found=$(status_of "$check" "$@")
  took=$((($(date +%s%N) - started) / 1000000))
  [ "$found" = "$wanted" ] || verdict="WRONG: wanted $wanted"
  if [ "$repair" != - ]; then
    [ "$repair" != restart ] || flags=(--allow-restart)
    before=$(fingerprint)
    doctor --fix --yes "${flags[@]}" --only "$check" "$@" >"$work/fix.txt" 2>&1 || true
    fixed=$(status_of "$check" "$@")
    case "$fixed" in pass | info | skip) ;; *) verdict="WRONG: not repaired, see $work/$name.txt" ;; esac
    again=$(fingerprint)
    doctor --fix --yes "${flags[@]}" --only "$check" "$@" >>"$work/fix.txt" 2>&1 || true
    [ "$(fingerprint)" = "$again" ] || verdict="WRONG: a second repair changes something"
    if [ "${HOLD:-}" = edit ]; then
      printf '192.0.2.77 somebody.example\n' >>/etc/hosts
      before=$(cat /etc/hosts)
      ! doctor --undo >>"$work/fix.txt" 2>&1 || verdict="WRONG: undo went over an edit"
      [ "$(cat /etc/hosts)" = "$before" ] && undone=refused || verdict="WRONG: the edit is gone"
    else
      doctor --undo >>"$work/fix.txt" 2>&1 || verdict="WRONG: undo failed"
      after=$(fingerprint)
      if [ "$before" = "$after" ]; then undone=same; else
        undone=DIFFERS verdict="WRONG: not as before, see $work/$name.diff"
        diff <(echo "$before") <(echo "$after") >"$work/$name.diff" || true
      fi
      [ "$(status_of "$check" "$@")" = "$wanted" ] || verdict="WRONG: the fault is gone after undo"
    fi
    cp "$work/fix.txt" "$work/$name.txt"
  fi
  row "$name" "$check" "$found" "$fixed" "$undone" "${took}ms" "$verdict"
  [ "$verdict" = ok ]
}

setting() { printf '%s' "$2" >"/proc/sys/${1//./\/}"; }

daemon_json() { printf '%s' "$1" >/etc/docker/daemon.json; }

# A program that listens on a socket and treats whoever comes as its argument says.
listener() { # PATH MODE
  python3 - "$1" "$2" <<'PYTHON' &
import os, socket, sys, time
path, mode = sys.argv[1:]
server = socket.socket(socket.AF_UNIX)
server.bind(path)
os.chmod(path, 0o666)
if mode == "dead":
    sys.exit()
server.listen(64)
kept = []
while True:
    client, _ = server.accept()
    kept.append(client)
    if mode == "garbage":
        client.sendall(b"\x00\xff\x13 220 this is no engine\r\n\r\n")
        client.close()
    elif mode == "web":
        client.recv(4096)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        client.close()
    elif mode == "endless":
        client.recv(4096)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(20):
                client.sendall(b"x" * 65536)
                time.sleep(0.5)
        except OSError:
            pass
PYTHON
  listening=$!
  for _ in $(seq 50); do [ -S "$1" ] && return; sleep 0.1; done
}

socket_fault() { # NAME MODE WANTED
  local socket="$work/$1.sock"
  rm -f "$socket"
  listener "$socket" "$2"
  DOCKER_HOST="unix://$socket" judge "$1" docker-socket-reachable fail - && local code=0 || code=1
  kill "$listening" 2>/dev/null || true
  return $code
}

# A router advertisement from the other end of a pair of links.
advertise() {
  ip netns add garden6-fault-router
  ip link add uplink type veth peer name router netns garden6-fault-router
  setting net.ipv6.conf.uplink.accept_ra 1
  ip link set uplink up
  ip -n garden6-fault-router link set router up
  # Nobody sends from an address before it is known to be nobody else's, which takes a second or two on an idle machine.
  for _ in $(seq 100); do
    ip -n garden6-fault-router -6 address show dev router scope link -tentative | grep -q inet6 &&
      ip -6 address show dev uplink scope link -tentative | grep -q inet6 && break
    sleep 0.1
  done
  ip netns exec garden6-fault-router python3 - <<'PYTHON'
import socket, struct
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
index = socket.if_nametoindex("router")
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
raw.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0), ("ff02::1", 0, 0, index))
PYTHON
  for _ in $(seq 50); do ip -6 route show default | grep -q 'proto ra' && return; sleep 0.1; done
}

run_fault() {
  ip link set lo up
  case "$1" in
    ipv6-off-everywhere) setting net.ipv6.conf.all.disable_ipv6 1; judge "$1" ipv6-disable-all fail fix ;;
    ipv6-off-on-loopback) setting net.ipv6.conf.lo.disable_ipv6 1; judge "$1" ipv6-disable-lo fail fix ;;
    ipv6-off-on-new-links) setting net.ipv6.conf.default.disable_ipv6 1; judge "$1" ipv6-disable-default warn fix ;;
    loopback-address-gone) ip -6 address del ::1/128 dev lo; judge "$1" loopback-v6 fail fix ;;
    ipv4-not-forwarded) setting net.ipv4.ip_forward 0; judge "$1" ipv4-forwarding fail fix ;;
    ipv6-not-forwarded)
      docker network create --ipv6 --subnet fd00:fa17::/64 garden6-fault-v6 >/dev/null
      setting net.ipv6.conf.all.forwarding 0
      judge "$1" ipv6-forwarding-all warn fix && local code=0 || code=1
      docker network rm garden6-fault-v6 >/dev/null
      return $code
      ;;
    route-from-router-lost)
      advertise
      judge "$1" ipv6-accept-ra-forwarding warn fix && local code=0 || code=1
      ip netns del garden6-fault-router
      return $code
      ;;
    sockets-for-ipv6-only) setting net.ipv6.bindv6only 1; judge "$1" ipv6-bindv6only warn fix ;;
    watchers-too-few)
      [ "$(cat /proc/sys/fs/inotify/max_user_instances)" -lt 512 ] || { row "$1" inotify-instances - - - - "skipped: the host has enough"; return; }
      judge "$1" inotify-instances warn fix
      ;;
    no-ipv6-localhost) printf '127.0.0.1 localhost' >/etc/hosts; judge "$1" hosts-localhost-v6 warn fix ;;
    hosts-edited-after-repair) printf '127.0.0.1 localhost\n' >/etc/hosts; HOLD=edit judge "$1" hosts-localhost-v6 warn fix ;;
    registry-name-unknown) printf '127.0.0.1 localhost\n' >/etc/hosts; judge "$1" hosts-registry-entry warn fix --target gardener ;;
    daemon-without-iptables) daemon_json '{"zz-unknown": {"b": 1}, "iptables": false}'; judge "$1" docker-iptables fail restart ;;
    daemon-without-proxy) daemon_json $'{\n\t"userland-proxy": false,\n\t"mtu": 1400\n}'; judge "$1" docker-userland-proxy fail restart ;;
    daemon-few-files) daemon_json '{"default-ulimits":{"nofile":{"Name":"nofile","Hard":1024,"Soft":1024}}}'; judge "$1" docker-default-ulimits warn restart ;;
    daemon-asks-itself) daemon_json '{"dns": ["127.0.0.1", "2001:db8::53"]}'; judge "$1" docker-daemon-dns warn restart ;;
    daemon-json-broken) daemon_json '{"ipv6": tru'; judge "$1" docker-daemon-json-valid fail - ;;
    node-network-without-ipv6)
      docker network create --subnet 10.213.7.0/24 "$network" >/dev/null
      KIND_EXPERIMENTAL_DOCKER_NETWORK=$network judge "$1" kind-network-ipv6 fail fix && local code=0 || code=1
      docker network rm "$network" >/dev/null
      return $code
      ;;
    node-network-without-nat)
      docker network create --ipv6 --subnet fd00:fa18::/64 -o com.docker.network.bridge.enable_ip_masquerade=false "$network" >/dev/null
      KIND_EXPERIMENTAL_DOCKER_NETWORK=$network judge "$1" kind-network-masquerade warn fix && local code=0 || code=1
      docker network rm "$network" >/dev/null
      return $code
      ;;
    socket-missing) DOCKER_HOST="unix://$work/nowhere.sock" judge "$1" docker-socket-reachable fail - ;;
    socket-dead) socket_fault "$1" dead ;;
    socket-hangs) socket_fault "$1" hang ;;
    socket-garbage) socket_fault "$1" garbage ;;
    socket-web-server) socket_fault "$1" web ;;
    socket-endless) socket_fault "$1" endless ;;
    context-unknown) DOCKER_CONTEXT=nowhere judge "$1" docker-context-resolved fail - ;;
    proxy-on-loopback) HTTP_PROXY=http://127.0.0.1:3128 judge "$1" proxy-env warn - ;;
    another-provider) KIND_EXPERIMENTAL_PROVIDER=podman judge "$1" kind-env-overrides warn - ;;
    dns-port-taken)
      python3 -c 'import socket,time; s=socket.socket(socket.AF_INET6); s.bind(("::",53)); s.listen(); time.sleep(60)' &
      sleep 0.5
      judge "$1" port-dns-53 fail - --target gardener && local code=0 || code=1
      kill $!
      return $code
      ;;
    *) echo "no such fault: $1" >&2; return 2 ;;
  esac
}

if [ "${DOCTOR_FAULT:-}" ]; then
  mount --make-rprivate /
  cp -a /etc "$work/etc"
  mount --bind "$work/etc" /etc
  mkdir -p /etc/docker
  export HOME="$work/home"
  mkdir -p "$HOME"
  unset DOCKER_HOST DOCKER_CONTEXT KIND_EXPERIMENTAL_DOCKER_NETWORK KIND_EXPERIMENTAL_PROVIDER
  run_fault "$DOCTOR_FAULT"
  exit
fi

# --- outside -----------------------------------------------------------------------------------

faults=(
  ipv6-off-everywhere ipv6-off-on-loopback ipv6-off-on-new-links loopback-address-gone
  ipv4-not-forwarded ipv6-not-forwarded route-from-router-lost sockets-for-ipv6-only watchers-too-few
  no-ipv6-localhost hosts-edited-after-repair registry-name-unknown
  daemon-without-iptables daemon-without-proxy daemon-few-files daemon-asks-itself daemon-json-broken
  node-network-without-ipv6 node-network-without-nat
  socket-missing socket-dead socket-hangs socket-garbage socket-web-server socket-endless
  context-unknown proxy-on-loopback another-provider dns-port-taken
)
[ "${#only[@]}" -eq 0 ] || faults=("${only[@]}")
trap 'docker network rm "$network" garden6-fault-v6 >/dev/null 2>&1 || true; ip netns del garden6-fault-router 2>/dev/null || true' EXIT
row FAULT CHECK FOUND REPAIRED UNDONE TOOK VERDICT
bad=0
for fault in "${faults[@]}"; do
  rm -rf "$work/etc" "$work/state"
  DOCTOR_FAULT="$fault" unshare --net --mount -- "$script" "$garden6" || bad=$((bad + 1))
done
printf '%d faults, %d wrong; what was said is in %s\n' "${#faults[@]}" "$bad" "$work"
[ "$bad" -eq 0 ]
