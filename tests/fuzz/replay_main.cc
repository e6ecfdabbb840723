// Runs a fuzz target on every file of the folders named, without a fuzzer: replay FOLDER...
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

// Runs the target on each file and on each of its beginnings. Returns how many files there were.
size_t Replay(const char* folder) {
  size_t files = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input((std::istreambuf_iterator<char>(file)), {});
    for (size_t size = 0; size <= input.size(); ++size) {
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), size);
    }
    ++files;
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  size_t files = 0;
  for (int i = 1; i < argc; ++i) files += Replay(argv[i]);
  std::printf("replayed %zu files\n", files);
  return files > 0 ? 0 : 1;
}
