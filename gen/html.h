// html.h -- the manual as one HTML page that needs nothing else.
#ifndef GEN_HTML_H
#define GEN_HTML_H

#include "base/text.h"
#include "base/writer.h"

// Turns what the manual's emitters write of Markdown (headings, paragraphs, lists,
// tables, fences, code, bold, links) into a page with a list of its sections.  Fences
// that draw an encoding become tables of bits.
void html_page(Writer *w, Text markdown);

#endif
