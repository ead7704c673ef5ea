# Packages: .deb for each component with the preset package, one .tar.gz of static readers with the preset static. Included
# last. scripts/package builds both.
#
# A further program joins a package by the COMPONENT of its install().
set(CPACK_PACKAGE_NAME diag)
set(CPACK_PACKAGE_VENDOR diag)
set(CPACK_PACKAGE_CONTACT "diag maintainers <maintainers@diag.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_STRIP_FILES ON)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
set(CPACK_THREADS 1)

if(NOT DIAG_PACKAGE)
  set(CPACK_GENERATOR TGZ)
  set(CPACK_PACKAGE_FILE_NAME diag-readers-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
  set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_ALL diag)
  set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
  if(DIAG_STATIC)
    install(FILES packaging/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/diag COMPONENT diag)
  endif()
  include(CPack)
  return()
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL diag diag-record libdz0 libdz-dev python3-dz diag-doc)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# package(<component> <section> <synopsis> <description>): a Debian package of the files of the component, with what Debian
# wants in each.
function(package component section synopsis description)
  string(TOUPPER ${component} upper)
  set(doc ${CMAKE_INSTALL_DATADIR}/doc/${component})
  install(FILES packaging/copyright DESTINATION ${doc} COMPONENT ${component})
  install(FILES ${PROJECT_BINARY_DIR}/changelog.Debian.gz DESTINATION ${doc} COMPONENT ${component})
  if(EXISTS ${PROJECT_SOURCE_DIR}/packaging/overrides/${component})
    install(FILES packaging/overrides/${component} DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides
      COMPONENT ${component})
  endif()
  # Maintainer scripts, and what else dpkg reads.
  file(GLOB control ${PROJECT_SOURCE_DIR}/packaging/${component}/*)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${component} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${synopsis}\n${description}" PARENT_SCOPE)
endfunction()

configure_file(packaging/changelog.in changelog.Debian @ONLY)
execute_process(COMMAND gzip -9nf ${PROJECT_BINARY_DIR}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)

package(diag utils "explain why processes died, from a recording"
  "diag-report, diag-fold and diag-flame read a recording on any machine.\nThey need no privileges, and enter a sandbox before they read.")
package(diag-record admin "record why processes die and who signals whom"
  "diag-record watches a machine through BPF and writes one file. The service\ndiag-record.service records always; it is neither enabled nor started.")
package(libdz0 libs "library that reads and writes diag recordings"
  "libdz reads and writes the .dz files of diag-record.")
package(libdz-dev libdevel "library that reads and writes diag recordings, for development"
  "The headers of libdz, its static library, the description of the format,\nand the header that marks sections of programs.")
package(python3-dz python "read diag recordings in Python"
  "The module dz reads the .dz files of diag-record: typed rows, and columns for\npandas. It is written in Python alone.")
package(diag-doc doc "documentation of diag"
  "How diag is built inside, what it promises, and where it was tested.")

# --live and --journal start diag-report.
set(CPACK_DEBIAN_DIAG-RECORD_PACKAGE_DEPENDS "diag (= ${PROJECT_VERSION}-1)")
set(CPACK_DEBIAN_DIAG_PACKAGE_SUGGESTS "diag-record, diag-doc")
set(CPACK_DEBIAN_LIBDZ-DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_LIBDZ-DEV_PACKAGE_DEPENDS "libdz0 (= ${PROJECT_VERSION}-1), libzstd-dev")
set(CPACK_DEBIAN_PYTHON3-DZ_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON3-DZ_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON3-DZ_PACKAGE_DEPENDS "python3 (>= 3.9), libzstd1")
# dz.5.md, whose tables the module reads, is a link in the source tree.
install(FILES python/dz/__init__.py python/dz/_format.py python/dz/_reader.py docs/dz.5.md
  DESTINATION lib/python3/dist-packages/dz COMPONENT python3-dz)
install(FILES python/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/python3-dz COMPONENT python3-dz)
set(CPACK_DEBIAN_DIAG-DOC_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DIAG-DOC_PACKAGE_ARCHITECTURE all)
install(FILES README.md CHANGELOG.md SECURITY.md docs/architecture.md docs/architecture.svg docs/fleet.md docs/portability.md docs/reliability.md
  README.zh.md docs/coming-from.md docs/coming-from.zh.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/diag COMPONENT diag-doc)
include(CPack)
