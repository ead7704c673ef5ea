#!/bin/sh
# clang-format.sh - fails when a source is not laid out as .clang-format says
set -eu
cd "$(dirname "$0")/../.."
tests/lint/sources | xargs clang-format --dry-run -Werror
