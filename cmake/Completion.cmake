# completion(<program> <component>): makes the completions of bash and zsh from --help of the program, and installs them. The
# program must run here: none are made when cross-compiling.
if(DIAG_PACKAGE)
  set(zsh_folder zsh/vendor-completions)
else()
  set(zsh_folder zsh/site-functions)
endif()

function(completion program component)
  if(CMAKE_CROSSCOMPILING)
    return()
  endif()
  set(script ${PROJECT_SOURCE_DIR}/cmake/completion.awk)
  set(folder ${PROJECT_BINARY_DIR}/completion)
  foreach(shell bash zsh)
    set(output ${folder}/${program}.${shell})
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
      COMMAND env ARGP_HELP_FMT= LC_ALL=C $<TARGET_FILE:${program}> --help > ${output}.help
      COMMAND awk -v program=${program} -v shell=${shell} -f ${script} ${output}.help > ${output}
      DEPENDS ${program} ${script} COMMENT "COMPLETION ${program} ${shell}" VERBATIM)
    add_custom_target(completion_${program}_${shell} ALL DEPENDS ${output})
  endforeach()
  install(FILES ${folder}/${program}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${program}
    COMPONENT ${component})
  install(FILES ${folder}/${program}.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/${zsh_folder} RENAME _${program}
    COMPONENT ${component})
endfunction()
