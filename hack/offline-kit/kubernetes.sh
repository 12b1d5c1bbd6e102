#!/usr/bin/env bash
# Builds the Kubernetes programs of a node from Debian's source package, with the Go of the same release.
set -euo pipefail
. "$(dirname -- "$0")/lib.sh"
. "$KIT/debian.sh"
out=$1

# The scratch folder lives beside Go's build cache: an interrupted build compiles only what is still missing.
build=$WORK/kubernetes
export GOPATH=$build/gopath GOCACHE=$build/go-build GO111MODULE=off CGO_ENABLED=0 GOFLAGS=-trimpath
export GOROOT=$build/toolchain/usr/lib/go-1.19
tree=$GOPATH/src/k8s.io/kubernetes
rm -rf "$build/toolchain" "$GOPATH"
mkdir -p "$build/source" "$(dirname "$tree")"

unpack_packages "$BASE_SUITE" "$build/toolchain" \
  golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev kubernetes-client
(cd "$build/source" && debian_apt "$BASE_SUITE" source --download-only kubernetes)
dpkg-source --no-check -x "$build"/source/kubernetes_*.dsc "$tree"
cd "$tree"
PATH=$GOROOT/bin:$PATH

# The vendored reflect2 reads runtime internals that Go 1.18 changed: every JSON decode would crash.
rm -rf vendor/github.com/modern-go/reflect2
cp -r "$build/toolchain/usr/share/gocode/src/github.com/modern-go/reflect2" vendor/github.com/modern-go/

# This controller sleeps 10 s before its first look at the nodes, and holds up the ones after it (the one that lets workers
# join among them): a fifth of the time a cluster takes. It may look at once.
allocator=pkg/controller/nodeipam/ipam/cidr_allocator.go
sed -i 's/wait\.Poll(10\*time\.Second, /wait.PollImmediate(time.Second, /' "$allocator"
grep -q 'wait.PollImmediate(time.Second, ' "$allocator"

# Upstream's Makefile generates this file with tools Debian's tree lacks; the generator itself is vendored.
mapfile -t tagged < <(grep -rlE --include='*.go' '^// ?\+k8s:openapi-gen=' pkg cmd plugin staging vendor |
  xargs -n1 dirname | sed -E 's|^staging/src/|k8s.io/kubernetes/vendor/|; s|^(pkg\|cmd\|plugin\|vendor)/|k8s.io/kubernetes/\1/|' | grep -v /testdata/ | sort -u)
nice go run ./vendor/k8s.io/kube-openapi/cmd/openapi-gen \
  --input-dirs "$(IFS=,; echo "${tagged[*]}")" \
  --output-package k8s.io/kubernetes/pkg/generated/openapi --output-file-base zz_generated.openapi \
  --output-base "$GOPATH/src" --go-header-file hack/boilerplate/boilerplate.generatego.txt --report-filename "$build/openapi-violations.txt"

# kubeadm refuses to work with components whose version it cannot compare with its own.
version=${KUBERNETES_VERSION#v}
flags="-s -w"
for package in k8s.io/component-base/version k8s.io/kubernetes/vendor/k8s.io/component-base/version k8s.io/kubernetes/vendor/k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$KUBERNETES_VERSION -X $package.gitMajor=${version%%.*} -X $package.gitMinor=$(cut -d. -f2 <<<"$version") -X $package.gitTreeState=clean"
done
nice go install -ldflags "$flags" \
  ./cmd/kube-apiserver ./cmd/kube-controller-manager ./cmd/kube-scheduler ./cmd/kube-proxy ./cmd/kubeadm ./cmd/kubelet

cp "$GOPATH"/bin/kube{-apiserver,-controller-manager,-scheduler,-proxy,adm,let} "$out/"
# The client of the same release is a ready package.
cp "$build/toolchain/usr/bin/kubectl" "$out/"
"$out/kubeadm" version -o short | grep -qxF "$KUBERNETES_VERSION"
rm -rf "$build"
