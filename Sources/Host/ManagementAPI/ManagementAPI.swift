// The ManagementAPI module.
