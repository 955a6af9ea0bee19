import * as z from "zod";
import { webServe, type WebResponse } from "./web-server.ts";

/** One log record as it arrived. */
export interface ArrivedRecord {
  readonly at: string;
  readonly severity: number;
  readonly scope: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One request as it arrived. */
export interface ArrivedLogs {
  readonly path: string | undefined;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly records: readonly ArrivedRecord[];
}

/** A collector of OpenTelemetry logs on loopback, which decodes what OTLP/HTTP says in JSON. */
export interface Collector extends AsyncDisposable {
  /** Of its logs. */
  readonly url: string;
  readonly requests: readonly ArrivedLogs[];
}

/** `opentelemetry/proto/common/v1/common.proto` in the JSON mapping of protobuf: 64-bit numbers are strings. */
const anyValue: z.ZodType<unknown> = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
    z.strictObject({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
    z.strictObject({ intValue: z.union([z.string(), z.int()]) }).transform(({ intValue }) => Number(intValue)),
    z.strictObject({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
    z
      .strictObject({ arrayValue: z.strictObject({ values: z.array(anyValue) }) })
      .transform(({ arrayValue }) => arrayValue.values),
    z
      .strictObject({ kvlistValue: z.strictObject({ values: keyValues() }) })
      .transform(({ kvlistValue }) => kvlistValue.values),
    z.strictObject({}).transform(() => null),
  ]),
);

function keyValues() {
  return z
    .array(z.strictObject({ key: z.string(), value: anyValue }))
    .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));
}

const request = z.strictObject({
  resourceLogs: z.array(
    z.object({
      resource: z.object({ attributes: keyValues() }),
      scopeLogs: z.array(
        z.object({
          scope: z.object({ name: z.string() }),
          logRecords: z.array(
            z.object({
              timeUnixNano: z.string().regex(/^\d+$/u),
              severityNumber: z.int().min(1).max(24),
              body: anyValue,
              attributes: keyValues(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** Starts a collector that answers every request in one way; the default is that it takes everything. */
export async function collector(answer: WebResponse = { body: {} }): Promise<Collector> {
  const requests: ArrivedLogs[] = [];
  const server = await webServe(({ url, headers, body }) => {
    const { resourceLogs } = request.parse(JSON.parse(body));
    requests.push({
      path: url.pathname,
      type: headers["content-type"],
      authorization: headers.authorization,
      resource: resourceLogs[0]?.resource.attributes ?? {},
      records: resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ scope, logRecords }) =>
          logRecords.map(({ timeUnixNano, severityNumber, body: said, attributes }) => ({
            at: new Date(Number(BigInt(timeUnixNano) / 1_000_000n)).toISOString(),
            severity: severityNumber,
            scope: scope.name,
            body: said,
            attributes,
          })),
        ),
      ),
    });
    return answer;
  });
  return {
    url: `${server.origin}/v1/logs`,
    requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
