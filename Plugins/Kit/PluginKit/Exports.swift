// A plugin imports PluginKit and has all it needs: the C types that its entry point names, and the JSON reader.
@_exported import JSON
@_exported import PluginAPI
