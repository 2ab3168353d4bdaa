#include "tools/shell.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

BOOST_AUTO_TEST_CASE(every_example_that_is_listed_can_be_drawn) {
    const Shell shell;
    const Outcome list = shell("xgrad-graph list");
    BOOST_TEST(list.exit_code == 0);
    BOOST_TEST(holds(list.out, "attention"));
    const Outcome all =
        shell("for name in $(xgrad-graph list | cut -d' ' -f1); do xgrad-graph $name -o $name.svg || exit; done");
    BOOST_TEST(all.exit_code == 0);
    BOOST_TEST(all.errors == "");
    for (const char* name : {"xor", "mlp", "recurrence", "attention", "gradient"})
        BOOST_TEST(holds(files::read(shell.folder / (std::string(name) + ".svg")), "</svg>"), name);
}

BOOST_AUTO_TEST_CASE(a_program_is_drawn_and_its_output_and_exit_code_passed_through) {
    const Shell shell;
    const Outcome drawn =
        shell("xgrad-graph -- sh -c 'lab_xor --seeds 1; echo \"$1\"; echo oops >&2; exit 7' -- --option");
    BOOST_TEST(drawn.exit_code == 7);
    BOOST_TEST(holds(drawn.out, "2-2-1"));
    BOOST_TEST(holds(drawn.out, "--option"));
    BOOST_TEST(holds(drawn.errors, "oops"));
    BOOST_TEST(holds(drawn.errors, "failed with exit code 7"));
    BOOST_TEST(holds(drawn.errors, "is in graph.svg"));
    BOOST_TEST(holds(files::read(shell.folder / "graph.svg"), ">sigmoid</text>"));
}

BOOST_AUTO_TEST_CASE(the_drawing_is_of_the_first_backward_only) {
    const Shell shell;
    BOOST_TEST(shell("xgrad-graph -o g.txt -- lab_xor --seeds 1").exit_code == 0);
    const std::string text = files::read(shell.folder / "g.txt");
    BOOST_TEST(holds(text, "relu"));  // of the 2-2-1 net; the 2-4-1 net that follows has tanh
    BOOST_TEST(!holds(text, "tanh"));
}

BOOST_AUTO_TEST_CASE(a_program_without_a_backward_gives_an_error_and_leaves_the_old_file) {
    const Shell shell;
    files::write(shell.folder / "graph.svg", "old");
    const Outcome none = shell("xgrad-graph -- true");
    BOOST_TEST(none.exit_code == 1);
    BOOST_TEST(holds(none.errors, "no graph: true recorded no backward()"));
    BOOST_TEST(files::read(shell.folder / "graph.svg") == "old");
}

BOOST_AUTO_TEST_CASE(a_program_that_fails_or_does_not_start_says_so) {
    const Shell shell;
    const Outcome missing = shell("xgrad-graph -- ./no_such_program");
    BOOST_TEST(missing.exit_code == 127);
    BOOST_TEST(holds(missing.errors, "cannot start ./no_such_program"));
    const Outcome killed = shell("xgrad-graph -- sh -c 'kill -SEGV $$'");
    BOOST_TEST(killed.exit_code == 128 + 11);
    BOOST_TEST(holds(killed.errors, "signal 11"));
}

BOOST_AUTO_TEST_CASE(without_graphviz_the_program_runs_on_and_the_dot_file_is_kept) {
    const Shell shell;
    const Outcome drawn = shell("PATH='" XGRAD_BIN_DIR "'; xgrad-graph -- lab_xor --seeds 1");
    BOOST_TEST(drawn.exit_code == 1);
    BOOST_TEST(holds(drawn.out, "2-4-1"));
    BOOST_TEST(holds(drawn.errors, "apt-get install graphviz"));
    BOOST_TEST(holds(drawn.errors, "it is in graph.dot"));
    BOOST_TEST(holds(files::read(shell.folder / "graph.dot"), "digraph"));
}

BOOST_AUTO_TEST_CASE(wrong_arguments_give_one_clear_error) {
    const Shell shell;
    BOOST_TEST(shell("xgrad-graph").exit_code == 2);
    BOOST_TEST(shell("xgrad-graph xor -- true").exit_code == 2);
    BOOST_TEST(shell("xgrad-graph --").exit_code == 2);
    const Outcome unknown = shell("xgrad-graph lab_xor");
    BOOST_TEST(unknown.exit_code == 2);
    BOOST_TEST(holds(unknown.errors, "xgrad-graph -- lab_xor"));
    const Outcome format = shell("xgrad-graph -o graph.gif -- touch started");
    BOOST_TEST(format.exit_code != 0);
    BOOST_TEST(holds(format.errors, ".svg, .png, .dot or .txt"));
    const Outcome folder = shell("xgrad-graph -o none/graph.svg -- touch started");
    BOOST_TEST(folder.exit_code != 0);
    BOOST_TEST(holds(folder.errors, "there is no folder"));
    BOOST_TEST(shell("test -e started").exit_code != 0);
}
