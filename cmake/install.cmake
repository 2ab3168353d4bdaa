# cmake --install: the library, its public headers, the CMake package, xgrad.pc, the documents. The programs are in tools/.
include(CMakePackageConfigHelpers)

install(TARGETS xgrad EXPORT xgradTargets)
if(XGRAD_HWCAPS)
  # The loader looks into these folders beside the library first, as far as the processor goes: ld.so(8).
  foreach(level v3 v4)
    install(TARGETS xgrad_${level}
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/glibc-hwcaps/x86-64-${level} NAMELINK_SKIP)
  endforeach()
endif()
foreach(header ${XGRAD_PUBLIC_HEADERS})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad/${folder})
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/xgrad)
install(EXPORT xgradTargets NAMESPACE xgrad:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/xgradConfig.cmake.in ${PROJECT_BINARY_DIR}/xgradConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xgradConfig.cmake ${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake
  DESTINATION ${package_dir})

# xgrad.pc: a shared library brings its own dependencies along; for a static one they are --static's to name.
set(pc_libs_private "")
if(NOT BUILD_SHARED_LIBS)
  # Not as Requires.private, which with --static would ask for what libzip itself is linked with.
  set(pc_libs_private "-ltbb -lz -lzip $<IF:$<BOOL:${XGRAD_BLAS_IS_OPENBLAS}>,-lopenblas,$<JOIN:${XGRAD_BLAS}, >>")
  if(XGRAD_WITH_ONEDNN)
    string(APPEND pc_libs_private " -ldnnl ${OpenMP_CXX_FLAGS}")
  endif()
  string(APPEND pc_libs_private " -lstdc++ -lm")
endif()
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/cmake/xgrad.pc.in ${PROJECT_BINARY_DIR}/xgrad.pc.in @ONLY)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/xgrad.pc INPUT ${PROJECT_BINARY_DIR}/xgrad.pc.in)
install(FILES ${PROJECT_BINARY_DIR}/xgrad.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/xgrad)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/xgrad PATTERN CMakeLists.txt EXCLUDE)
