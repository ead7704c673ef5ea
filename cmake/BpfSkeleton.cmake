# bpf_skeleton(<name> SOURCES <subject.bpf.c>...): compiles every source for the BPF machine, links them into <name>.bpf.o
# and offers <name>.skel.h through the interface target <name>_skel. A header that a source includes is a dependency.
# BPF_CLANG chooses another compiler: cmake -DBPF_CLANG=clang-19. docs/portability.md says which were tested.
find_program(BPF_CLANG NAMES clang-14 clang-18 clang-19 clang REQUIRED)

# Ubuntu's /usr/sbin/bpftool only runs the one that was made with the running kernel, which may not be installed.
function(bpftool_runs result program)
  execute_process(COMMAND ${program} version RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(NOT status EQUAL 0)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

file(GLOB bpftool_directories /usr/lib/linux-tools/*)
list(SORT bpftool_directories COMPARE NATURAL ORDER DESCENDING)
find_program(BPFTOOL bpftool PATHS /usr/sbin /sbin ${bpftool_directories} VALIDATOR bpftool_runs)
if(NOT BPFTOOL)
  message(FATAL_ERROR "There is no bpftool that runs. Ubuntu has one in linux-tools-generic: scripts/install-packages build")
endif()

function(bpf_skeleton name)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  set(objects "")
  foreach(source IN LISTS ARG_SOURCES)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${source}.o)
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -D__TARGET_ARCH_${DIAG_MACHINE}
              -DDIAG_UNWIND_TABLES=$<BOOL:${DIAG_UNWIND_TABLES}> -g -O2 -Wall -Wextra -Werror
              -Wno-unused-parameter ${DIAG_PREFIX_MAP} -I${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR}/bpf/arch/${DIAG_MACHINE}
              -isystem ${CMAKE_SYSROOT}/usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.d
              -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      DEPFILE ${object}.d
      COMMENT "BPF ${source}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()

  set(linked ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/skel/${name}.skel.h)
  add_custom_command(
    OUTPUT ${linked}
    COMMAND ${BPFTOOL} gen object ${linked} ${objects}
    DEPENDS ${objects} COMMENT "BPF ${name}" VERBATIM)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/skel
    # What is generated is not for clang-tidy to judge.
    COMMAND ${CMAKE_COMMAND} -E echo "/* NOLINTBEGIN */" > ${skeleton}
    COMMAND ${BPFTOOL} gen skeleton ${linked} name ${name}_bpf >> ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E echo "/* NOLINTEND */" >> ${skeleton}
    DEPENDS ${linked} COMMENT "SKEL ${name}" VERBATIM)

  add_library(${name}_skel INTERFACE ${skeleton})
  target_include_directories(${name}_skel SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/skel)
  target_link_libraries(${name}_skel INTERFACE PkgConfig::LIBBPF)
endfunction()
