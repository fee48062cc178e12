// The Threading module.
