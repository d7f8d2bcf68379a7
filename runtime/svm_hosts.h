// svm_hosts.h -- where the stack machine's hosts read and write.
#ifndef RUNTIME_SVM_HOSTS_H
#define RUNTIME_SVM_HOSTS_H

#include <stdio.h>

#include "svm_profile.h"

// The machine's `user`.
typedef struct {
    FILE *in, *out;
    SvmProfile *profile; // or NULL
} SvmWorld;

#endif
