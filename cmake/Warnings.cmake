# diag_warnings: what every target of ours is compiled with; a warning is an error unless DIAG_WERROR is off.
add_library(diag_warnings INTERFACE)
target_compile_options(diag_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wcast-align
  -Wcast-qual -Wconversion -Wsign-conversion -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes
  -Wmissing-declarations -Wredundant-decls -Wimplicit-fallthrough -Wswitch-enum -fno-common
  $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -Wduplicated-branches>
  $<$<C_COMPILER_ID:Clang>:-Wassign-enum -Wextra-semi-stmt>
  $<$<BOOL:${DIAG_WERROR}>:-Werror>)
if(DIAG_ANALYZE)
  # What it takes for leaks are mostly arrays that grow; LeakSanitizer looks for those that are there.
  target_compile_options(diag_warnings INTERFACE -fanalyzer -Wno-analyzer-malloc-leak)
endif()
