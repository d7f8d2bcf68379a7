#!/bin/bash
# test_deb.sh SOURCE [CHROOT] -- builds the package twice, in folders of different names,
# from copies of what is committed; compares; installs it into a bare Debian and runs it.
#
# CHROOT (or $LC3_CHROOT) is a folder made by
#     debootstrap --variant=minbase bookworm FOLDER
# It is made anew when it is missing and debootstrap can be used here; else that part
# is skipped, and said so.  Exit 77: nothing could be tested.
set -euo pipefail
source=$(cd "$1" && pwd)
chroot=${2:-${LC3_CHROOT:-}}
command -v dpkg-shlibdeps >/dev/null || { echo "skipped: no dpkg-dev"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    exit 1
}

packages=()
for name in one "another/and longer"; do
    mkdir -p "$work/$name"
    git -c safe.directory='*' -C "$source" archive HEAD | tar -x -C "$work/$name" # with the times of the commit
    packages+=("$("$source/tests/packaging/deb.sh" "$work/$name" "$work/$name/out")")
done
cmp "${packages[@]}" || fail "two builds differ"
deb=${packages[0]}
echo "reproducible: $(sha256sum "$deb" | cut -c1-16) $(stat -c %s "$deb") bytes, twice"

dpkg-deb --fsys-tarfile "$deb" >"$work/files.tar"
version=$(dpkg-deb -f "$deb" Version)
for file in bin/lc3as bin/lc3run bin/lc3dis bin/lc3gen bin/svm share/lc3/stdlib/string.asm share/lc3/examples/hello.asm \
    share/doc/lc3/copyright share/doc/lc3/SECURITY.md; do
    tar -tf "$work/files.tar" "./usr/$file" >/dev/null || fail "no $file in the package"
done
tar -xf "$work/files.tar" -C "$work"
! grep -rqF "$work" "$work/usr" || fail "the folder of the build stays: $(grep -rlF "$work" "$work/usr")"

# Runs what was installed; `$@` is how to run a program in that place.
try() {
    [ "$("$@" lc3as --version)" = "lc3as $version" ] || fail "lc3as --version"
    "$@" lc3as -o /tmp/hello.obj /usr/share/lc3/examples/hello.asm || fail "lc3as"
    "$@" lc3run -q /tmp/hello.obj | grep -q . || fail "lc3run"
    "$@" lc3as -o /tmp/match.obj /usr/share/lc3/examples/match.asm || fail "lc3as finds its library"
    "$@" lc3dis /tmp/hello.obj | grep -q ORIG || fail "lc3dis"
    [ "$("$@" svm /usr/share/lc3/examples/svm/fib.svm 20)" = 6765 ] || fail "svm"
    "$@" lc3gen --version >/dev/null || fail "lc3gen"
}

[ -n "$chroot" ] || chroot=$work/chroot
if [ ! -x "$chroot/bin/sh" ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null ||
        ! timeout 300 debootstrap --variant=minbase bookworm "$chroot" >"$work/debootstrap.log" 2>&1; then
        echo "skipped: no bare system (needs root and debootstrap, or a folder made by it)"
        exit 0
    fi
fi
cp "$deb" "$chroot/tmp/lc3.deb"
chroot "$chroot" dpkg -i /tmp/lc3.deb >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log"; fail "dpkg -i on a bare system"; }
try chroot "$chroot"
code=0
chroot "$chroot" lc3run --engine=jit /tmp/hello.obj 2>"$work/said" || code=$?
[ $code -eq 0 ] || { [ $code -eq 2 ] && grep -q "not built in\|JIT" "$work/said"; } || fail "without LLVM: $(cat "$work/said")"
chroot "$chroot" dpkg -r lc3 >/dev/null
[ ! -e "$chroot/usr/bin/lc3as" ] && [ ! -e "$chroot/usr/lib/lc3" ] || fail "removing leaves something"
echo "installs, runs and goes on a bare system"
