#!/bin/sh
# second-compiler.sh - fails when the programs do not build without a warning in another way than the default
#
#   usage: second-compiler.sh BUILD-DIRECTORY clang|analyzer     clang instead of gcc, or gcc's static analyzer
set -eu
build=$(cd "$1" && pwd)/$2
cd "$(dirname "$0")/../.."
case $2 in
clang) option=-DCMAKE_C_COMPILER=clang-14 ;;
analyzer) option=-DDIAG_ANALYZE=ON ;;
esac
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=OFF "$option"
cmake --build "$build" --target diag-record diag-report diag-fold diag-flame -- -k 0
