# What depends on the machine is in bpf/arch/DIAG_MACHINE/, by the names that libbpf has for machines, and in the layout
# registers_DIAG_REGISTERS of symbols/registers.c.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(DIAG_MACHINE x86)
  set(DIAG_REGISTERS x86_64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(DIAG_MACHINE arm64)
  set(DIAG_REGISTERS arm64)
else()
  # The readers do not unwind.
  set(DIAG_MACHINE "")
  set(DIAG_REGISTERS x86_64)
endif()
if(DIAG_RECORD AND NOT DIAG_MACHINE)
  message(FATAL_ERROR "${CMAKE_SYSTEM_PROCESSOR}: diag-record runs on x86-64 and arm64: use DIAG_RECORD=OFF for the readers")
endif()
include(CMakeDependentOption)
cmake_dependent_option(DIAG_UNWIND_TABLES "Walk user stacks in BPF by tables; without it, each stack is copied" ON
  "DIAG_MACHINE" OFF)
