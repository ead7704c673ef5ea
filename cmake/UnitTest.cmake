# unit_test(<folder>/<name> [LIBRARIES lib...]): builds tests/<folder>/test_<name>.c with cmocka and runs it under ctest
# as <folder>/<name>. It mirrors <folder>/<name>.c.
function(unit_test path)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  get_filename_component(folder ${path} DIRECTORY)
  get_filename_component(name ${path} NAME)
  string(REPLACE "/" "_" target test_${path})
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/${folder}/test_${name}.c)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE ${ARG_LIBRARIES} PkgConfig::CMOCKA diag_warnings)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${path} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${path} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()
