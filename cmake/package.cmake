# cpack: a Debian package with everything, and archives. Build it with cmake --workflow --preset package.
set(CPACK_PACKAGE_NAME libxgrad-dev)
set(XGRAD_PACKAGE_MAINTAINER "xgrad developers <xgrad@users.noreply.github.com>" CACHE STRING
  "Whom the package names as its maintainer: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${XGRAD_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "automatic differentiation for C++20 on xtensor")
set(CPACK_PACKAGE_DESCRIPTION "Operators record themselves on a tape as ordinary C++ runs; layers, losses\n\
and optimizers are made of those operators, so gradients of any order come\n\
for free. With the library, its headers, and the programs xgrad-graph,\n\
xgrad-bench and xgrad-doctor.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
# What the headers include; shlibdeps adds what the library and the programs are linked to.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libfmt-dev, libxtensor-dev, libxsimd-dev")
if(NOT BUILD_SHARED_LIBS)
  string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libtbb-dev, zlib1g-dev, libzip-dev, libopenblas-dev")
  if(XGRAD_WITH_ONEDNN)
    string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libdnnl-dev")
  endif()
endif()
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "graphviz, pkg-config, cmake")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package_permissions.cmake)

# What Debian's policy asks for and cmake --install does not need: copyright and changelog, under the package's name.
set(debian ${PROJECT_BINARY_DIR}/debian)
set(debian_doc ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_PACKAGE_NAME})
file(TIMESTAMP ${PROJECT_SOURCE_DIR}/CHANGELOG.md date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${debian}/changelog "${CPACK_PACKAGE_NAME} (${PROJECT_VERSION}) unstable; urgency=medium\n\n\
  * See /usr/share/doc/xgrad/CHANGELOG.md.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
execute_process(COMMAND gzip -9nf ${debian}/changelog)
install(FILES ${debian}/changelog.gz DESTINATION ${debian_doc} COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION ${debian_doc} RENAME copyright COMPONENT debian EXCLUDE_FROM_ALL)
if(BUILD_SHARED_LIBS)
  # Not CPack's GENERATE_SHLIBS, which has a line for each of the library's kinds.
  file(WRITE ${debian}/triggers "activate-noawait ldconfig\n")
  file(WRITE ${debian}/shlibs
    "libxgrad ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} ${CPACK_PACKAGE_NAME} (>= ${PROJECT_VERSION})\n")
  set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/triggers ${debian}/shlibs)
endif()
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};xgrad;ALL;/" "${PROJECT_BINARY_DIR};xgrad;debian;/")
include(CPack)
