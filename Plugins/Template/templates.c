/* templates.c - puts the template projects into the binary, so that it needs no file beside it. */
#include "plugin_templates.h"

static const unsigned char c_makefile[] = {
#embed "C/Makefile"
};
static const unsigned char c_readme_md[] = {
#embed "C/README.md"
};
static const unsigned char c_authenticator[] = {
#embed "C/authenticator.c"
};
static const unsigned char c_transformer[] = {
#embed "C/transformer.c"
};
static const unsigned char c_retry_policy[] = {
#embed "C/retry-policy.c"
};
static const unsigned char cpp_makefile[] = {
#embed "Cpp/Makefile"
};
static const unsigned char cpp_readme_md[] = {
#embed "Cpp/README.md"
};
static const unsigned char cpp_authenticator[] = {
#embed "Cpp/authenticator.cpp"
};
static const unsigned char cpp_transformer[] = {
#embed "Cpp/transformer.cpp"
};
static const unsigned char cpp_retry_policy[] = {
#embed "Cpp/retry-policy.cpp"
};
static const unsigned char swift_makefile[] = {
#embed "Swift/Makefile"
};
static const unsigned char swift_readme_md[] = {
#embed "Swift/README.md"
};
static const unsigned char swift_authenticator[] = {
#embed "Swift/authenticator.swift"
};
static const unsigned char swift_transformer[] = {
#embed "Swift/transformer.swift"
};
static const unsigned char swift_retry_policy[] = {
#embed "Swift/retry-policy.swift"
};
static const unsigned char rust_makefile[] = {
#embed "Rust/Makefile"
};
static const unsigned char rust_readme_md[] = {
#embed "Rust/README.md"
};
static const unsigned char rust_hks_rs[] = {
#embed "Rust/hks.rs"
};
static const unsigned char rust_authenticator[] = {
#embed "Rust/authenticator.rs"
};
static const unsigned char rust_transformer[] = {
#embed "Rust/transformer.rs"
};
static const unsigned char rust_retry_policy[] = {
#embed "Rust/retry-policy.rs"
};
static const unsigned char zig_makefile[] = {
#embed "Zig/Makefile"
};
static const unsigned char zig_readme_md[] = {
#embed "Zig/README.md"
};
static const unsigned char zig_authenticator[] = {
#embed "Zig/authenticator.zig"
};
static const unsigned char zig_transformer[] = {
#embed "Zig/transformer.zig"
};
static const unsigned char zig_retry_policy[] = {
#embed "Zig/retry-policy.zig"
};

static const plugin_template templates[] = {
    {"c", NULL, "Makefile", c_makefile, sizeof c_makefile},
    {"c", NULL, "README.md", c_readme_md, sizeof c_readme_md},
    {"c", "authenticator", "plugin.c", c_authenticator, sizeof c_authenticator},
    {"c", "transformer", "plugin.c", c_transformer, sizeof c_transformer},
    {"c", "retry-policy", "plugin.c", c_retry_policy, sizeof c_retry_policy},
    {"cpp", NULL, "Makefile", cpp_makefile, sizeof cpp_makefile},
    {"cpp", NULL, "README.md", cpp_readme_md, sizeof cpp_readme_md},
    {"cpp", "authenticator", "plugin.cpp", cpp_authenticator, sizeof cpp_authenticator},
    {"cpp", "transformer", "plugin.cpp", cpp_transformer, sizeof cpp_transformer},
    {"cpp", "retry-policy", "plugin.cpp", cpp_retry_policy, sizeof cpp_retry_policy},
    {"swift", NULL, "Makefile", swift_makefile, sizeof swift_makefile},
    {"swift", NULL, "README.md", swift_readme_md, sizeof swift_readme_md},
    {"swift", "authenticator", "Plugin.swift", swift_authenticator, sizeof swift_authenticator},
    {"swift", "transformer", "Plugin.swift", swift_transformer, sizeof swift_transformer},
    {"swift", "retry-policy", "Plugin.swift", swift_retry_policy, sizeof swift_retry_policy},
    {"rust", NULL, "Makefile", rust_makefile, sizeof rust_makefile},
    {"rust", NULL, "README.md", rust_readme_md, sizeof rust_readme_md},
    {"rust", NULL, "hks.rs", rust_hks_rs, sizeof rust_hks_rs},
    {"rust", "authenticator", "plugin.rs", rust_authenticator, sizeof rust_authenticator},
    {"rust", "transformer", "plugin.rs", rust_transformer, sizeof rust_transformer},
    {"rust", "retry-policy", "plugin.rs", rust_retry_policy, sizeof rust_retry_policy},
    {"zig", NULL, "Makefile", zig_makefile, sizeof zig_makefile},
    {"zig", NULL, "README.md", zig_readme_md, sizeof zig_readme_md},
    {"zig", "authenticator", "plugin.zig", zig_authenticator, sizeof zig_authenticator},
    {"zig", "transformer", "plugin.zig", zig_transformer, sizeof zig_transformer},
    {"zig", "retry-policy", "plugin.zig", zig_retry_policy, sizeof zig_retry_policy},
};

const plugin_template *plugin_template_at(size_t number)
{
    return number < sizeof templates / sizeof templates[0] ? &templates[number] : NULL;
}
