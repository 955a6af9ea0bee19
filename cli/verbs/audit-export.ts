import { resolve } from "node:path";
import { exportAudit } from "../../core/audit/index.ts";
import { sendRecords } from "../../core/audit/send-records.ts";
import { replaceFile } from "../../core/platform/durable-file.ts";
import { CodedError } from "../../schemas/errors.ts";
import { askedRecords, RECORD_FLAGS } from "../audit/record-flags.ts";
import type { VerbContext } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { valueOf } from "../flags.ts";
import { homeOf } from "../home.ts";
import { counted } from "../print/amount.ts";
import { bold, green } from "../print/style.ts";
import type { Verb, VerbResult } from "../verb.ts";
import { VERSION } from "../version.ts";

/** `plugin audit export`. */
export const verb: Verb = {
  name: "audit export",
  summary: "write the log as JSON lines, or send it to an OTLP collector",
  positionals: [],
  flags: [
    ...RECORD_FLAGS,
    { name: "output", short: "o", value: "file", summary: "write into this file, which is replaced" },
    {
      name: "otlp",
      value: "url",
      summary: "send to this collector: OTLP over HTTP, `/v1/logs` is added to an address alone",
    },
  ],
  about: [
    'Without `--output` and `--otlp` the records are printed, one JSON object a line: the line of the log with the name of its segment in front. Without `"segment":"…",` a line of the file is the line of the log byte for byte, so that the chain of hashes can be checked elsewhere.',
    "The collector gets a log record for each, sent by the OpenTelemetry SDK as OTLP/HTTP in JSON. `OTEL_EXPORTER_OTLP_HEADERS` holds what it wants to be authorised with. Nothing is sent unless this verb is run.",
  ],
  examples: [
    "plugin audit export --since 1d",
    "plugin audit export --until 90d --output audit-2026.jsonl",
    "plugin audit export --since 1h --otlp http://localhost:4318",
  ],
  run: async (context, args) => {
    const query = askedRecords(args, new Date());
    const lines = exportAudit(homeOf(context.environment).audit, query);
    const url = valueOf(args, "otlp");
    const output = valueOf(args, "output");
    if (url !== undefined && output !== undefined) {
      throw new CodedError("E_USAGE", "`--output` and `--otlp` are two exports", { hint: "run the command twice" });
    }
    if (url !== undefined) return sent(context, url, lines);
    if (output !== undefined) return written(context, resolve(context.cwd, output), [...lines]);
    if (context.options.json) {
      throw new CodedError("E_USAGE", "`plugin audit export` prints JSON lines, and `--json` is one document", {
        hint: "leave `--json` out, or write into a file with `--output`",
      });
    }
    for (const line of lines) context.writer.jsonLine(JSON.parse(line));
    return { exit: EXIT.ok, data: {}, text: () => [] };
  },
};

async function sent(context: VerbContext, url: string, lines: Iterable<string>): Promise<VerbResult> {
  const endpoint = endpointOf(url);
  if (context.options.offline) {
    throw new CodedError("E_OFFLINE", `\`${endpoint}\` is asked over the network`, { hint: "leave `--offline` out" });
  }
  const { dryRun } = context.options;
  const { services, quiet } = await context.engine();
  services.progress(`sending to ${endpoint}`);
  const records = dryRun ? [...lines].length : await sendRecords(lines, { url: endpoint, version: VERSION });
  quiet();
  return {
    exit: EXIT.ok,
    data: { outcome: dryRun ? "dry-run" : "sent", records, url: endpoint },
    text: () => [report(dryRun, counted(records, "record"), `sent to ${bold(endpoint)}`)],
  };
}

function written({ options: { dryRun } }: VerbContext, file: string, lines: readonly string[]): VerbResult {
  if (!dryRun) replaceFile(file, lines.map((line) => `${line}\n`).join(""));
  return {
    exit: EXIT.ok,
    data: { outcome: dryRun ? "dry-run" : "written", records: lines.length, file },
    text: () => [report(dryRun, counted(lines.length, "record"), `written to ${bold(file)}`)],
  };
}

function report(dryRun: boolean, what: string, done: string): string {
  return dryRun ? `dry run: ${what} would be ${done}` : `${green("done:")} ${what} ${done}`;
}

/** As `OTEL_EXPORTER_OTLP_ENDPOINT` is read: an address without a path is that of the collector. Throws `E_USAGE`. */
function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CodedError("E_USAGE", `\`--otlp ${text}\` is no http address`, {
      hint: "it is the address of a collector, e.g. `http://localhost:4318`",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new CodedError("E_USAGE", "`--otlp` takes no credentials in the address", {
      hint: "put them into the variable `OTEL_EXPORTER_OTLP_HEADERS`",
    });
  }
  if (url.pathname === "/") url.pathname = "/v1/logs";
  return url.href;
}
