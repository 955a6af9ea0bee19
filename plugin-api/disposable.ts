/** Takes back what was added; calling it again does nothing. Whatever a plugin adds is taken back with the plugin, last first. */
export interface Registration {
  dispose(): void;
}
