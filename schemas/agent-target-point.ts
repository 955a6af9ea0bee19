/** The point under which a plugin tells of an agent that plugins can be written into; its entries are data, and no code of the plugin runs. */
export const AGENT_TARGET_POINT = "plugsmith/agent-target";
