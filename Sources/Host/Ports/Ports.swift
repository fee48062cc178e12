// The Ports module.
