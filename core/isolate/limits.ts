/** What the process of one plugin may cost before it is ended. */
export interface ChildLimits {
  /** V8's old space. */
  readonly heapMegabytes: number;
  /** Private memory of the process, heap included; kept by the kernel of Linux only. */
  readonly dataMegabytes: number;
  /** Processes and threads of a plugin that may start programs. */
  readonly processes: number;
  /** One message. */
  readonly messageBytes: number;
  /** All messages within a second, and what the host may have waiting for a process that does not read. */
  readonly bytesPerSecond: number;
  /** Messages within a second that answer no question of the host. */
  readonly messagesPerSecond: number;
  /** Questions of the plugin that the host works on at once. */
  readonly openRequests: number;
  /** Contributions, listeners, services and readers together. */
  readonly registrations: number;
  /** Lines of its log within a second; more are counted and dropped. */
  readonly linesPerSecond: number;
  /** Standard output and error that go to the log in all; more is dropped. */
  readonly outputBytes: number;
  /** One call into the plugin. */
  readonly callMs: number;
  /** How often it is asked whether it still listens; three silences in a row end it. */
  readonly heartbeatMs: number;
  /** How long its own disposal may take. */
  readonly disposeMs: number;
}

/** What holds where nobody says otherwise. */
export const CHILD_LIMITS: ChildLimits = {
  heapMegabytes: 64,
  dataMegabytes: 768,
  processes: 128,
  messageBytes: 16 * 2 ** 20,
  bytesPerSecond: 64 * 2 ** 20,
  messagesPerSecond: 10_000,
  openRequests: 1_000,
  registrations: 5_000,
  linesPerSecond: 100,
  outputBytes: 256 * 2 ** 10,
  callMs: 600_000,
  heartbeatMs: 5_000,
  disposeMs: 2_000,
};
