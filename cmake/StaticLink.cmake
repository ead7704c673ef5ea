# With DIAG_STATIC, find static libraries only, and give each imported target what its own static library needs.
if(DIAG_STATIC)
  if(DIAG_RECORD)
    message(FATAL_ERROR "DIAG_STATIC builds readers alone: set DIAG_RECORD=OFF")
  endif()
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  # Static, and loaded at a random address all the same.
  set(CMAKE_C_LINK_OPTIONS_PIE -static-pie)
endif()

# static_needs(<pkg-config target> LIBRARY...): the libraries that only the static form of the target's library needs.
function(static_needs target)
  if(NOT DIAG_STATIC)
    return()
  endif()
  foreach(library IN LISTS ARGN)
    find_library(DIAG_STATIC_${library} ${library} REQUIRED)
    target_link_libraries(${target} INTERFACE ${DIAG_STATIC_${library}})
  endforeach()
endfunction()
