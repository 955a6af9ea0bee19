import { hostname } from "node:os";
import { diag, SeverityNumber, type AnyValue } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, type LogRecordProcessor, type ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { CodedError } from "../../schemas/errors.ts";
import type { FoundRecord } from "./query-audit.ts";
import type { ReadLine } from "./record-line.ts";

/** Where records go. */
export interface SendOptions {
  /** Of the collector, with its path. */
  readonly url: string;
  /** Of this program. */
  readonly version: string;
}

/** Collectors take 4 MB a request. */
const BATCH_RECORDS = 500;

/**
 * Sends exported lines to a collector, as OTLP log records over HTTP in JSON, and gives how many there were. Each waits for the
 * answer to those before it, so that what was not accepted is told: throws `E_NETWORK`.
 */
export async function sendRecords(lines: Iterable<string>, { url, version }: SendOptions): Promise<number> {
  const made = new Made();
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      "service.name": "plugsmith",
      "service.version": version,
      "host.name": hostname(),
    }),
    processors: [made],
  });
  const logger = provider.getLogger("plugsmith.audit", version);
  const exporter = new OTLPLogExporter({ url });
  let sent = 0;
  const send = async (): Promise<void> => {
    const batch = made.take();
    if (batch.length > 0) await accepted(exporter, batch, { url, sent });
    sent += batch.length;
  };
  try {
    for (const line of lines) {
      logger.emit(logRecord(JSON.parse(line)));
      if (made.size === BATCH_RECORDS) await send();
    }
    await send();
  } finally {
    await exporter.shutdown();
  }
  return sent;
}

/** Keeps what the SDK has made of the records; the SDK's own processors tell nobody what became of them. */
class Made implements LogRecordProcessor {
  #records: ReadableLogRecord[] = [];

  get size(): number {
    return this.#records.length;
  }

  onEmit(record: ReadableLogRecord): void {
    this.#records.push(record);
  }

  take(): ReadableLogRecord[] {
    const taken = this.#records;
    this.#records = [];
    return taken;
  }

  async forceFlush(): Promise<void> {
    // Nothing is sent from here.
  }

  async shutdown(): Promise<void> {
    this.#records = [];
  }
}

/** The fields of an exported line, whose detail is JSON. */
interface ExportedLine extends Omit<FoundRecord, "edited" | "detail">, Pick<ReadLine, "previous"> {
  readonly detail?: Readonly<Record<string, AnyValue>>;
}

function logRecord({ at, action, subject, outcome, detail, ...place }: ExportedLine) {
  return {
    timestamp: new Date(at),
    severityNumber:
      outcome === "failed" ? SeverityNumber.ERROR : outcome === "denied" ? SeverityNumber.WARN : SeverityNumber.INFO,
    body: `${action} ${subject}: ${outcome}`,
    attributes: {
      "plugsmith.audit.action": action,
      "plugsmith.audit.subject": subject,
      "plugsmith.audit.outcome": outcome,
      ...(detail !== undefined && { "plugsmith.audit.detail": detail }),
      "plugsmith.audit.segment": place.segment,
      "plugsmith.audit.sequence": place.sequence,
      "plugsmith.audit.previous": place.previous,
      "plugsmith.audit.hash": place.hash,
    },
  };
}

async function accepted(
  exporter: OTLPLogExporter,
  batch: ReadableLogRecord[],
  { url, sent }: { readonly url: string; readonly sent: number },
): Promise<void> {
  // That a collector took a part only is told to the SDK's own log and to nobody else.
  const partial: string[] = [];
  const silent = (): void => undefined;
  const warn = (_message: string, ...said: unknown[]): void => void partial.push(said.map(String).join(" "));
  diag.setLogger({ error: silent, warn, info: silent, debug: silent, verbose: silent });
  try {
    const result = await new Promise<Parameters<Parameters<OTLPLogExporter["export"]>[1]>[0]>((resolve) => {
      exporter.export(batch, resolve);
    });
    const reason = result.error === undefined ? partial[0] : reasonOf(result.error);
    if (result.code === 0 && reason === undefined) return;
    throw new CodedError("E_NETWORK", `the collector did not take the records: ${reason ?? "it gave no reason"}`, {
      cause: result.error,
      where: url,
      hint: `${sent === 0 ? "nothing was sent" : `the first ${String(sent)} were sent`}; look at the address and at what the collector logs`,
    });
  } finally {
    diag.disable();
  }
}

function reasonOf(error: Error): string {
  const status = "code" in error && typeof error.code === "number" ? `status ${String(error.code)} ` : "";
  return `${status}${error.message}`.trim();
}
