#include "core/task.h"
#include "potential/learn_tasks.h"

int main(int argc, char** argv) { return superion::RunnerMain(argc, argv, superion::LearnTasks()); }
