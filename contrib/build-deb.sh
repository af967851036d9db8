#!/usr/bin/env bash
# Builds automx2_VERSION_ARCH.deb into the current folder, from a checkout after "npm ci". The same commit gives the same
# octets.
#     contrib/build-deb.sh                   depends on a package nodejs, which no Debian has yet: NodeSource has
#     contrib/build-deb.sh --bundle-node     carries the Node.js that package.json names
# Needs, beside node and npm: build-essential, debhelper, fakeroot.
set -euo pipefail
umask 022
out=$PWD
cd "$(dirname "$0")/.."
checkout=$PWD
# As npm does: the machine's own Node.js may be too old for what builds.
export PATH=$PWD/node_modules/.bin:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# xz cuts what it packs in pieces when it has more than one thread.
export SOURCE_DATE_EPOCH DPKG_DEB_THREADS_MAX=2
version=$(npm pkg get version | tr -d '"')
# Between releases by the commit, too: apt installs no second package of a version.
git describe --exact-match --tags >/dev/null 2>&1 || version+=+$(date --utc -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S)
node=
case ${1-} in
--bundle-node) node=$(npm pkg get devDependencies.node | tr -d '"') ;;
?*) echo "usage: $0 [--bundle-node]" >&2 && exit 2 ;;
esac
cpu=$(node -p process.arch)

tarball=$(npm pack --silent --pack-destination "$work")
tar -xzf "$work/$tarball" -C "$work"
cp package-lock.json "$work/package/"
node release/sbom.ts ${node:+"$node"} >"$work/package/sbom.json"
cd "$work/package"
# npm-shrinkwrap.json lacks what development needs, which "npm ci" misses.
rm npm-shrinkwrap.json
npm ci --silent --prefer-offline --omit=dev --ignore-scripts
if [ -n "$node" ]; then
	tar -xzf "$(npm pack --silent --prefer-offline "node-linux-$cpu@$node")" -C "$work" --transform 's|^package|node|' package/bin/node package/LICENSE
	mv "$work/node/bin/node" node
	mv "$work/node/LICENSE" LICENSE.node
fi
cp -R contrib/debian debian
node "$checkout/release/copyright.ts" . >debian/copyright
cat >debian/changelog <<END
automx2 ($version${node:++node$node}) unstable; urgency=medium

  * CHANGELOG.md says what is new.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(date --utc -R -d "@$SOURCE_DATE_EPOCH")
END
dpkg-buildpackage --build=binary --no-sign >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
mv "$work"/automx2_*.deb "$out/"
