#include <xgrad/autograd/atomic_file.hpp>

#include "datasets/files.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace xgrad;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(a_file_is_created_or_replaced_and_nothing_else_stays) {
    const files::Folder folder;
    write_file_atomically(folder / "a.txt", "one");
    BOOST_TEST(files::read(folder / "a.txt") == "one");
    write_file_atomically(folder / "a.txt", std::string(100000, 'x'));
    BOOST_TEST(files::read(folder / "a.txt") == std::string(100000, 'x'));
    write_file_atomically(folder / "a.txt", "");
    BOOST_TEST(files::read(folder / "a.txt").empty());
    BOOST_TEST(folder.count() == 1);
}

BOOST_AUTO_TEST_CASE(without_a_commit_the_old_file_stays) {
    const files::Folder folder;
    files::write(folder / "a.txt", "old");
    {
        const AtomicFile file(folder / "a.txt");
        files::write(file.temporary(), "half");
        BOOST_TEST(folder.count() == 2);
    }
    BOOST_TEST(files::read(folder / "a.txt") == "old");
    BOOST_TEST(folder.count() == 1);
}

BOOST_AUTO_TEST_CASE(two_writers_of_one_file_do_not_meet) {
    const files::Folder folder;
    AtomicFile first(folder / "a.txt"), second(folder / "a.txt");
    files::write(first.temporary(), "first");
    files::write(second.temporary(), "second");
    first.commit();
    BOOST_TEST(files::read(folder / "a.txt") == "first");
    second.commit();
    BOOST_TEST(files::read(folder / "a.txt") == "second");
}

BOOST_AUTO_TEST_CASE(a_new_file_has_the_usual_permissions) {
    const files::Folder folder;
    const mode_t mask = ::umask(022);
    write_file_atomically(folder / "a.txt", "x");
    ::umask(mask);
    BOOST_TEST((fs::status(folder / "a.txt").permissions() == fs::perms(0644)));
}

BOOST_AUTO_TEST_CASE(a_link_stays_and_what_it_points_to_is_replaced) {
    const files::Folder folder;
    files::write(folder / "a.txt", "old");
    fs::create_symlink("a.txt", folder / "link");
    write_file_atomically(folder / "link", "new");
    BOOST_TEST(fs::is_symlink(folder / "link"));
    BOOST_TEST(files::read(folder / "a.txt") == "new");
}

BOOST_AUTO_TEST_CASE(a_target_that_cannot_be_a_file_is_an_error_that_names_it) {
    const files::Folder folder;
    BOOST_TEST(
        files::throws<FileError>([&] { write_file_atomically(folder / "no/a.txt", "x"); }, "no/a.txt", "No such file"));
    BOOST_TEST(files::throws<FileError>([&] { write_file_atomically(folder / "", "x"); }, "a folder"));
    BOOST_TEST(
        files::throws<FileError>([&] { write_file_atomically("/dev/null", "x"); }, "/dev/null", "not a regular file"));
    BOOST_TEST(folder.count() == 0);
}
