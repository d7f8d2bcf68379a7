#!/bin/bash
# deb.sh SOURCE OUTPUT -- a Debian package of what stands in SOURCE, as OUTPUT/lc3_VERSION_ARCH.deb.
#
# The same sources give the same bytes, whenever and wherever this runs: times are those
# of the last commit, or of the newest change in CHANGELOG.md, and no path of the build stays.
set -euo pipefail
source=$(cd "$1" && pwd)
mkdir -p "$2"
output=$(cd "$2" && pwd)
build=$output/build stage=$output/stage
rm -rf "$build" "$stage"

version=$(sed -n "s/^ *version: '\([0-9.]*\)',$/\1/p" "$source/meson.build" | head -1)
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(git -C "$source" log -1 --format=%ct 2>/dev/null || stat -c %Y "$source/meson.build")
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

failed() {
    tail -30 "$output/build.log" >&2
    exit 1
}
CC=${CC:-clang-19} CFLAGS="'-ffile-prefix-map=$source=.' '-ffile-prefix-map=$build=build'" \
    meson setup "$build" "$source" --prefix=/usr --libdir=lib -Dtests=disabled -Dstrip=true >"$output/build.log" || failed
DESTDIR=$stage meson install -C "$build" >>"$output/build.log" 2>&1 || failed

# What a Debian package has beside the files.
doc=$stage/usr/share/doc/lc3
mkdir -p "$doc" "$stage/DEBIAN" "$stage/debian"
cp "$source/README.md" "$source/tests/packaging/CHANGELOG.md" "$source/tests/packaging/SECURITY.md" "$doc"
cp "$source/LICENSE" "$doc/copyright"
gzip -9n "$doc/CHANGELOG.md"
[ ! -d "$stage/usr/share/man" ] || find "$stage/usr/share/man" -type f ! -name '*.gz' -exec gzip -9n {} +

# Programs need only the C library; what a module needs is wanted by whoever asks for it.
needs() {
    (cd "$stage" && touch debian/control && dpkg-shlibdeps -O "${@/#/-e}" 2>/dev/null) | sed 's/^shlibs:Depends=//'
}
depends=$(cd "$stage" && needs usr/bin/*)
recommends=$(cd "$stage" && needs usr/lib/lc3/*.so)
rm -r "$stage/debian"
cat >"$stage/DEBIAN/control" <<END
Package: lc3
Version: $version
Architecture: $arch
Maintainer: The lc3 developers <lc3@localhost>
Installed-Size: $(du -sk --apparent-size "$stage/usr" | cut -f1)
Depends: $depends
Recommends: $recommends
Section: devel
Priority: optional
Description: LC-3 toolchain: assembler, simulators, JIT compiler, ring bus
 Everything that knows the LC-3 of Patt and Patel is generated from one description.
 lc3as assembles and explains mistakes, lc3run runs many machines joined by rings,
 with interpreters and a JIT compiler, a simulated network card and metrics; lc3dis
 shows objects as source; svm is a second machine, lc3gen the generator.
END
(cd "$stage" && find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$stage" "$output/lc3_${version}_$arch.deb" >/dev/null
rm -rf "$build" "$stage"
echo "$output/lc3_${version}_$arch.deb"
