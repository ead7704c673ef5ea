#!/bin/sh
# components.sh - each file that `cmake --install` installs is in exactly one package, and is built with packages
#
#   usage: components.sh BUILD-DIRECTORY SOURCE-DIRECTORY
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

list() { # list DIRECTORY: its files and links
	(cd "$1" && find . ! -type d | sort)
}

DESTDIR=$work/all cmake --install "$1" >"$work/log"
list "$work/all" >"$work/all.list"
# The last one of the file: the packages of Debian.
packages=$(sed -n 's/^ *set(CPACK_COMPONENTS_ALL \(.*\))$/\1/p' "$2/cmake/Packages.cmake" | tail -1)
for package in $packages; do
	mkdir "$work/$package"
	DESTDIR=$work/$package cmake --install "$1" --component "$package" >"$work/log"
	list "$work/$package"
done | sort >"$work/packaged.list"

# Packages are built without these folders.
if grep -rn --include=CMakeLists.txt '^ *install(' "$2/samples" "$2/tests"; then
	echo "not ok - packages lack these files"
	exit 1
fi

count=$(wc -l <"$work/all.list")
if [ "$count" -gt 50 ] && diff "$work/all.list" "$work/packaged.list"; then
	echo "ok - each of $count files is in one package"
else
	echo "not ok - files in no package (<), or in two (>), of $count"
	exit 1
fi
