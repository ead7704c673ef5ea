# Hardening and sanitizers, for every host target of the tree.
add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
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
if(DIAG_FUZZ)
  # Coverage of the libraries under test; fuzz_target() links libFuzzer itself. The definition is libFuzzer's convention.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()
