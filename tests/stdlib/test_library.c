// test_library -- every routine of stdlib/ at the edges and in 10,000 random cases,
// judged by C.
#include "library.h"

#include <stdio.h>

static int check_rows(const LibraryRow *rows, size_t count)
{
    Library l;
    library_open(&l, rows, count);
    for (size_t i = 0; i < count; i++)
        library_check(&l, &rows[i], 1000 + i);
    library_close(&l);
    return l.failures;
}

int main(void)
{
    int failures = check_rows(number_rows, number_row_count);
    failures += check_rows(text_rows, text_row_count);
    failures += check_rows(memory_rows, memory_row_count);
    failures += check_rows(frame_rows, frame_row_count);
    failures += check_print();
    failures += check_containers();
    failures += check_bus();
    printf("%d failures\n", failures);
    return failures != 0;
}
