#!/usr/bin/env bash
# Makes what a release has into a new folder: the tarball, both Debian packages, the SBOM and the checksums. The same commit
# gives the same octets. Needs what contrib/build-deb.sh needs.
#     npm run release [-- FOLDER]
set -euo pipefail
out=$(realpath -m "${1:-release-$(npm pkg get version | tr -d '"')}")
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
mkdir "$out"
tarball=$(npm pack --silent --pack-destination "$out")
node release/sbom.ts >"$out/${tarball%.tgz}.cdx.json"
build=$PWD/contrib/build-deb.sh
cd "$out"
"$build"
"$build" --bundle-node
sha256sum ./* >SHA256SUMS
cat SHA256SUMS
