// svm_profile.h -- where a stack machine's program spends its time (see profile.h).
//
// Calls are on the machine's own stack of return addresses, so a stack is simply read;
// a frame is named by the label before its place in the program.
#ifndef RUNTIME_SVM_PROFILE_H
#define RUNTIME_SVM_PROFILE_H

#include "stack_machine.h"

typedef struct SvmProfile SvmProfile;

// `program` is the name to show; the end of `path` says what is written, .svg or .txt.
SvmProfile *svm_profile_open(StackMachine *m, const StackKind *kind, const char *program);
// Runs to the end, looking now and then.
int svm_profile_run(SvmProfile *p, StackRun *run);
// A host took so many ticks; by the hosts.
void svm_profile_host(SvmProfile *p, const char *host, uint64_t ticks);
bool svm_profile_save(SvmProfile *p, const char *path, Error *err);
void svm_profile_close(SvmProfile *p);

#endif
