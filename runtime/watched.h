// watched.h -- whether this is built for ThreadSanitizer, which sees neither the atomics of
// compiled code nor those of vectors.
#ifndef RUNTIME_WATCHED_H
#define RUNTIME_WATCHED_H

#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define IS_WATCHED 1
#endif
#elif defined __SANITIZE_THREAD__
#define IS_WATCHED 1
#endif
#ifndef IS_WATCHED
#define IS_WATCHED 0
#endif

#endif
