// Labelers for the tests with the real pw.x: 12-atom Li2S at Γ, 16 Ry, a fraction of a second per label.
#pragma once

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/subprocess.h"
#include "core/units.h"
#include "dft_adapter/qe_labeler.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {

inline double RmsDifference(const Frame& a, const Frame& b) {  // eV/Å
  double sum = 0.0;
  for (size_t i = 0; i < a.forces.size(); ++i)
    sum += Dot(a.forces[i] - b.forces[i], a.forces[i] - b.forces[i]);
  return std::sqrt(sum / (3.0 * a.forces.size()));
}

class QeTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* program : {"pw.x", "ld1.x"}) {
      if (!FindProgram(program).ok()) GTEST_SKIP() << program << " is not installed";
    }
    options_.work_directory = TestFolder();
    options_.site.pseudo_directories = {options_.work_directory + "/made"};
    settings_.ecutwfc_ry = 16;
    settings_.pseudopotentials = {{"Li", "Li.pbe-tm-nlcc.UPF"}, {"S", "S.pbe-tm.UPF"}};
  }
  void TearDown() override {
    if (!options_.work_directory.empty() && options_.work_directory != ".") {
      std::filesystem::remove_all(options_.work_directory);
    }
  }
  std::unique_ptr<QeLabeler> Make(const std::string& mode, const QeNumerics& numerics = {}) {
    settings_.mode = mode;
    LabelerOptions options = options_;
    options.work_directory += "/" + mode;
    std::filesystem::create_directories(options.work_directory);
    auto labeler = QeLabeler::Create(settings_, options, numerics);
    EXPECT_TRUE(labeler.ok()) << labeler.status();
    return labeler.ok() ? std::move(*labeler) : nullptr;
  }
  // A program that gets the arguments of pw.x.
  std::string Script(const std::string& text) const {
    const std::string path = options_.work_directory + "/pw.sh";
    EXPECT_TRUE(WriteFileAtomically(path, "#!/bin/sh\n" + text).ok());
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  // A label that must succeed.
  static LabelOutcome Good(QeLabeler* labeler, const Structure& s,
                           Sequence sequence = Sequence::kIndependent) {
    auto outcome = labeler->Label(s, sequence);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (!outcome.ok()) return {};
    EXPECT_FALSE(outcome->failure.has_value())
        << outcome->failure->failure_class << ": " << outcome->failure->message;
    return *outcome;
  }
  LabelerOptions options_;
  QeSettings settings_;
};

}  // namespace superion
