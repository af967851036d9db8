#!/usr/bin/env bash
# Builds the image of Containerfile without base images and without a daemon: into FILE, an archive that "podman load",
# "docker load" and "buildah pull docker-archive:FILE" take. The same commit gives the same octets on the same Debian.
# Needs buildah, node and npm, in a checkout after "npm ci".
#     contrib/container/build.sh [FILE]
set -euo pipefail
[ $# -le 1 ] || { echo "usage: $0 [FILE]" >&2; exit 2; }
cd "$(dirname "$0")/../.."
image=automx2:$(npm pkg get version | tr -d '"')
file=$(realpath -m "${1:-${image/:/-}.image.tar}")
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/archive"

contrib/container/root.sh "$work/image"
# The second stage alone: these files take the place of the first. Such a storage needs no mounts, so it works in a sandbox.
buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs build --quiet --isolation chroot \
	--format docker --timestamp "$SOURCE_DATE_EPOCH" --build-context "build=$work" \
	--file contrib/container/Containerfile --tag "docker-archive:$work/built.tar:localhost/$image" contrib/container >/dev/null

# buildah puts two random names into the configuration, which is named after its checksum.
cd "$work/archive"
tar -xf "$work/built.tar"
config=$(echo *.json)
config=${config% manifest.json}
sed -i 's/"container":"[^"]*",//; s/"Hostname":"[^"]*"/"Hostname":""/g' "$config"
named=$(sha256sum "$config" | cut -d' ' -f1).json
sed -i "s/$config/$named/" manifest.json
mv "$config" "$named"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=644 -cf "$file" -- *.json *.tar
