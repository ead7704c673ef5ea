# man_page(<name>.<section> <component>): builds the man page from <name>.<section>.md, whose first lines say title: and section:, and
# installs it with the component <component>, that of its program. Readers alone are built without man pages if there is no lowdown.
find_program(LOWDOWN lowdown)
if(NOT LOWDOWN AND DIAG_RECORD)
  message(FATAL_ERROR "lowdown, which makes the man pages, is missing")
elseif(NOT LOWDOWN)
  message(STATUS "lowdown is missing: no man pages")
endif()

function(man_page page component)
  if(NOT LOWDOWN)
    return()
  endif()
  string(REGEX MATCH "[0-9]$" section ${page})
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${page}.md)
  set(tables ${PROJECT_SOURCE_DIR}/cmake/man-tables.awk)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${page})
  set(compress cat)
  if(DIAG_PACKAGE)
    set(output ${output}.gz)
    set(compress gzip -9n)
  endif()
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${LOWDOWN} -s -Tman --out-no-smarty --parse-no-super --parse-no-intraemph
            -M "source=diag ${PROJECT_VERSION}" -M "volume=diag" ${source} |
            awk -f ${tables} | ${compress} > ${output}
    DEPENDS ${source} ${tables} COMMENT "MAN ${page}" VERBATIM)
  add_custom_target(man_${page} ALL DEPENDS ${output})
  install(FILES ${output} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endfunction()
