// page.h -- the live page as one piece of text, put together from page/ by page/embed.py.
#ifndef RUNTIME_PAGE_H
#define RUNTIME_PAGE_H

#include <stddef.h>

extern const char page_html[];
extern const size_t page_html_size;

#endif
