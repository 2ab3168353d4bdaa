#include "tools/shell.hpp"

#include <xgrad/autograd/build_info.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>
#include <string>

using namespace xgrad;

namespace {

/// The names of the faults that xgrad-doctor finds; `with` is what stands before it in the line of shell. What it says
/// of the measured speed of products is left out: that depends on what else the machine does.
std::set<std::string> faults(const std::string& with = "") {
    const Shell shell;
    const Outcome found = shell(with + " xgrad-doctor --json");
    BOOST_TEST_REQUIRE(found.errors == "");
    const auto report = nlohmann::json::parse(found.out);
    std::set<std::string> names;
    for (const auto& check : report.at("checks"))
        if (check.at("fault").get<bool>()) {
            if (!check.at("name").get<std::string>().ends_with(" products")) names.insert(check.at("name"));
            BOOST_TEST(check.at("advice").get<std::string>() != "");
        }
    BOOST_TEST(report.at("faults").get<std::size_t>() >= names.size());
    BOOST_TEST(found.exit_code == (report.at("faults").get<std::size_t>() == 0 ? 0 : 1));
    return names;
}

/// What is wrong here already, before a test plants anything.
const std::set<std::string>& faults_before() {
    static const std::set<std::string> names = faults();
    return names;
}

/// Whether `with` gives a fault of that name, and no other that was not there before.
void plant(const std::string& with, const std::string& name) {
    std::set<std::string> expected = faults_before();
    expected.insert(name);
    BOOST_TEST(faults(with) == expected, boost::test_tools::per_element());
}

bool sanitized() { return !build_info().sanitizers.empty(); }

}  // namespace

BOOST_AUTO_TEST_CASE(the_doctor_prints_a_line_for_everything_and_what_to_do) {
    const Shell shell;
    const Outcome report = shell("XGRAD_NUM_THREADS=0 xgrad-doctor");
    BOOST_TEST(report.exit_code == 1);
    for (const char* name : {"xgrad ", "compiler", "xtensor", "xsimd", "fmt", "TBB", "oneDNN", "BLAS",
                             "OMP_NUM_THREADS", "instruction set", "GFLOP/s", "memory", "Graphviz"})
        BOOST_TEST(holds(report.out, name), name);
    BOOST_TEST(holds(report.out, "XGRAD_NUM_THREADS=\"0\" is not a number of threads. Set it to"));
}

BOOST_AUTO_TEST_CASE(wrong_thread_settings_are_found) {
    plant("XGRAD_NUM_THREADS=999", "threads");
    plant("XGRAD_NUM_THREADS=many", "threads");
    plant("XGRAD_NUM_THREADS=2x", "threads");
}

BOOST_AUTO_TEST_CASE(a_process_held_to_one_core_is_found) {
    const Shell shell;
    if (shell("test $(nproc) -gt 1 && taskset -V").exit_code != 0) return;
    plant("unset XGRAD_NUM_THREADS; taskset -c $(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')", "threads");
}

BOOST_AUTO_TEST_CASE(a_path_without_graphviz_is_found) { plant("PATH='" XGRAD_BIN_DIR "';", "Graphviz"); }

BOOST_AUTO_TEST_CASE(an_openblas_told_to_run_as_on_an_old_processor_is_found) {
    plant("OPENBLAS_CORETYPE=Prescott", "library settings");
}

BOOST_AUTO_TEST_CASE(a_reference_blas_in_front_of_openblas_is_found) {
    const std::string reference = "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3";  // Debian's libblas3
    if (sanitized() || !std::filesystem::exists(reference)) return;
    plant("LD_PRELOAD=" + reference, "BLAS library");
    const Shell shell;
    BOOST_TEST(holds(shell("LD_PRELOAD=" + reference + " xgrad-doctor").out, reference));
}

BOOST_AUTO_TEST_CASE(a_onednn_held_back_is_found_where_there_is_one) {
    if (!build_info().onednn.empty()) return plant("ONEDNN_MAX_CPU_ISA=SSE41", "library settings");
    BOOST_TEST(faults("ONEDNN_MAX_CPU_ISA=SSE41") == faults_before());
}

// Planted by the dev preset itself.
BOOST_AUTO_TEST_CASE(a_build_with_sanitizers_or_for_an_older_processor_is_found) {
    const BuildInfo info = build_info();
    BOOST_TEST(faults_before().contains("build") == (sanitized() || !info.optimized));
    BOOST_TEST(faults_before().contains("instruction set") == (info.compiled < info.processor));
}
