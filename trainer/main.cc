// superion-train: runs tasks of kind `train`.
#include "trainer/train_task.h"

int main(int argc, char** argv) {
  superion::trainer::StopOnTermination();
  return superion::RunnerMain(argc, argv, {{"train", superion::trainer::RunTrain}});
}
