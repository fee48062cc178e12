// The Demo module.
