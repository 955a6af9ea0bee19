import { defineService, type Service } from "../service.ts";
import type { PluginInfo } from "../plugin-info.ts";

/** A program to start on behalf of a plugin. */
export interface ProcessRequest {
  /** For whom: policy, trust and the audit log go by it. */
  readonly plugin: PluginInfo;
  /** What it is for, e.g. `hook PreToolUse` or `MCP server files`; stands in the audit log and in refusals. */
  readonly purpose: string;
  /** An absolute path, a path inside the plugin's directory, or a name that the `PATH` of `environment` has. */
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** The whole environment but for the marker that the host adds. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values among `args` that the audit log must not hold, e.g. of sensitive options. */
  readonly secrets?: readonly string[] | undefined;
  /** Ends it, and all that it started. */
  readonly signal?: AbortSignal | undefined;
  /** Default `pipe`. */
  readonly stdin?: "pipe" | "ignore" | undefined;
}

/** A running program with all that it started; everything ends with the host, even after a SIGKILL of the host. */
export interface RunningProcess {
  /** `NaN` for a program that could not be started. */
  readonly pid: number;
  write(data: string | Uint8Array): void;
  endInput(): void;
  onOutput(listener: (chunk: Uint8Array) => void): void;
  onErrorOutput(listener: (chunk: Uint8Array) => void): void;
  /** Resolves when the program is gone and its output was read; a program that could not be started rejects with `E_PROCESS`. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends it: a polite signal, then after `graceMs` (2,000) the hard one, to the whole group. */
  stop(graceMs?: number): Promise<void>;
}

/** How a program ended. */
export interface ProcessEnd {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** The one place where programs are started. */
export interface Processes {
  /**
   * Asks policy and workspace trust, writes the audit record, starts. Throws `E_SOURCE_BLOCKED`, `E_TRUST`, `E_IO` when it
   * cannot be recorded, and the reason of a signal that was aborted before; what the operating system says comes through
   * `ended`. Ends with its signal, with the plugin that asked, and with the host.
   */
  start(request: ProcessRequest): RunningProcess;
}

/** Provided by core. */
export const processService: Service<Processes> = defineService("plugsmith/processes");
