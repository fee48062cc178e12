// The HTTPSender module.
