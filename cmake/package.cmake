# cpack: a Debian package with everything, and archives. Build it with cmake --workflow --preset package.
set(CPACK_PACKAGE_NAME libxgrad-dev)
set(CPACK_PACKAGE_CONTACT "xgrad developers <xgrad@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "automatic differentiation for C++20 on xtensor")
set(CPACK_PACKAGE_DESCRIPTION "Operators record themselves on a tape as ordinary C++ runs; layers, losses and optimizers\n\
are made of those operators, so gradients of any order come for free. With the library,\n\
its headers, and the programs xgrad-graph, xgrad-bench and xgrad-doctor.")
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
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)  # and with it the trigger of ldconfig
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
