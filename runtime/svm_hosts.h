// svm_hosts.h -- where the stack machine's hosts read and write.
#ifndef RUNTIME_SVM_HOSTS_H
#define RUNTIME_SVM_HOSTS_H

#include <signal.h>
#include <stdio.h>

#include "svm_profile.h"

// Set when --timeout has passed; what waits goes on at once.
extern volatile sig_atomic_t svm_time_is_up;

// The machine's `user`.
typedef struct {
    FILE *in, *out;
    SvmProfile *profile; // or NULL
} SvmWorld;

#endif
