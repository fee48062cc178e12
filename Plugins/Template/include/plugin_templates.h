/* plugin_templates.h - the projects that `hooksentry plugin new` writes, as they stand in the folders beside. */
#pragma once
#include <stddef.h>

typedef struct plugin_template {
    /* As on the command line: "c". */
    const char *language;
    /* "authenticator"; null for a file that every kind has. */
    const char *kind;
    /* In the new project. */
    const char *path;
    const unsigned char *bytes;
    size_t size;
} plugin_template;

/* The file with this number, from 0; null behind the last one. */
const plugin_template *plugin_template_at(size_t number);
