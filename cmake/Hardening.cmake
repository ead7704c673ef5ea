# Hardening and sanitizers, for every host target of the tree.
include(CheckCCompilerFlag)
# Landing pads for indirect branches are an option of x86-64 and one of arm64.
foreach(option stack-protector-strong stack-clash-protection cf-protection=full)
  string(MAKE_C_IDENTIFIER "DIAG_HAS_${option}" has)
  check_c_compiler_flag(-f${option} ${has})
  if(${has})
    add_compile_options(-f${option})
  endif()
endforeach()
# Clang for x86 only warns about it.
set(CMAKE_REQUIRED_FLAGS -Werror)
check_c_compiler_flag(-mbranch-protection=standard DIAG_HAS_branch_protection)
unset(CMAKE_REQUIRED_FLAGS)
if(DIAG_HAS_branch_protection)
  add_compile_options(-mbranch-protection=standard)
endif()
# Years after 2038 and files of more than 2 GiB on 32-bit machines.
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  add_compile_definitions(_TIME_BITS=64 _FILE_OFFSET_BITS=64)
endif()
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
if(DIAG_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(DIAG_SANITIZE_THREADS)
  # Fences order what is read of the kernel, which no sanitizer sees.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer $<$<C_COMPILER_ID:GNU>:-Wno-tsan>)
  add_link_options(-fsanitize=thread)
else()
  # Fortification needs the optimizer and hides what AddressSanitizer would report.
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=$<IF:$<C_COMPILER_ID:GNU>,3,2>>)
endif()
if(DIAG_PACKAGE)
  # No path of the build is in the result.
  set(DIAG_PREFIX_MAP -ffile-prefix-map=${PROJECT_BINARY_DIR}=. -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
  add_compile_options(${DIAG_PREFIX_MAP})
endif()
if(DIAG_FUZZ)
  # Coverage of the libraries under test; fuzz_target() links libFuzzer itself. The definition is libFuzzer's convention.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()
