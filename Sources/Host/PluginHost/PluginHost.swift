// The PluginHost module.
