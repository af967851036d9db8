#!/bin/sh
# Makes the files of the image, for Containerfile and build.sh: in FOLDER/root the program, its packages, the Node.js that
# package.json names with its shared libraries, and nothing else, no shell either; in FOLDER/state the folder for data. Runs
# on Debian, in a checkout after "npm ci".
#     contrib/container/root.sh FOLDER
set -eu
[ $# = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
umask 022
mkdir -p "$1/package" "$1/root/usr/bin" "$1/root/var/lib" "$1/state/automx2"
folder=$(cd "$1" && pwd)
root=$folder/root
program=$folder/package
cd "$(dirname "$0")/../.."

# unpack PACKAGE FOLDER FILE...: of a package of npm, "." for ours.
unpack() {
	tarball=$(npm pack --silent --prefer-offline --pack-destination "$folder" "$1")
	to=$2
	shift 2
	tar -xzf "$folder/$tarball" --no-same-owner --strip-components=1 -C "$to" "$@"
}
unpack . "$program"
rm "$program/npm-shrinkwrap.json"
cp package-lock.json .npmrc "$program"
(cd "$program" && npm ci --silent --prefer-offline --omit=dev --ignore-scripts)

# Neither env nor a shell is there; no signal starts the debugger.
make -s -C "$program" install DESTDIR="$root" PREFIX=/usr NODE=/usr/bin/node
sed -i '1s|$| --disable-sigusr1|' "$root/usr/lib/automx2/dist/app/main.js"
(cd "$root" && rm -r usr/lib/systemd usr/lib/sysusers.d usr/lib/tmpfiles.d usr/share etc/automx2)
cp LICENSE "$root/usr/lib/automx2"

cpu=$(node -p process.arch)
version=$(npm pkg get devDependencies.node | tr -d '"')
unpack "node-linux-$cpu@$version" "$root/usr" package/bin/node package/LICENSE
mkdir -p "$root/usr/share/doc/node"
mv "$root/usr/LICENSE" "$root/usr/share/doc/node"
ldd "$root/usr/bin/node" "$root/usr/lib/automx2/node_modules/better-sqlite3/prebuilds/linux-$cpu.node" |
	sed -nE 's|.*[[:space:]](/[^ ]+) \(0x.*|\1|p' | sort -u | xargs cp -L --parents -t "$root"
# Their licences.
cp --parents /usr/share/doc/libc6/copyright /usr/share/doc/gcc-*-base/copyright "$root"

echo 'automx2:x:65532:65532::/:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'automx2:x:65532:' >"$root/etc/group"
chmod -R u=rwX,go=rX "$root"
chmod 755 "$root/usr/lib/automx2/dist/app/main.js"
chmod 700 "$folder/state/automx2"
