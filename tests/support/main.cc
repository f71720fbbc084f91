// main() of every test binary: a temporary folder of this process alone, so that files of fixed names do not
// meet those of another run on the same machine. Both testing::TempDir() and the standard library's
// temp_directory_path(), and programs that tests start, find it.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  std::error_code error;
  std::string folder = (std::filesystem::temp_directory_path(error) / "superion_XXXXXX").string();
  if (error || ::mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "cannot make the temporary folder %s\n", folder.c_str());
    return 1;
  }
  ::setenv("TMPDIR", folder.c_str(), 1);
  ::setenv("TEST_TMPDIR", (folder + "/").c_str(), 1);
  const int result = RUN_ALL_TESTS();
  std::filesystem::remove_all(folder, error);
  return result;
}
