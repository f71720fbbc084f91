// superion-analyze: the runner of the kinds `analyze`, `arrhenius` and `structure`.
#include "analysis/analyze.h"

int main(int argc, char** argv) {
  return superion::RunnerMain(
      argc, argv,
      {{"analyze", superion::analysis::RunAnalyze},
       {"arrhenius", superion::analysis::RunArrhenius},
       {"structure", superion::analysis::RunStructure}});
}
